"""What is said to whatever a person does."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from kunak.features.bots.schemas import Makers
from kunak.features.bots.service import Directory
from kunak.features.conversations.render.follow_ups import read_follow_up
from kunak.features.conversations.render.votes import read_vote
from kunak.features.conversations.reply import to_press, to_says
from kunak.features.conversations.schemas import Spoken
from kunak.features.conversations.service.follow import answer_follow_up
from kunak.features.conversations.service.forget import (
    FORGET_DATA,
    answer_forget_press,
)
from kunak.features.conversations.service.fulfil import fulfil, is_asked, request_in
from kunak.features.conversations.service.inline import answer_inline
from kunak.features.conversations.service.language import Languages, choose_language, chosen_language
from kunak.features.conversations.service.look import Library
from kunak.features.conversations.service.memory import following_edit
from kunak.features.conversations.service.mydata import MY_DATA, make_document
from kunak.features.conversations.service.new_bot import take_in
from kunak.features.conversations.service.pace import Pace
from kunak.features.conversations.service.press import answer_press
from kunak.features.conversations.service.votes import answer_vote
from kunak.features.conversations.understand import is_always_obeyed, question_in
from kunak.features.messaging.schemas import ChatKey, Reply, Say, Turn
from kunak.foundation.errors import NotFoundError
from kunak.foundation.language.words import words_for
from kunak.integrations.telegram.incoming import (
    IncomingMessage,
    IncomingPress,
    join_messages,
    read_inline_query,
    read_managed_bot,
    read_message,
    read_press,
)
from kunak.integrations.telegram.interface import Upload
from kunak.integrations.telegram.text import FormattedText


@dataclass(frozen=True)
class Conversation:
    """Answers what is said to all bots."""

    library: Library
    directory: Directory
    makers: Makers = field(default_factory=Makers)
    """Who may make bots."""
    pace: Pace | None = None
    """Who is answered how often; None: everybody, always."""

    @cached_property
    def _languages(self) -> Languages:
        return Languages(self.library.reading)

    async def respond(self, turn: Turn) -> Reply:
        """What is to be said; nothing when nothing was asked."""
        if turn.kind == "callback_query":
            press = read_press(turn.payload.get(turn.kind))
            return Reply() if press is None else await self._press(turn, press)
        if turn.kind == "managed_bot":
            return await self._take_in(turn)
        if turn.kind == "edited_message":
            return await self._follow_edit(turn)
        message = _message_of(turn)
        if message is None:
            return Reply()
        known = await self.directory.get(turn.chat.bot_id)
        message = await self._languages.apply(turn.chat.bot_id, message)
        spoken = Spoken(known.bot, turn.message_id, message, known.access, stop_asked=turn.stop_asked, lease=turn.lease)
        # In a group only what was meant for the bot counts, and who is held back costs no second opinion.
        if not message.is_private and not await is_asked(spoken):
            return Reply()
        return await self._answer(turn, spoken)

    async def _take_in(self, turn: Turn) -> Reply:
        made = read_managed_bot(turn.payload.get(turn.kind))
        if made is None:
            return Reply()
        manager = await self.directory.get(turn.chat.bot_id)
        spoken = await self._languages.code_of(manager.bot.id, made.person_id, made.language_code)
        made = replace(made, language_code=spoken)
        return await take_in(self.library, self.directory.doors, manager, made, self.makers)

    async def _follow_edit(self, turn: Turn) -> Reply:
        """An edit is not answered again, but what is remembered follows it."""
        message = read_message(turn.payload.get(turn.kind))
        if message is None or message.from_bot:
            return Reply()
        bot = (await self.directory.get(turn.chat.bot_id)).bot
        question = question_in(message, bot.username)
        if not question:
            return Reply()
        return Reply(keep=following_edit(Spoken(bot, turn.message_id, message), question))

    async def _press(self, turn: Turn, press: IncomingPress) -> Reply:
        press = await self._languages.apply(turn.chat.bot_id, press)
        if self.pace is not None and (held := await self.pace.hold_press(turn, press)):
            return held
        if (language := chosen_language(press)) is not None:
            return choose_language(turn.chat, press, language)
        if press.data in FORGET_DATA:
            return answer_forget_press(turn.chat, press)
        if read_vote(press.data) is not None:
            return await answer_vote(self.library, turn.chat, press)
        known = await self.directory.get(turn.chat.bot_id)
        if press.message is not None and read_follow_up(press.data) is not None:
            spoken = Spoken(known.bot, turn.message_id, press.message, known.access, stop_asked=turn.stop_asked)
            return await answer_follow_up(self.library, spoken, press)
        return Reply(await answer_press(self.library, known.bot, turn.chat, press))

    async def _answer(self, turn: Turn, spoken: Spoken) -> Reply:
        """Who writes too fast is told so; what they want is done all the same where it ends something."""
        pace, message = self.pace, spoken.message
        if pace is None or message.from_bot:
            return await self._fulfil(spoken)
        if is_always_obeyed(message, spoken.bot.username):
            return await pace.quieten(turn, message, await self._fulfil(spoken))
        return await pace.hold_message(turn, message) or await self._fulfil(spoken)

    async def _fulfil(self, spoken: Spoken) -> Reply:
        return await fulfil(self.library, self.makers, spoken, await request_in(self.library, spoken))

    async def respond_at_once(self, bot_id: int, kind: str, payload: dict[str, Any]) -> Say | None:
        """The answer to an inline query; None when this is not one."""
        query = read_inline_query(payload.get(kind))
        if query is None:
            return None
        bot = (await self.directory.get(bot_id)).bot
        query = await self._languages.apply(bot_id, query)
        return await answer_inline(self.library.reading, bot, query)

    async def make_file(self, chat: ChatKey, name: str) -> Upload:
        """A file that is to be sent, made when it is.

        Raises:
            NotFoundError: there is none of this name.
        """
        if name != MY_DATA:
            raise NotFoundError(f"There is no file {name!r} to be made.")
        return await make_document(self.library.reading, chat)

    async def apologise(self, turn: Turn) -> Sequence[Say]:
        """A polite word for what could not be answered; in a group only to who pressed a button."""
        press = read_press(turn.payload.get("callback_query"))
        if press is not None:
            press = await self._languages.apply(turn.chat.bot_id, press)
            words = words_for(press.language_code)
            return [to_press(press.id, words.gettext("Something went wrong on our side. Please try again later."))]
        message = _message_of(turn)
        if message is None or not message.is_private:
            return []
        message = await self._languages.apply(turn.chat.bot_id, message)
        words = words_for(message.language_code)
        text = words.gettext("Something went wrong on our side. Your message is kept; please ask again a little later.")
        return to_says(FormattedText().add(text), message)


def _message_of(turn: Turn) -> IncomingMessage | None:
    """All that the turn is about as one message; None when nobody wrote one."""
    if turn.kind != "message":
        return None
    messages = filter(None, (read_message(payload.get(turn.kind)) for payload in turn.payloads))
    return join_messages(whole) if (whole := list(messages)) else None
