"""A conversation begins anew, or is erased when the person says so twice."""

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.conversations.reply import to_edit, to_press, to_says
from kunak.features.conversations.repository import languages, personal, threads, votes
from kunak.features.conversations.schemas import Spoken
from kunak.features.language_models import service as language_models
from kunak.features.language_models.schemas import Spender
from kunak.features.messaging.schemas import ChatKey, Reply, Say
from kunak.foundation.language.words import words_for
from kunak.integrations.telegram.incoming import IncomingPress
from kunak.integrations.telegram.text import FormattedText

_YES, _NO = "forget:yes", "forget:no"
FORGET_DATA = frozenset({_YES, _NO})


def begin_anew(spoken: Spoken) -> Reply:
    """The next question is answered without what was said before."""
    words = words_for(spoken.message.language_code)

    async def keep(session: AsyncSession) -> None:
        await threads.close_thread(session, spoken.place)

    said = words.gettext("We begin anew: what was said before plays no part any more.")
    return Reply(to_says(FormattedText().add(said), spoken.message), keep)


def ask_whether_to_forget(spoken: Spoken) -> Reply:
    """Only in a private chat: in a group the memory belongs to all who spoke there."""
    words = words_for(spoken.message.language_code)
    if not spoken.message.is_private:
        said = words.gettext("This works only in a private chat with me. In a group, /refresh begins anew.")
        return Reply(to_says(FormattedText().add(said), spoken.message))
    asks = words.gettext("Shall I erase all that I remember of our conversations? It cannot be brought back.")
    buttons = [
        [{"text": words.gettext("Erase"), "callback_data": _YES}, {"text": words.gettext("Keep"), "callback_data": _NO}]
    ]
    return Reply(to_says(FormattedText().add(asks), spoken.message, buttons))


def answer_forget_press(chat: ChatKey, press: IncomingPress) -> Reply:
    """The question gives way to what became of it."""
    words, message = words_for(press.language_code), press.message
    if message is None or message.chat_id != chat.chat_id or not message.is_private:
        return Reply([to_press(press.id)])
    if press.data == _NO:
        return Reply(_close(press.id, to_edit(FormattedText().add(words.gettext("Nothing was erased.")), message, [])))

    async def keep(session: AsyncSession) -> None:
        await forget_everything(session, chat)

    said = words.gettext("Done: I remember nothing of our conversations.")
    return Reply(_close(press.id, to_edit(FormattedText().add(said), message, [])), keep)


async def forget_everything(session: AsyncSession, chat: ChatKey) -> None:
    """What `mydata` shows. In a private chat the person has the number of the chat."""
    await threads.forget_chat(session, chat.bot_id, chat.chat_id)
    await votes.forget_votes_of(session, chat.bot_id, chat.chat_id)  # in groups, too
    await personal.forget_searches(session, chat.bot_id, chat.chat_id)
    await languages.forget_language(session, chat.bot_id, chat.chat_id)
    await language_models.forget_person(session, Spender(chat.bot_id, user_id=chat.chat_id))


def _close(press_id: str, edit: Say) -> list[Say]:
    return [to_press(press_id), edit]
