"""People choose in which language a bot speaks to them; it wins over what their client says."""

from dataclasses import replace
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.conversations.reply import to_edit, to_press, to_says
from kunak.features.conversations.repository import languages
from kunak.features.conversations.repository.languages import Person
from kunak.features.conversations.schemas import Spoken
from kunak.features.messaging.schemas import ChatKey, Reply
from kunak.foundation.db.batching import Batcher
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.languages import Language, exact
from kunak.foundation.language.words import Words, words_in
from kunak.integrations.telegram.incoming import IncomingInlineQuery, IncomingMessage, IncomingPress
from kunak.integrations.telegram.text import FormattedText

_DATA = "language:"
_NAMES = {Language.RUSSIAN: "Русский", Language.ENGLISH: "English"}
Heard = TypeVar("Heard", IncomingMessage, IncomingPress, IncomingInlineQuery)


class Languages:
    """Which language each person chose, looked up for many turns at once."""

    def __init__(self, reading: Sessions) -> None:
        self._batches: Batcher[Person, Language | None] = Batcher(reading, languages.list_chosen)

    async def apply(self, bot_id: int, heard: Heard) -> Heard:
        """`heard`, as if the person's client named the language they chose."""
        if heard.sender_id is None:
            return heard
        return replace(heard, language_code=await self.code_of(bot_id, heard.sender_id, heard.language_code))

    async def code_of(self, bot_id: int, person_id: int, otherwise: str | None) -> str | None:
        """The code of the language a person chose; `otherwise` when they chose none."""
        chosen = await self._batches.add((bot_id, person_id))
        return otherwise if chosen is None else chosen.value


def offer_languages(spoken: Spoken) -> Reply:
    """A button for each."""
    buttons = [{"text": name, "callback_data": f"{_DATA}{language}"} for language, name in _NAMES.items()]
    asks = spoken.words.gettext("In which language shall I speak to you?")
    return Reply(to_says(FormattedText().add(asks), spoken.message, [buttons]))


def chosen_language(press: IncomingPress) -> Language | None:
    """None when the button is for something else."""
    return exact(press.data.removeprefix(_DATA)) if press.data.startswith(_DATA) else None


def choose_language(chat: ChatKey, press: IncomingPress, language: Language) -> Reply:
    """For whoever pressed: in a group the question stays, for the others."""
    said = _agree(words_in(language))
    message, person_id = press.message, press.sender_id
    if person_id is None:
        return Reply([to_press(press.id)])

    async def keep(session: AsyncSession) -> None:
        await languages.save_language(session, chat.bot_id, person_id, language)

    if message is None or not message.is_private or message.chat_id != chat.chat_id:
        return Reply([to_press(press.id, said)], keep)
    return Reply([to_press(press.id), to_edit(FormattedText().add(said), message, [])], keep)


def _agree(words: Words) -> str:
    return words.gettext("Agreed: I speak English to you from now on.")
