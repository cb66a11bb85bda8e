"""A question is answered for the first time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.conversations.render.buttons import Rows, quotes_button
from kunak.features.conversations.render.follow_ups import follow_up_rows
from kunak.features.conversations.render.votes import vote_row
from kunak.features.conversations.reply import to_says
from kunak.features.conversations.repository import searches
from kunak.features.conversations.schemas import (
    Generation,
    KeptSearch,
    NewSearch,
    Request,
    Spoken,
    ThreadMessage,
    View,
    Wish,
)
from kunak.features.conversations.service.grounded import Worded, put_into_words
from kunak.features.conversations.service.look import (
    Library,
    has_board,
    has_nothing_to_read,
    may_look_up,
    quotable,
    sources_worth_offering,
    spans_worth_offering,
)
from kunak.features.conversations.service.look_for import LONGEST, Sought, look_for
from kunak.features.conversations.service.memory import exchange, keeping, last_question, owing, recall
from kunak.features.conversations.service.page import page_buttons, page_text
from kunak.features.conversations.service.spend import paid_if_lost
from kunak.features.conversations.service.talk import talk
from kunak.features.messaging.schemas import Reply, Say
from kunak.features.search import service as search
from kunak.features.search.schemas import Answer, Mode
from kunak.foundation.clock import now
from kunak.foundation.db.engine import Sessions, one_statement
from kunak.foundation.language.languages import nearest
from kunak.foundation.language.words import Words
from kunak.integrations.telegram.text import FormattedText


async def answer_question(library: Library, spoken: Spoken, request: Request) -> Reply:
    """In a model's words where there is one to ask; else, and whenever it fails, in quotes."""
    words, model, at = spoken.words, library.model, now()
    if model is None:
        history: list[ThreadMessage] = []
    else:
        history = await recall(library.reading, spoken, library.history_tokens)
    if not may_look_up(spoken.bot):
        return await _without_library(library, spoken, request)
    only = quotable(spoken.bot)
    asked, note = await _on_the_board(library.reading, _new_search(spoken, request), words, only)
    answer, view = await look_for(library, Sought(asked, only, at, _goes_on_from(spoken, history)), request.span)
    if not answer.citations and await _has_nothing_to_read(library.reading, only):
        return await _without_library(library, spoken, request)
    worded = Worded()
    if asked.wish is Wish.QUESTION:
        worded = await put_into_words(library, spoken, request.text, answer, history)
    worded = replace(worded, note=worded.note or note)
    async with paid_if_lost(library, worded.record):
        said = await _say(library, spoken, KeptSearch(0, asked, at), _Found(answer, view, worded))
    count_gap = partial(search.keep_or_resolve, library.sessions, asked.question, _as_known(answer, worded), at)
    reply = Reply(said.says, has_nothing=answer.mode is Mode.NOTHING, note=count_gap)
    if model is None:
        return reply
    exchanged = exchange(request.text, said.remembered)
    keep = keeping(spoken, exchanged, worded.record, library.history_tokens)
    return replace(reply, keep=keep, owed=owing(worded.record))


def _goes_on_from(spoken: Spoken, history: Sequence[ThreadMessage]) -> str:
    """What a question with "it" in it is about: what it answers, else what was asked before."""
    return spoken.message.quoted[0].text if spoken.message.quoted else last_question(history)


@dataclass(frozen=True)
class _Found:
    """What there is to be said: the quotes, which of them, and a model's words where there are some."""

    answer: Answer
    view: View
    worded: Worded


@dataclass(frozen=True)
class _Said:
    """The calls that say it, and what is remembered of it."""

    says: Sequence[Say]
    remembered: str


async def _without_library(library: Library, spoken: Spoken, request: Request) -> Reply:
    unread = spoken.words.gettext("I have not been given anything to read yet.")
    if library.model is not None:
        return await talk(library, library.model, spoken, request.text, unread)
    return Reply(to_says(FormattedText().add(unread), spoken.message))


async def _has_nothing_to_read(sessions: Sessions, only: tuple[str, ...]) -> bool:
    async with sessions() as session:
        return await has_nothing_to_read(session, only)


async def _say(library: Library, spoken: Spoken, new: KeptSearch, found: _Found) -> _Said:
    """With buttons when there is more to see; under a model's words what may come next, the quotes, and votes."""
    answer, words = found.answer, spoken.words
    async with library.reading() as session:
        only = quotable(spoken.bot)
        new = replace(new, asked=await _with_offers(session, new.asked, answer, new.asked_at, only))
    if found.worded.text is not None:
        kept = await _keep(library.sessions, new)
        buttons = _with_feedback(quotes_button(kept.id, words), found.worded.record)
        return _Said(to_says(found.worded.text, spoken.message, buttons, spoken.bot.answers), found.worded.body)
    text = page_text(answer, found.view, words, found.worded.note)
    buttons = await _buttons(library.sessions, new, answer, found.view, words)
    return _Said(to_says(text, spoken.message, buttons), text.text)


def _with_feedback(quotes: Rows, record: Generation | None) -> Rows:
    if record is None:
        return quotes
    return [*follow_up_rows(record.key, record.follow_ups), *quotes, vote_row(record.key)]


def _as_known(answer: Answer, worded: Worded) -> Answer:
    """What search found is no answer where a model found none in it."""
    return replace(answer, citations=(), mode=Mode.NOTHING) if worded.found_nothing else answer


def _new_search(spoken: Spoken, request: Request) -> NewSearch:
    message = spoken.message
    return NewSearch(
        bot_id=spoken.bot.id,
        chat_id=message.chat_id,
        # What was pressed bears no message of its own, and two questions under one answer are two searches.
        message_id=-spoken.inbox_id if spoken.is_pressed else message.message_id,
        wish=request.wish,
        question=request.text[:LONGEST].replace("\0", " "),
        language=nearest(message.language_code),
    )


async def _on_the_board(
    sessions: Sessions, asked: NewSearch, words: Words, only: tuple[str, ...]
) -> tuple[NewSearch, str]:
    """A search for an offer is narrowed to listings; while there are none, the question as it is and an honest word.

    The word is for quotes: who asks where tickets are sold may well be taken for somebody looking for an offer.
    """
    if asked.wish is not Wish.FIND_LISTING:
        return asked, ""
    async with sessions() as session:
        if await has_board(session, only):
            return asked, ""
    note = words.gettext("The notice board is not open yet: I look only through channels and documents.")
    return replace(asked, wish=Wish.QUESTION), note


async def _with_offers(
    session: AsyncSession, asked: NewSearch, answer: Answer, at: datetime, only: tuple[str, ...]
) -> NewSearch:
    is_digest = answer.mode is Mode.DIGEST
    return replace(
        asked,
        wish=Wish.DIGEST if is_digest else asked.wish,
        spans=await spans_worth_offering(session, answer, at, only),
        sources=await sources_worth_offering(session, answer.leads),
    )


async def _buttons(sessions: Sessions, new: KeptSearch, answer: Answer, view: View, words: Words) -> Rows:
    """Kept only when there are any: each row costs a write."""
    if not (new.asked.spans or new.asked.sources or answer.has_more):
        return []
    return page_buttons(answer, await _keep(sessions, new), view, words)


async def _keep(sessions: Sessions, new: KeptSearch) -> KeptSearch:
    async with one_statement(sessions) as session:
        return replace(new, id=await searches.keep_search(session, new.asked, new.asked_at))
