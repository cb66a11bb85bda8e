"""A pressed question is asked as if the person had typed it, once."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.conversations.render.follow_ups import read_follow_up, without_button
from kunak.features.conversations.reply import to_new_keyboard, to_press, to_says
from kunak.features.conversations.repository import votes
from kunak.features.conversations.schemas import Answered, Request, Spoken, Wish
from kunak.features.conversations.service.ask import answer_question
from kunak.features.conversations.service.look import Library
from kunak.features.messaging.schemas import Keep, Reply, Say
from kunak.foundation.errors import KunakError
from kunak.foundation.language.words import words_for
from kunak.integrations.telegram.incoming import IncomingPress
from kunak.integrations.telegram.text import FormattedText


async def answer_follow_up(library: Library, spoken: Spoken, press: IncomingPress) -> Reply:
    """`spoken` is the message under which the question stands. The question is shown, and then its answer."""
    read, words = read_follow_up(press.data), words_for(press.language_code)
    if read is None or spoken.message.chat_id != spoken.place.chat_id:
        return Reply([to_press(press.id)])
    key, number = read
    async with library.reading() as session:
        answered = await votes.get_answered(session, key, bot_id=spoken.bot.id, chat_id=spoken.message.chat_id)
    if answered is None or number >= len(answered.follow_ups):
        return Reply([to_press(press.id, words.gettext("This was long ago. Please ask again."))])
    if number in answered.followed:
        return Reply([to_press(press.id, words.gettext("This was asked already; the answer stands below."))])
    at_once = await _let_go(library, spoken, press)
    reply = await _ask(library, spoken, press, answered.follow_ups[number])
    says = [*at_once, *_shown(spoken, press, answered, number), *reply.says]
    return replace(reply, says=says, keep=_keeping(reply, answered, number))


async def _let_go(library: Library, spoken: Spoken, press: IncomingPress) -> list[Say]:
    """The button is not to look pressed for as long as a model thinks; what did not arrive is said with the rest."""
    answer = to_press(press.id)
    if library.telegram is None or spoken.access is None:
        return [answer]
    try:
        await library.telegram.call(spoken.access, answer.method, answer.params)
    except KunakError:
        return [answer]
    return []


async def _ask(library: Library, spoken: Spoken, press: IncomingPress, question: str) -> Reply:
    message = replace(
        spoken.message,
        text=question,
        language_code=press.language_code,
        sender_id=press.sender_id,
        from_bot=False,
    )
    return await answer_question(
        library, replace(spoken, message=message, is_pressed=True), Request(Wish.QUESTION, question)
    )


def _shown(spoken: Spoken, press: IncomingPress, answered: Answered, number: int) -> Sequence[Say]:
    asked = FormattedText().add(answered.follow_ups[number], "blockquote")
    gone = [to_new_keyboard(spoken.message, without_button(press.keyboard, press.data))] if press.keyboard else []
    return [*gone, *to_says(asked, spoken.message)]


def _keeping(reply: Reply, answered: Answered, number: int) -> Keep:
    async def keep(session: AsyncSession) -> None:
        await votes.keep_followed(session, answered.id, number)
        if reply.keep is not None:
            await reply.keep(session)

    return keep
