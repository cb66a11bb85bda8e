"""A person says what they think of an answer: one vote each, which they may change."""

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.conversations.render.votes import read_vote, vote_row, with_vote_row
from kunak.features.conversations.reply import to_new_keyboard, to_press
from kunak.features.conversations.repository import votes
from kunak.features.conversations.schemas import Tally
from kunak.features.conversations.service.look import Library
from kunak.features.messaging.schemas import ChatKey, Reply
from kunak.foundation.language.words import words_for
from kunak.integrations.telegram.incoming import IncomingPress


async def answer_vote(library: Library, chat: ChatKey, press: IncomingPress) -> Reply:
    """The vote is kept with the answer to the press: both, or neither; pressed again it stays as it is."""
    words, read, message, person_id = (
        words_for(press.language_code),
        read_vote(press.data),
        press.message,
        press.sender_id,
    )
    if read is None or message is None or message.chat_id != chat.chat_id or person_id is None:
        return Reply([to_press(press.id)])
    key, is_up = read
    async with library.reading() as session:
        answered = await votes.get_answered(session, key, bot_id=chat.bot_id, chat_id=chat.chat_id)
        others = Tally() if answered is None else await votes.count_votes(session, answered.id, besides=person_id)
    if answered is None:
        return Reply([to_press(press.id, words.gettext("This was long ago. Please ask again."))])
    generation_id = answered.id

    async def keep(session: AsyncSession) -> None:
        await votes.put_vote(session, generation_id, person_id, is_up=is_up)

    if message.is_private:
        row = vote_row(key, own=is_up)
    else:
        row = vote_row(key, tally=Tally(others.ups + is_up, others.downs + (not is_up)))
    thanks = words.gettext("Thank you!") if is_up else words.gettext("Thank you. It will be looked at.")
    says = [to_press(press.id, thanks)]
    if press.keyboard:
        says.append(to_new_keyboard(message, with_vote_row(press.keyboard, row)))
    return Reply(says, keep)
