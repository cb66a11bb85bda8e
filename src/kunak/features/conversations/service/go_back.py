"""The quotes give way to the answer in whose place they were shown."""

from collections.abc import Sequence

from kunak.features.conversations.render.buttons import quotes_button, read_back_data
from kunak.features.conversations.render.follow_ups import follow_up_rows
from kunak.features.conversations.render.votes import votes_among
from kunak.features.conversations.reply import to_former, to_press
from kunak.features.conversations.repository import searches, votes
from kunak.features.conversations.service.look import Library
from kunak.features.messaging import service as messaging
from kunak.features.messaging.schemas import ChatKey, Say
from kunak.foundation.language.words import words_for, words_in
from kunak.integrations.telegram.incoming import IncomingPress


async def answer_back_press(library: Library, chat: ChatKey, press: IncomingPress) -> Sequence[Say]:
    """The message says again what the ledger tells it said, as long as the answer is not forgotten."""
    read, message = read_back_data(press.data), press.message
    if read is None or message is None or message.chat_id != chat.chat_id:
        return [to_press(press.id)]
    key, search_id = read
    async with library.reading() as session:
        answered = await votes.get_answered(session, key, bot_id=chat.bot_id, chat_id=chat.chat_id)
        kept = await searches.get_search(session, search_id, bot_id=chat.bot_id, chat_id=chat.chat_id)
        said = None if answered is None else await messaging.get_said(session, answered.inbox_id, message.message_id)
    if answered is None or kept is None or said is None:
        words = words_for(press.language_code)
        return [to_press(press.id, words.gettext("This was long ago. Please ask again."))]
    quotes = quotes_button(kept.id, words_in(kept.asked.language))
    follow_ups = follow_up_rows(key, answered.follow_ups, answered.followed)
    buttons = [*follow_ups, *quotes, *votes_among(press.keyboard)]
    return [to_press(press.id), to_former(said, message, buttons)]
