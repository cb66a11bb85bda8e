"""Looking something up, and finding out how its answer can be looked at further."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.bots.schemas import Bot
from kunak.features.conversations.schemas import PAGE, NewSearch, OfferedSource, Span, View, Wish
from kunak.features.conversations.service.hearings import Hearings
from kunak.features.conversations.service.listen import Stage
from kunak.features.conversations.service.memory import MOST_TOKENS
from kunak.features.ingestion import service as ingestion
from kunak.features.language_models.schemas import Bookkeeping, Spender
from kunak.features.search import service as search
from kunak.features.search.schemas import Answer, Equipment, Filters, Lead, Mode, Page
from kunak.features.understanding.service import Refines
from kunak.foundation.db.engine import Sessions
from kunak.integrations.language_model.interface import LanguageModel
from kunak.integrations.telegram.files import TelegramFiles
from kunak.integrations.telegram.interface import TelegramClient
from kunak.integrations.transcription.interface import Transcriber


@dataclass(frozen=True)
class Ears:
    """Who writes down what is said, and how much of it at once."""

    transcriber: Transcriber
    provider: str = ""
    model: str = ""
    """By which it is counted what listening costs."""
    most_seconds: int = 300
    most_bytes: int = 20 * 2**20
    hearings: Hearings = field(default_factory=Hearings, compare=False, repr=False)

    async def close(self) -> None:
        await self.hearings.close()
        await self.transcriber.close()


@dataclass(frozen=True)
class Library:
    """What questions are looked up in, and with what."""

    sessions: Sessions
    reading: Sessions
    """For what only reads: without a transaction around each statement."""
    equipment: Equipment = field(default_factory=Equipment)
    model: LanguageModel | None = None
    """Who puts answers into words; None: answers are quotes."""
    refiner_for: Callable[[Spender], Refines] | None = None
    """Who is asked where it is in doubt what somebody wants, and counts it among what this somebody spends."""
    telegram: TelegramClient | None = None
    """By which a question from a button is shown before its answer."""
    history_tokens: int = MOST_TOKENS
    """Of earlier messages that go with a question."""
    books: Bookkeeping = field(default_factory=Bookkeeping)
    """By which what the model costs is counted."""
    stage: Stage | None = None
    """On which answers are shown while they are written; None: they are shown when they are whole."""
    files: TelegramFiles | None = None
    """Who gives the pictures and recordings that people send."""
    ears: Ears | None = None
    """None: voice messages are not understood."""


_LISTING = "listing"
"""The kind of listings in search."""
_MOST_SOURCES = 6
_MOST_COUNTED = 10_000
_JUST_NOW = timedelta(minutes=1)
_SPANS = (Span.DAY, Span.WEEK, Span.MONTH)


def quotable(bot: Bot) -> tuple[str, ...]:
    """The sources that the bot may quote; empty when it may quote all. Ask `may_look_up` first: it may quote none."""
    return bot.sources or ()


def may_look_up(bot: Bot) -> bool:
    """Whether the bot has a knowledge base at all."""
    return bot.sources != ()


def page_of(asked: NewSearch, view: View, now: datetime, only: tuple[str, ...] = ()) -> Page:
    """The page of the answer that `view` names. `only`: the sources that may be quoted."""
    narrowed = Filters(
        kinds=(_LISTING,) if asked.wish is Wish.FIND_LISTING else (),
        sources=tuple(each.key for each in asked.sources[view.source - 1 : view.source] if view.source),
        published_from=now - view.span.length if view.span.length else None,
    )
    return Page(narrowed, view.skip, PAGE, only)


async def has_board(session: AsyncSession, only: tuple[str, ...] = ()) -> bool:
    """Whether there are listings to look through."""
    return await search.count(session, Filters(kinds=(_LISTING,), sources=only), most=1) > 0


async def has_nothing_to_read(session: AsyncSession, only: tuple[str, ...] = ()) -> bool:
    return await search.is_empty(session) or (
        bool(only) and await search.count(session, Filters(sources=only), most=1) == 0
    )


async def spans_worth_offering(
    session: AsyncSession, answer: Answer, now: datetime, only: tuple[str, ...] = ()
) -> list[Span]:
    """Those that change something: shorter ones than any time for what was found, any that has news for a digest."""
    if answer.mode is not Mode.DIGEST:
        offered = _growing([_within(answer.leads, now, span) for span in _SPANS], below=len(answer.leads))
        return [Span.ANY, *offered] if offered else []
    lengths = [span.length for span in _SPANS if span.length]
    filters = [Filters(published_from=now - length, published_before=now, sources=only) for length in lengths]
    offered = _growing([await search.count(session, each, most=_MOST_COUNTED) for each in filters])
    current = span_of(answer, now)
    return offered if current in offered else [current, *offered] if offered else []


def _growing(counts: Sequence[int], below: int | None = None) -> list[Span]:
    """The spans that hold more than the next shorter one, and fewer than `below`."""
    shorter = [0, *counts]
    return [
        span
        for span, fewer, count in zip(_SPANS, shorter, counts, strict=False)
        if fewer < count and (below is None or count < below)
    ]


def _within(leads: Sequence[Lead], now: datetime, span: Span) -> int:
    since = now - (span.length or timedelta())
    return sum(lead.published_at is not None and lead.published_at >= since for lead in leads)


def span_of(answer: Answer, now: datetime) -> Span:
    """Which of the spans a digest is of; ANY when it is of none of them."""
    if answer.mode is not Mode.DIGEST or answer.period is None or abs(answer.period.end - now) > _JUST_NOW:
        return Span.ANY
    length = answer.period.end - answer.period.start
    return next((span for span in _SPANS if span.length == length), Span.ANY)


async def sources_worth_offering(session: AsyncSession, leads: Sequence[Lead]) -> list[OfferedSource]:
    """Those with most results first; none when all results come from one."""
    counted = Counter(lead.source for lead in leads)
    if len(counted) == 1:
        return []
    keys = [key for key, _ in counted.most_common() if key is not None][:_MOST_SOURCES]
    titles = await ingestion.get_source_titles(session, keys)
    return [OfferedSource(key, titles.get(key, key)) for key in keys]
