"""A question is answered for the first time."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.conversations import repository
from kunak.features.conversations.render.buttons import Rows
from kunak.features.conversations.reply import to_says
from kunak.features.conversations.schemas import KeptSearch, NewSearch, Request, View, Wish
from kunak.features.conversations.service.look import (
    has_board,
    look,
    sources_worth_offering,
    spans_worth_offering,
)
from kunak.features.conversations.service.page import has_more, page_buttons, page_text
from kunak.features.messaging.schemas import Say
from kunak.features.search import service as search
from kunak.features.search.schemas import Answer
from kunak.foundation.clock import now
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.languages import nearest
from kunak.foundation.language.words import Words, words_for
from kunak.integrations.telegram.incoming import IncomingMessage
from kunak.integrations.telegram.text import FormattedText

_LONGEST_QUESTION = 2000
"""Characters; search reads no further."""
_FIRST = View()


async def answer_question(sessions: Sessions, bot_id: int, message: IncomingMessage, request: Request) -> Sequence[Say]:
    """The first page, with buttons when there is more to see."""
    words = words_for(message.language_code)
    asked = NewSearch(
        bot_id=bot_id,
        chat_id=message.chat_id,
        message_id=message.message_id,
        wish=Wish.QUESTION,
        question=request.text[:_LONGEST_QUESTION].replace("\0", " "),
        language=nearest(message.language_code),
    )
    note = ""
    async with sessions() as session:
        if request.wish is Wish.FIND_LISTING:
            asked, note = await _on_the_board(session, asked, words)
        answer = await look(session, asked, _FIRST, now())
        if not answer.citations and await search.is_empty(session):
            return to_says(FormattedText().add(words.gettext("I have not been given anything to read yet.")), message)
        asked = replace(
            asked,
            spans=spans_worth_offering(answer.leads, now()),
            sources=await sources_worth_offering(session, answer.leads),
        )
    buttons = await _buttons(sessions, asked, answer, words)
    return to_says(page_text(answer, _FIRST, words, note), message, buttons)


async def _on_the_board(session: AsyncSession, asked: NewSearch, words: Words) -> tuple[NewSearch, str]:
    """Narrowed to listings; while there are none, the question as it is and an honest word."""
    if await has_board(session):
        return replace(asked, wish=Wish.FIND_LISTING), ""
    return asked, words.gettext("The notice board is not open yet: I look only through channels and documents.")


async def _buttons(sessions: Sessions, asked: NewSearch, answer: Answer, words: Words) -> Rows:
    """Kept only when there are any: each row costs a write."""
    if not (asked.spans or asked.sources or has_more(answer, _FIRST)):
        return []
    async with sessions.begin() as session:
        search_id = await repository.keep_search(session, asked)
    return page_buttons(answer, KeptSearch(search_id, asked, now()), _FIRST, words)
