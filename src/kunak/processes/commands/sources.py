"""`kunak source …` and `kunak ingest`."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from kunak.features.ingestion import service as ingestion
from kunak.features.ingestion.schemas import Outcome, Preview, Reading, Source, Wish
from kunak.features.search import service as search
from kunak.features.telegram_account.schemas import OpenAccount
from kunak.foundation.clock import sleep_unless
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import InvalidInputError
from kunak.foundation.settings import Settings
from kunak.processes.bootstrap import Kunak
from kunak.processes.outside import open_outside
from kunak.processes.telegram_account import follow_account, lend_account

ACTOR = "command line"
_LOOK_EVERY_S = 2.0
_FINISH_S = 2.0


async def preview_source(
    settings: Settings,
    address: str,
    wish: Wish,
    *,
    sessions: Sessions | None = None,
    open_account: OpenAccount | None = None,
) -> Preview:
    """What would be read. The database is needed for the Telegram account alone, the network for all but files."""
    async with open_outside(settings, sessions, open_account=open_account) as outside:
        return await ingestion.preview(address, outside, wish=wish, with_files=True)


async def preview_by_account(kunak: Kunak, address: str, wish: Wish) -> Preview:
    """What the Telegram account would read."""
    async with lend_account(kunak) as open_account:
        return await preview_source(kunak.settings, address, wish, sessions=kunak.sessions, open_account=open_account)


async def add_source(kunak: Kunak, address: str, wish: Wish) -> tuple[Source, Preview]:
    """The new source, and what was seen at its address."""
    seen = await preview_by_account(kunak, address, wish)
    new = ingestion.as_wished(seen, wish)
    async with kunak.sessions.begin() as session:
        return await ingestion.add_source(session, new, actor=ACTOR), seen


async def list_sources(kunak: Kunak) -> list[Source]:
    async with kunak.sessions() as session:
        return await ingestion.list_sources(session)


async def find_source(kunak: Kunak, name: str) -> Source:
    async with kunak.sessions() as session:
        return await ingestion.find_source(session, name)


async def pause_source(kunak: Kunak, name: str) -> Source:
    async with kunak.sessions.begin() as session:
        source = await ingestion.find_source(session, name)
        await ingestion.pause_source(session, source, actor=ACTOR)
    return await find_source(kunak, str(source.id))


async def resume_source(kunak: Kunak, name: str) -> Source:
    async with kunak.sessions.begin() as session:
        source = await ingestion.find_source(session, name)
        await ingestion.resume_source(session, source, actor=ACTOR)
    return await find_source(kunak, str(source.id))


async def remove_source(kunak: Kunak, name: str) -> tuple[Source, int]:
    """The source that was, and how many documents went with it."""
    source = await find_source(kunak, name)
    return source, await ingestion.remove_source(kunak.sessions, source, actor=ACTOR)


async def run_source(kunak: Kunak, name: str) -> tuple[Source, Reading]:
    """Read a source now, due or not.

    Raises:
        InvalidInputError: it is paused, came in a file, or is being read by somebody else.
    """
    source = await find_source(kunak, name)
    async with (
        lend_account(kunak) as open_account,
        open_outside(kunak.settings, kunak.sessions, open_account=open_account) as outside,
    ):
        reading = await ingestion.read_source(kunak.sessions, outside, source.id)
    if reading.outcome is Outcome.BUSY:
        raise InvalidInputError(f"{source.title} is being read by another process just now.")
    if reading.outcome is Outcome.SKIPPED:
        raise InvalidInputError(f"{source.title} is paused or came in a file: it is not read.")
    await _refresh_lexicon(kunak)
    return await find_source(kunak, str(source.id)), reading


Report = Callable[[Source, Reading], None]


async def ingest(kunak: Kunak, *, report: Report, watch: bool, stop: asyncio.Event) -> dict[int, Reading]:
    """Read everything that is due, again and again until nothing is; with `watch`, until `stop`.

    What is broken off at any point goes on at the next reading. Returns what came of each source.
    """
    done: dict[int, Reading] = {}
    async with (
        lend_account(kunak) as open_account,
        open_outside(kunak.settings, kunak.sessions, open_account=open_account) as outside,
        _following(kunak, outside, stop, report, watch=watch),
    ):
        while not stop.is_set():
            async with kunak.sessions() as session:
                due = await ingestion.list_due_sources(session)
                due += [] if watch else await ingestion.list_due_sources(session, by_account=True)
            due = [each for each in due if watch or each not in done or done[each].outcome is Outcome.READ]
            if not due and not watch:
                break
            for source_id, reading in await _read_all(kunak, outside, due, report, stop):
                before = done.get(source_id, Reading(Outcome.SKIPPED))
                done[source_id] = reading.plus(before.fetched, before.stored, before.removed)
            await _refresh_lexicon(kunak)
            if watch:
                await sleep_unless(_LOOK_EVERY_S, stop)
    return done


@asynccontextmanager
async def _following(
    kunak: Kunak, outside: ingestion.Outside, stop: asyncio.Event, report: Report, *, watch: bool
) -> AsyncIterator[None]:
    """Watching, the Telegram account is listened to, too."""
    work = follow_account(kunak, outside, stop, report=report) if watch else asyncio.sleep(0)
    following = asyncio.ensure_future(work)
    try:
        yield
    finally:
        await asyncio.wait([following], timeout=_FINISH_S)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def _read_all(
    kunak: Kunak, outside: ingestion.Outside, due: list[int], report: Report, stop: asyncio.Event
) -> list[tuple[int, Reading]]:
    turns = asyncio.Semaphore(kunak.settings.ingest_concurrency)
    kept: dict[int, Reading] = {}

    def note(source: Source, reading: Reading) -> None:
        kept[source.id] = reading
        report(source, reading)

    watching = ingestion.Watching(stop.is_set, note)

    async def read(source_id: int) -> tuple[int, Reading]:
        async with turns:
            if stop.is_set():
                return source_id, Reading(Outcome.STOPPED)
            reading = await ingestion.read_source(
                kunak.sessions, outside, source_id, watching=watching, only_if_due=True
            )
            return source_id, reading

    ended = dict(await _unless_stopped([asyncio.ensure_future(read(each)) for each in due], stop))
    broken_off = {each: dataclasses.replace(kept[each], outcome=Outcome.STOPPED) for each in kept.keys() - ended.keys()}
    return [*ended.items(), *broken_off.items()]


async def _unless_stopped(
    readings: "list[asyncio.Future[tuple[int, Reading]]]", stop: asyncio.Event
) -> list[tuple[int, Reading]]:
    """What came of them. Told to stop, they may finish the step in hand; who waits for a slow site is broken off."""
    stopping = asyncio.ensure_future(stop.wait())
    try:
        waiting: set[asyncio.Future[Any]] = set(readings)
        while waiting and not stop.is_set():
            _, waiting = await asyncio.wait({*waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            waiting.discard(stopping)
        if waiting:
            await asyncio.wait(waiting, timeout=_FINISH_S)
    finally:
        stopping.cancel()
        for reading in readings:
            reading.cancel()
        outcomes = await asyncio.gather(*readings, return_exceptions=True)
    for each in outcomes:
        if isinstance(each, BaseException) and not isinstance(each, asyncio.CancelledError):
            raise each
    return [each for each in outcomes if not isinstance(each, BaseException)]


async def _refresh_lexicon(kunak: Kunak) -> None:
    async with kunak.sessions.begin() as session:
        await search.refresh_lexicon(session)


def preview_to_json(seen: Preview) -> dict[str, Any]:
    source, contents = seen.source, seen.contents
    posts = [_to_json(dataclasses.asdict(post)) for post in contents.posts]
    found = {"kind": source.kind.value, "title": contents.title, "address": source.address}
    return found | {"mode": source.options.mode, "notes": list(contents.notes), "posts": posts}


def source_to_json(source: Source) -> dict[str, Any]:
    values = _to_json(dataclasses.asdict(source))
    return {name: value for name, value in values.items() if name not in {"cursor", "version"}}


def reading_to_json(source: Source, reading: Reading) -> dict[str, Any]:
    return {"source": source_to_json(source), "reading": _to_json(dataclasses.asdict(reading))}


def _to_json(value: Any) -> Any:
    """Times as ISO 8601, durations as seconds."""
    match value:
        case dict():
            return {name: _to_json(each) for name, each in value.items()}
        case list() | tuple():
            return [_to_json(each) for each in value]
        case datetime():
            return value.isoformat()
        case timedelta():
            return round(value.total_seconds())
    return value
