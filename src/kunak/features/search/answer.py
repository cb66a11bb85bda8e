"""Answers a question: with quotes from what is nearest to it, or with the stories of the period it asks for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.digest import digest
from kunak.features.search.freshness import freshest_first
from kunak.features.search.gaps import keep_or_resolve
from kunak.features.search.quote import quote
from kunak.features.search.repository import filtering, telling
from kunak.features.search.repository.digesting import get_newest
from kunak.features.search.retrieve import NO_EQUIPMENT, search
from kunak.features.search.schemas import (
    Answer,
    Citation,
    Digest,
    Equipment,
    Filters,
    Found,
    Hit,
    Lead,
    Mode,
    Page,
    Span,
)
from kunak.features.search.stories import also_told, once_each, quoted_from, story_ids
from kunak.features.search.wish import Wish, read_wish
from kunak.features.understanding.schemas import Intent
from kunak.features.understanding.service import MOSCOW, is_small_talk
from kunak.foundation import clock
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.detect import detect_language
from kunak.foundation.language.languages import DEFAULT, Language
from kunak.foundation.observability.timing import stage

_MOST_CITATIONS = 5
_MOST_STORIES = 10
_HITS = 40

_LEAST_COVERAGE = 0.38
"""Nothing is quoted unless one passage holds this part of the question, or is near for sure.

Measured on a corpus with the answers and one without: below it are 1 of 100 questions whose answer was found (1 of 10
with a typing error), and 6 of 10 that have no answer.
"""
_LEAST_OF_EACH = 0.2
"""Part of the question that every quoted passage holds: else the best of many bad ones would draw the others along."""
_LEAST_SCORE = 0.45
"""Part of the best score that a further passage needs; no right passage was seen below it."""

FIRST_PAGE = Page()

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_ENOUGH_FOR_A_DAY = 3
"""Stories; with fewer a digest that names no period is of the week."""


async def answer_question(
    sessions: Sessions,
    question: str,
    *,
    language: Language = DEFAULT,
    now: datetime | None = None,
    page: Page = FIRST_PAGE,
    equipment: Equipment = NO_EQUIPMENT,
) -> Answer:
    """The answer to whatever somebody wrote; a question without one is kept as a gap."""
    now = now or clock.now()
    async with sessions() as session:
        answer = await ask(session, question, language, now=now, page=page, equipment=equipment)
    if page.skip == 0:
        await keep_or_resolve(sessions, question, answer, now)
    return answer


async def ask(
    session: AsyncSession,
    question: str,
    language: Language = DEFAULT,
    *,
    now: datetime | None = None,
    page: Page = FIRST_PAGE,
    equipment: Equipment = NO_EQUIPMENT,
) -> Answer:
    """What is known about `question`, whatever it wants; `language` is taken when the question itself shows none."""
    now = (now or clock.now()).astimezone(MOSCOW)
    spoken, is_ours = detect_language(question, otherwise=language), not session.in_transaction()
    wish = read_wish(question, now)
    if page.narrowed.published_from is not None:
        wish = replace(wish, period=Span(page.narrowed.published_from.astimezone(MOSCOW), now))
    asked = _Asked(wish, spoken, now, page, equipment, is_ours)
    # A lone word that is known from talk may still be what somebody looks for.
    if asked.wish.intent is Intent.CHAT and len(question.split()) > 1 and is_small_talk(question, now=now):
        return Answer(spoken, (), Mode.NOTHING)
    if asked.wish.intent is Intent.DIGEST:
        answer = await _tell_news(session, asked)
        if answer.citations or not asked.wish.subject:
            return answer
    return await _look_up(session, asked)


@dataclass(frozen=True)
class _Asked:
    wish: Wish
    language: Language
    now: datetime
    page: Page
    equipment: Equipment
    is_ours: bool
    """The session came without a transaction."""


async def _look_up(session: AsyncSession, asked: _Asked) -> Answer:
    """From the period and the place that are named; when nothing there is near enough, from all there is."""
    wish, place = asked.wish, await _known_place(session, asked.wish)
    if wish.period is not None or place is not None:
        words = wish.words_without_place if place else wish.words
        answer = await _answer(session, asked, words, _within(wish.period, place))
        if answer.citations:
            return replace(answer, period=wish.period)
    answer = await _answer(session, asked, wish.words_of_any_time, Filters())
    return replace(answer, period=wish.period, is_other_time=_is_other_time(answer, wish.period))


async def _known_place(session: AsyncSession, wish: Wish) -> str | None:
    """The place to narrow by; None when it is but a word, since nothing says that it is from there."""
    if wish.place is None:
        return None
    filters = Filters(places=(wish.place.name,))
    return wish.place.name if await filtering.count_entries(session, filters, most=1) else None


def _within(period: Span | None, place: str | None) -> Filters:
    return Filters(
        places=(place,) if place else (),
        published_from=period.start if period else None,
        published_before=period.end if period else None,
    )


def _is_other_time(answer: Answer, period: Span | None) -> bool:
    dates = [citation.published_at for citation in answer.citations if citation.published_at is not None]
    return period is not None and any(not period.start <= each < period.end for each in dates)


async def _answer(session: AsyncSession, asked: _Asked, words: str, filters: Filters) -> Answer:
    if asked.is_ours:
        await session.rollback()  # no connection is held while models are asked
    skip, most = asked.page.skip, asked.page.most or _MOST_CITATIONS
    filters = replace(_both(filters, asked.page.narrowed), sources=asked.page.sources)
    with stage("search"):
        found = await search(session, words, limit=_HITS, filters=filters, equipment=asked.equipment)
    near = once_each(freshest_first(_near_enough(found.hits), asked.wish.freshness, asked.now))
    chosen = await _name_tellings(session, near[skip : skip + most], asked.page.only)
    if not chosen:
        return Answer(asked.language, (), Mode.NOTHING, is_makeshift=found.is_makeshift)
    with stage("quote"):
        quotes = await quote(session, found.terms, chosen)
    citations = tuple(
        _cite(number, hit, quoted)
        for number, (hit, quoted) in enumerate(zip(chosen, quotes, strict=True), start=skip + 1)
    )
    return Answer(
        asked.language,
        citations,
        Mode.HYBRID if found.by_meaning else Mode.LEXICAL,
        found.corrected,
        has_more=len(near) > skip + most,
        leads=tuple(Lead(hit.source, hit.published_at) for hit in near),
        is_makeshift=found.is_makeshift,
        passages=tuple(chosen),
    )


def _cite(number: int, hit: Hit, quoted: str) -> Citation:
    return Citation(
        number, hit.reference, hit.title, hit.url, quoted, hit.published_at, also=hit.also, source=hit.source
    )


def _both(filters: Filters, narrowed: Filters) -> Filters:
    given = {name: value for name, value in vars(narrowed).items() if value not in (None, ())}
    return replace(filters, **given)


def _near_enough(hits: Sequence[Hit]) -> list[Hit]:
    if not any(hit.coverage >= _LEAST_COVERAGE or hit.is_near for hit in hits[:_MOST_CITATIONS]):
        return []
    return [hit for hit in hits if hit.score >= _LEAST_SCORE * hits[0].score and _is_about(hit)]


def _is_about(hit: Hit) -> bool:
    return hit.is_near or hit.coverage >= _LEAST_OF_EACH


async def _name_tellings(session: AsyncSession, hits: list[Hit], only: Sequence[str] = ()) -> list[Hit]:
    """`hits` with all that tell their stories, found or not; of the sources `only`, when some are named."""
    if ids := story_ids(hits):
        tellings = await telling.list_tellings(session, ids)
        hits = [replace(hit, also=also_told(hit, tellings.get(hit.story_id or 0, ()))) for hit in hits]
    if not only:
        return hits
    others = [(hit.kind, hit.thing_id) for hit in hits if hit.source not in only]
    copies = await telling.list_further(session, others) if others else {}
    named = [quoted_from(hit, copies.get((hit.kind, hit.thing_id), ()), only) for hit in hits]
    return [hit for hit in named if hit is not None]


async def find(
    session: AsyncSession,
    question: str,
    *,
    limit: int = 10,
    filters: Filters | None = None,
    now: datetime | None = None,
    equipment: Equipment = NO_EQUIPMENT,
) -> Found:
    """The best passage of each story, at most `limit`; what is new comes earlier when the question asks for it."""
    now = now or clock.now()
    found = await search(session, question, limit=2 * limit, filters=filters or Filters(), equipment=equipment)
    hits = freshest_first(found.hits, read_wish(question, now).freshness, now)
    return replace(found, hits=tuple(await _name_tellings(session, once_each(hits)[:limit])))


async def _tell_news(session: AsyncSession, asked: _Asked) -> Answer:
    wish, place = asked.wish, await _known_place(session, asked.wish)
    about = wish.subject if place or wish.place is None else f"{wish.subject} {wish.place.name}"
    news = _News(about.strip() or None, place, asked.page)
    if wish.period is not None:
        told = await _digest(session, news, wish.period)
        # Whoever asks for the latest is told the latest there is; whoever asks for a day in the past, of that day only.
        if not told.total and wish.period.end >= asked.now and asked.page == FIRST_PAGE:
            latest = await _digest_latest(session, news, asked.now)
            if latest.stories:
                return replace(_as_answer(latest, asked.language), is_other_time=True)
    else:
        told = await _digest_latest(session, news, asked.now)
    return _as_answer(told, asked.language)


@dataclass(frozen=True)
class _News:
    about: str | None
    place: str | None
    page: Page


async def _digest(session: AsyncSession, news: _News, period: Span) -> Digest:
    return await digest(
        session,
        period_from=period.start,
        period_before=period.end,
        place=news.place,
        about=news.about,
        sources=news.page.sources,
        only=news.page.only,
        limit=news.page.most or _MOST_STORIES,
        offset=news.page.skip,
    )


async def _digest_latest(session: AsyncSession, news: _News, now: datetime) -> Digest:
    """Of the last day when enough happened, else of the last week, else of the last week that anything is from."""
    told = await _digest(session, news, Span(now - _DAY, now))
    if told.total >= _ENOUGH_FOR_A_DAY:
        return told
    told = await _digest(session, news, Span(now - _WEEK, now))
    newest = None if told.total else await get_newest(session, Filters(published_before=now, sources=news.page.only))
    if newest is None:
        return told
    end = newest.astimezone(now.tzinfo) + timedelta(seconds=1)
    return await _digest(session, news, Span(end - _WEEK, end))


def _as_answer(told: Digest, language: Language) -> Answer:
    citations = tuple(
        Citation(
            story.number,
            story.quoted.id,
            story.quoted.title,
            story.quoted.url,
            story.quote,
            story.quoted.published_at,
            headline=story.headline,
            also=story.also,
            source=story.quoted.source,
        )
        for story in told.stories
    )
    mode = Mode.DIGEST if citations else Mode.NOTHING
    return Answer(language, citations, mode, period=told.period, has_more=told.has_more, leads=told.leads)
