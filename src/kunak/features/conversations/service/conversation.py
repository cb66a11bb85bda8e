"""What is said to whatever a person does."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kunak.features.bots.service import Directory
from kunak.features.conversations.render.talk import reply_to, talk_back
from kunak.features.conversations.reply import to_press, to_says
from kunak.features.conversations.schemas import Wish
from kunak.features.conversations.service.ask import answer_question
from kunak.features.conversations.service.inline import answer_inline
from kunak.features.conversations.service.look import Library
from kunak.features.conversations.service.press import answer_press
from kunak.features.conversations.understand import understand
from kunak.features.messaging.schemas import Say, Turn
from kunak.features.search.schemas import Equipment
from kunak.features.understanding.service import Refiner
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.words import words_for
from kunak.integrations.telegram.incoming import IncomingMessage, read_inline_query, read_message, read_press
from kunak.integrations.telegram.text import FormattedText

_LOOKED_UP = frozenset({Wish.QUESTION, Wish.DIGEST, Wish.FIND_LISTING})


@dataclass(frozen=True)
class Conversation:
    """Answers what is said to all bots."""

    sessions: Sessions
    directory: Directory
    equipment: Equipment = field(default_factory=Equipment)
    refiner: Refiner | None = None
    """Who is asked where it is in doubt what somebody wants."""

    @property
    def _library(self) -> Library:
        return Library(self.sessions, self.equipment)

    async def respond(self, turn: Turn) -> Sequence[Say]:
        """What is to be said; nothing when nothing was asked."""
        if turn.kind == "callback_query":
            press = read_press(turn.payload.get(turn.kind))
            return [] if press is None else await answer_press(self._library, turn.chat, press)
        message = read_message(turn.payload.get(turn.kind)) if turn.kind == "message" else None
        if message is None:
            return []
        return await self._answer(turn.chat.bot_id, message)

    async def _answer(self, bot_id: int, message: IncomingMessage) -> Sequence[Say]:
        bot = (await self.directory.get(bot_id)).bot
        request = await understand(message, bot.username, self.refiner)
        if request.wish is Wish.NOTHING:
            return []
        if request.wish in _LOOKED_UP:
            return await answer_question(self._library, bot_id, message, request)
        words = words_for(message.language_code)
        if request.wish is Wish.SMALL_TALK:
            said = talk_back(request.talk, bot.name, words)
        else:
            said = reply_to(request.wish, bot.name, bot.username, words)
        return to_says(FormattedText().add(said), message)

    async def respond_at_once(self, bot_id: int, kind: str, payload: dict[str, Any]) -> Say | None:
        """The answer to an inline query; None when this is not one."""
        query = read_inline_query(payload.get(kind))
        if query is None:
            return None
        bot = (await self.directory.get(bot_id)).bot
        return await answer_inline(self.sessions, bot.username, query)

    def apologise(self, turn: Turn) -> Sequence[Say]:
        """A polite word for what could not be answered; in a group only to who pressed a button."""
        press = read_press(turn.payload.get("callback_query"))
        if press is not None:
            words = words_for(press.language_code)
            return [to_press(press.id, words.gettext("Something went wrong on our side. Please try again later."))]
        message = read_message(turn.payload.get("message"))
        if message is None or not message.is_private:
            return []
        words = words_for(message.language_code)
        text = words.gettext("Something went wrong on our side. Your message is kept; please ask again a little later.")
        return to_says(FormattedText().add(text), message)
