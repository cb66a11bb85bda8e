"""What is said to whatever a person does."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kunak.features.bots.service import Directory
from kunak.features.conversations.render.follow_ups import read_follow_up
from kunak.features.conversations.render.talk import reply_to, talk_back
from kunak.features.conversations.render.votes import read_vote
from kunak.features.conversations.reply import to_press, to_says
from kunak.features.conversations.schemas import Spoken, Wish
from kunak.features.conversations.service.ask import answer_question
from kunak.features.conversations.service.follow import answer_follow_up
from kunak.features.conversations.service.forget import (
    FORGET_DATA,
    answer_forget_press,
    ask_whether_to_forget,
    begin_anew,
)
from kunak.features.conversations.service.inline import answer_inline
from kunak.features.conversations.service.listen import Stage
from kunak.features.conversations.service.look import Library
from kunak.features.conversations.service.press import answer_press
from kunak.features.conversations.service.stop import answer_stop
from kunak.features.conversations.service.talk import talk
from kunak.features.conversations.service.votes import answer_vote
from kunak.features.conversations.understand import understand
from kunak.features.language_models.schemas import Bookkeeping
from kunak.features.messaging.schemas import Reply, Say, Turn
from kunak.features.search.schemas import Equipment
from kunak.features.understanding.service import Refiner
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.words import words_for
from kunak.integrations.language_model.interface import LanguageModel
from kunak.integrations.telegram.incoming import IncomingPress, read_inline_query, read_message, read_press
from kunak.integrations.telegram.text import FormattedText


@dataclass(frozen=True)
class Conversation:
    """Answers what is said to all bots."""

    sessions: Sessions
    reading: Sessions
    """For what only reads."""
    directory: Directory
    equipment: Equipment = field(default_factory=Equipment)
    refiner: Refiner | None = None
    """Who is asked where it is in doubt what somebody wants."""
    model: LanguageModel | None = None
    """Who puts answers into words; without one they are quotes."""
    stage: Stage | None = None
    """On which answers are shown while they are written."""
    books: Bookkeeping = field(default_factory=Bookkeeping)

    @property
    def _library(self) -> Library:
        return Library(self.sessions, self.reading, self.equipment, self.model, self.stage, self.books)

    async def respond(self, turn: Turn) -> Reply:
        """What is to be said; nothing when nothing was asked."""
        if turn.kind == "callback_query":
            press = read_press(turn.payload.get(turn.kind))
            return Reply() if press is None else await self._press(turn, press)
        message = read_message(turn.payload.get(turn.kind)) if turn.kind == "message" else None
        if message is None:
            return Reply()
        known = await self.directory.get(turn.chat.bot_id)
        return await self._answer(Spoken(known.bot, turn.message_id, message, known.access, stop_asked=turn.stop_asked))

    async def _press(self, turn: Turn, press: IncomingPress) -> Reply:
        if press.data in FORGET_DATA:
            return answer_forget_press(turn.chat, press)
        if read_vote(press.data) is not None:
            return await answer_vote(self._library, turn.chat, press)
        known = await self.directory.get(turn.chat.bot_id)
        if press.message is not None and read_follow_up(press.data) is not None:
            spoken = Spoken(known.bot, turn.message_id, press.message, known.access, stop_asked=turn.stop_asked)
            return await answer_follow_up(self._library, spoken, press)
        return Reply(await answer_press(self._library, known.bot, turn.chat, press))

    async def _answer(self, spoken: Spoken) -> Reply:
        bot, message = spoken.bot, spoken.message
        request = await understand(message, bot.username, self.refiner)
        words = words_for(message.language_code)
        match request.wish:
            case Wish.NOTHING:
                return Reply()
            case Wish.QUESTION | Wish.DIGEST | Wish.FIND_LISTING:
                return await answer_question(self._library, spoken, request)
            case Wish.REFRESH | Wish.FORGET | Wish.STOP:
                return await self._obey(request.wish, spoken)
            case Wish.SMALL_TALK:
                said = talk_back(request.talk, bot.name, words)
                if self.model is not None:
                    return await talk(self._library, self.model, spoken, request.text, said)
            case _:
                said = reply_to(request.wish, bot.name, bot.username, words)
        return Reply(to_says(FormattedText().add(said), message))

    async def _obey(self, wish: Wish, spoken: Spoken) -> Reply:
        if wish is Wish.STOP:
            return await answer_stop(self.reading, spoken)
        return begin_anew(spoken) if wish is Wish.REFRESH else ask_whether_to_forget(spoken)

    async def respond_at_once(self, bot_id: int, kind: str, payload: dict[str, Any]) -> Say | None:
        """The answer to an inline query; None when this is not one."""
        query = read_inline_query(payload.get(kind))
        if query is None:
            return None
        return await answer_inline(self.reading, (await self.directory.get(bot_id)).bot, query)

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
