"""A pressed button changes what its message shows.

The button's data holds the whole view, so a press means the same however often and in whatever order it comes, and
whichever worker takes it. Every press is answered once, also one that changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kunak.features.bots.schemas import Bot
from kunak.features.conversations.render.buttons import back_to_answer, keyboard, read_back_data, read_button_data
from kunak.features.conversations.render.votes import answer_among, votes_among
from kunak.features.conversations.reply import to_edit, to_new_keyboard, to_press
from kunak.features.conversations.repository import searches
from kunak.features.conversations.schemas import KeptSearch, View
from kunak.features.conversations.service.go_back import answer_back_press
from kunak.features.conversations.service.look import Library, may_look_up, page_of, quotable
from kunak.features.conversations.service.page import page_buttons, page_text
from kunak.features.messaging.schemas import ChatKey, Say
from kunak.features.search import service as search
from kunak.features.search.schemas import Page
from kunak.foundation.language.words import words_for, words_in
from kunak.integrations.telegram.incoming import IncomingMessage, IncomingPress, Keyboard


async def answer_press(library: Library, bot: Bot, chat: ChatKey, press: IncomingPress) -> Sequence[Say]:
    """The message of the button shows what the button promised; of a forgotten search, a word says so."""
    if read_back_data(press.data) is not None:
        return await answer_back_press(library, chat, press)
    read = read_button_data(press.data)
    if read is None or press.message is None or press.message.chat_id != chat.chat_id:
        return [to_press(press.id)]
    search_id, view = read
    async with library.reading() as session:
        kept = await searches.get_search(session, search_id, bot_id=chat.bot_id, chat_id=chat.chat_id)
    if kept is None or view.source > len(kept.asked.sources) or not may_look_up(bot):
        words = words_for(press.language_code)
        return [to_press(press.id, words.gettext("This was long ago. Please ask again."))]
    page = page_of(kept.asked, view, kept.asked_at, quotable(bot))
    return [to_press(press.id), await _show(library, _Looked(kept, view, page), press.message, press.keyboard)]


@dataclass(frozen=True)
class _Looked:
    """Which part of which answer is looked at. As of then, not of now: between two presses no result may slip from one
    page to the next.
    """

    kept: KeptSearch
    view: View
    page: Page


async def _show(library: Library, looked: _Looked, message: IncomingMessage, shown: Keyboard) -> Say:
    kept, view = looked.kept, looked.view
    words, votes = words_in(kept.asked.language), votes_among(shown)
    if view.is_picking:
        return to_new_keyboard(message, [*keyboard(kept, view, shown=0, has_more=False, words=words), *votes])
    async with library.reading() as session:
        answer = await search.ask(
            session,
            kept.asked.question,
            kept.asked.language,
            now=kept.asked_at,
            equipment=library.equipment,
            page=looked.page,
        )
    key = answer_among(votes)
    back = [] if key is None else back_to_answer(key, kept.id, words)
    return to_edit(page_text(answer, view, words), message, [*page_buttons(answer, kept, view, words), *back, *votes])
