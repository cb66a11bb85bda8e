"""A pressed button changes what its message shows.

The button's data holds the whole view, so a press means the same however often and in whatever order it comes, and
whichever worker takes it. Every press is answered once, also one that changes nothing.
"""

from collections.abc import Sequence

from kunak.features.conversations.render.buttons import keyboard, read_button_data
from kunak.features.conversations.reply import to_edit, to_new_keyboard, to_press
from kunak.features.conversations.repository import searches
from kunak.features.conversations.schemas import KeptSearch, View
from kunak.features.conversations.service.look import Library, page_of
from kunak.features.conversations.service.page import page_buttons, page_text
from kunak.features.messaging.schemas import ChatKey, Say
from kunak.features.search import service as search
from kunak.foundation.language.words import words_for, words_in
from kunak.integrations.telegram.incoming import IncomingMessage, IncomingPress


async def answer_press(library: Library, chat: ChatKey, press: IncomingPress) -> Sequence[Say]:
    """The message of the button shows what the button promised; of a forgotten search, a word says so."""
    read = read_button_data(press.data)
    if read is None or press.message is None or press.message.chat_id != chat.chat_id:
        return [to_press(press.id)]
    search_id, view = read
    async with library.reading() as session:
        kept = await searches.get_search(session, search_id, bot_id=chat.bot_id, chat_id=chat.chat_id)
    if kept is None or view.source > len(kept.asked.sources):
        words = words_for(press.language_code)
        return [to_press(press.id, words.gettext("This was long ago. Please ask again."))]
    return [to_press(press.id), await _show(library, kept, view, press.message)]


async def _show(library: Library, kept: KeptSearch, view: View, message: IncomingMessage) -> Say:
    words = words_in(kept.asked.language)
    if view.is_picking:
        return to_new_keyboard(message, keyboard(kept, view, shown=0, has_more=False, words=words))
    # As of then, not of now: between two presses no result may slip from one page to the next.
    page = page_of(kept.asked, view, kept.asked_at)
    async with library.reading() as session:
        answer = await search.ask(
            session,
            kept.asked.question,
            kept.asked.language,
            now=kept.asked_at,
            equipment=library.equipment,
            page=page,
        )
    return to_edit(page_text(answer, view, words), message, page_buttons(answer, kept, view, words))
