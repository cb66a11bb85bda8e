"""A question is answered for the first time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.conversations import repository
from kunak.features.conversations.render.buttons import Rows
from kunak.features.conversations.reply import to_says
from kunak.features.conversations.schemas import KeptSearch, NewSearch, Request, Span, View, Wish
from kunak.features.conversations.service.look import (
    Library,
    has_board,
    page_of,
    sources_worth_offering,
    span_of,
    spans_worth_offering,
)
from kunak.features.conversations.service.page import page_buttons, page_text
from kunak.features.messaging.schemas import Say
from kunak.features.search import service as search
from kunak.features.search.schemas import Answer, Mode
from kunak.foundation.clock import now
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.languages import nearest
from kunak.foundation.language.words import Words, words_for
from kunak.integrations.telegram.incoming import IncomingMessage
from kunak.integrations.telegram.text import FormattedText

_LONGEST_QUESTION = 2000
"""Characters; search reads no further."""


async def answer_question(library: Library, bot_id: int, message: IncomingMessage, request: Request) -> Sequence[Say]:
    """The first page, with buttons when there is more to see."""
    sessions = library.sessions
    words, at = words_for(message.language_code), now()
    asked, note = await _on_the_board(sessions, _new_search(bot_id, message, request), words)
    answer, view = await _look(library, asked, request.span, at)
    async with sessions() as session:
        if not answer.citations and await search.is_empty(session):
            return to_says(FormattedText().add(words.gettext("I have not been given anything to read yet.")), message)
        asked = await _with_offers(session, asked, answer, at)
    buttons = await _buttons(sessions, KeptSearch(0, asked, at), answer, view, words)
    return to_says(page_text(answer, view, words, note), message, buttons)


async def _look(library: Library, asked: NewSearch, span: Span, at: datetime) -> tuple[Answer, View]:
    """Of the span; when nothing happened in it, the latest there is."""
    page = page_of(asked, View(span), at)
    answer = await search.answer_question(
        library.sessions, asked.question, language=asked.language, now=at, page=page, equipment=library.equipment
    )
    if span is not Span.ANY and not answer.citations:
        return await _look(library, asked, Span.ANY, at)
    return answer, View(span_of(answer, at) if span is Span.ANY else span)


def _new_search(bot_id: int, message: IncomingMessage, request: Request) -> NewSearch:
    return NewSearch(
        bot_id=bot_id,
        chat_id=message.chat_id,
        message_id=message.message_id,
        wish=request.wish,
        question=request.text[:_LONGEST_QUESTION].replace("\0", " "),
        language=nearest(message.language_code),
    )


async def _on_the_board(sessions: Sessions, asked: NewSearch, words: Words) -> tuple[NewSearch, str]:
    """A search for an offer is narrowed to listings; while there are none, the question as it is and an honest word."""
    if asked.wish is not Wish.FIND_LISTING:
        return asked, ""
    async with sessions() as session:
        if await has_board(session):
            return asked, ""
    note = words.gettext("The notice board is not open yet: I look only through channels and documents.")
    return replace(asked, wish=Wish.QUESTION), note


async def _with_offers(session: AsyncSession, asked: NewSearch, answer: Answer, at: datetime) -> NewSearch:
    is_digest = answer.mode is Mode.DIGEST
    return replace(
        asked,
        wish=Wish.DIGEST if is_digest else asked.wish,
        spans=await spans_worth_offering(session, answer, at),
        sources=await sources_worth_offering(session, answer.leads),
    )


async def _buttons(sessions: Sessions, new: KeptSearch, answer: Answer, view: View, words: Words) -> Rows:
    """Kept only when there are any: each row costs a write."""
    if not (new.asked.spans or new.asked.sources or answer.has_more):
        return []
    async with sessions.begin() as session:
        search_id = await repository.keep_search(session, new.asked, new.asked_at)
    return page_buttons(answer, replace(new, id=search_id), view, words)
