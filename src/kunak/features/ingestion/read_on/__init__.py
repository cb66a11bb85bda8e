"""A source is read on: step after step, each kept in one transaction with the place where it ended."""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.ingestion.errors import SourceClosedError
from kunak.features.ingestion.fetch import Outside
from kunak.features.ingestion.read_on.keep import Keeper, OvertakenError
from kunak.features.ingestion.read_on.pages import follow_site
from kunak.features.ingestion.read_on.steps import follow_steps
from kunak.features.ingestion.repository import sources as repository
from kunak.features.ingestion.repository.locks import try_hold_source
from kunak.features.ingestion.schemas import Outcome, Reading, Source, SourceKind, SourceState
from kunak.features.messaging.service import raise_alert
from kunak.foundation.clock import now
from kunak.foundation.db.engine import Sessions
from kunak.foundation.db.outage import is_outage
from kunak.foundation.errors import KunakError, NotFoundError, RetryableError
from kunak.foundation.observability import metrics
from kunak.integrations.telegram_channels.interface import AccountWaitError
from kunak.integrations.web_pages.interface import PageGoneError

log = logging.getLogger(__name__)

SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(hours=24)
_FIRST_PAUSE = timedelta(minutes=5)
_SLOWER, _FASTER = 1.5, 0.6
_JITTER = 0.1
_LONG_FAILING = timedelta(days=1)
_ONCE = timedelta(days=3650)
_GONE = (NotFoundError, PageGoneError, SourceClosedError)


@dataclass(frozen=True)
class Watching:
    """What goes on outside of a reading."""

    is_stopped: Callable[[], bool] = lambda: False
    report: Callable[[Source, Reading], None] = lambda _source, _reading: None
    """Is told of each step when it is kept."""


async def read_source(
    sessions: Sessions, outside: Outside, source_id: int, *, watching: Watching = Watching(), only_if_due: bool = False
) -> Reading:
    """Read a source from its cursor to its end, and say when it is due again.

    What goes wrong outside is written down at the source and does not raise. Errors of the database do; the next
    reading goes on where this one was.
    """
    async with try_hold_source(sessions, source_id) as held:
        if not held:
            return Reading(Outcome.BUSY)
        async with sessions() as session:
            source = await repository.get_source(session, source_id)
        if source is None or not _is_readable(source, only_if_due=only_if_due):
            return Reading(Outcome.SKIPPED)
        reading = await _read(sessions, outside, source, watching)
    metrics.READINGS.labels(source.kind.value, reading.outcome.value).inc()
    return reading


def _is_readable(source: Source, *, only_if_due: bool) -> bool:
    if source.address is None or source.state is not SourceState.ACTIVE:
        return False
    return not only_if_due or (source.next_at is not None and source.next_at <= now())


async def _read(sessions: Sessions, outside: Outside, source: Source, watching: Watching) -> Reading:
    keeper = Keeper(sessions, source, watching.report)
    follow = follow_site if source.kind is SourceKind.SITE else follow_steps
    try:
        finished = await follow(keeper, outside, watching.is_stopped)
    except OvertakenError:
        return keeper.end(Outcome.SKIPPED)
    except KunakError as error:
        return await _fail(sessions, source, keeper, error)
    except Exception as error:
        if is_outage(error):
            raise
        # A library met something it had never seen. The source must not be lost for that; a person can report it.
        # What the database refuses is told without a trace: its words hold the whole statement with all texts.
        trace = None if isinstance(error, DBAPIError) else error
        log.error("ingestion: source %d could not be read (%s)", source.id, type(error).__name__, exc_info=trace)  # noqa: TRY400  see above
        return await _fail(
            sessions, source, keeper, KunakError(f"It could not be taken apart: {type(error).__name__}.")
        )
    if not finished:
        return keeper.end(Outcome.STOPPED)
    interval = next_interval(source, keeper.reading)
    async with sessions.begin() as session:
        next_in = timedelta() if keeper.has_more else _with_jitter(interval)
        await repository.finish_reading(session, source.id, interval=interval, next_in=next_in)
    return keeper.end(Outcome.READ)


async def _fail(sessions: Sessions, source: Source, keeper: Keeper, error: KunakError) -> Reading:
    pause = pause_after(source.failures, error)
    log.warning("ingestion: source %d (%s): %s", source.id, source.title, error)
    async with sessions.begin() as session:
        since = await repository.fail_reading(session, source.id, error=str(error)[:1000], pause=pause)
        if since is not None:
            await _alert(session, source, error, since)
    return keeper.end(Outcome.FAILED, str(error))


async def _alert(session: AsyncSession, source: Source, error: KunakError, since: datetime) -> None:
    """Tell the admins once of each time that a source fails for a day, and at once of one that is no longer there."""
    if not isinstance(error, _GONE) and now() - since < _LONG_FAILING:
        return
    words = f"{source.title} (source {source.id}) cannot be read since {since:%Y-%m-%d %H:%M} UTC: {error}"
    hint = f"It is tried again; `kunak source pause {source.id}` ends that. What it brought is kept."
    await raise_alert(session, f"source-failing:{source.id}:{since.isoformat()}", f"{words} {hint}", window=_ONCE)


def next_interval(source: Source, reading: Reading) -> timedelta:
    """Shorter when something was new, longer when nothing was; as a person wished, if they did."""
    if source.every is not None:
        return source.every
    news = reading.stored.added + reading.stored.changed + reading.removed
    return min(max(source.interval * (_FASTER if news else _SLOWER), SHORTEST), LONGEST)


def pause_after(failures: int, error: KunakError) -> timedelta:
    """Until the next try: doubled with every failure in a row, and no shorter than the other side asked."""
    if isinstance(error, AccountWaitError) and error.retry_after is not None:
        return timedelta(seconds=error.retry_after)  # it says nothing of this source
    pause: timedelta = _with_jitter(min(_FIRST_PAUSE * 2.0 ** min(failures, 20), LONGEST))
    asked = error.retry_after if isinstance(error, RetryableError) else None
    return max(pause, timedelta(seconds=asked or 0))


def _with_jitter(pause: timedelta) -> timedelta:
    """So that sources that were added together are not all due at the same moment."""
    return pause * random.uniform(1 - _JITTER, 1)  # noqa: S311  no secret
