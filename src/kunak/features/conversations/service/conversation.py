"""What is said to whatever a person does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from kunak.features.bots.schemas import Makers
from kunak.features.bots.service import Directory
from kunak.features.conversations.render.follow_ups import read_follow_up
from kunak.features.conversations.render.not_text import word_for
from kunak.features.conversations.render.talk import reply_to, talk_back
from kunak.features.conversations.render.votes import read_vote
from kunak.features.conversations.reply import to_press, to_says
from kunak.features.conversations.schemas import Request, Spoken, Wish
from kunak.features.conversations.service.ask import answer_question
from kunak.features.conversations.service.follow import answer_follow_up
from kunak.features.conversations.service.forget import (
    FORGET_DATA,
    answer_forget_press,
    ask_whether_to_forget,
    begin_anew,
)
from kunak.features.conversations.service.hear import hear
from kunak.features.conversations.service.inline import answer_inline
from kunak.features.conversations.service.language import Languages, choose_language, chosen_language, offer_languages
from kunak.features.conversations.service.listen import Stage
from kunak.features.conversations.service.look import Ears, Library
from kunak.features.conversations.service.memory import MOST_TOKENS, following_edit
from kunak.features.conversations.service.mydata import MY_DATA, make_document, send_my_data
from kunak.features.conversations.service.new_bot import offer_new_bot, take_in
from kunak.features.conversations.service.pace import Pace
from kunak.features.conversations.service.press import answer_press
from kunak.features.conversations.service.see import see
from kunak.features.conversations.service.spend import SparingRefiner, spender_of
from kunak.features.conversations.service.stop import answer_stop
from kunak.features.conversations.service.talk import talk
from kunak.features.conversations.service.usage import tell_usage
from kunak.features.conversations.service.votes import answer_vote
from kunak.features.conversations.understand import question_in, understand
from kunak.features.language_models.schemas import Bookkeeping
from kunak.features.messaging.schemas import ChatKey, Reply, Say, Turn
from kunak.features.search.schemas import Equipment
from kunak.features.understanding.service import Refines
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import NotFoundError
from kunak.foundation.language.words import words_for
from kunak.integrations.language_model.interface import LanguageModel
from kunak.integrations.telegram.files import TelegramFiles
from kunak.integrations.telegram.incoming import (
    IncomingMessage,
    IncomingPress,
    join_messages,
    read_inline_query,
    read_managed_bot,
    read_message,
    read_press,
)
from kunak.integrations.telegram.interface import TelegramClient, Upload
from kunak.integrations.telegram.text import FormattedText

_LOOKED_UP = frozenset({Wish.QUESTION, Wish.DIGEST, Wish.FIND_LISTING})
_PERCEIVED = frozenset({Wish.LOOK, Wish.LISTEN, Wish.NOT_TEXT})
_OBEYED: dict[Wish, Callable[[Spoken], Reply]] = {
    Wish.REFRESH: begin_anew,
    Wish.FORGET: ask_whether_to_forget,
    Wish.MY_DATA: send_my_data,
    Wish.LANGUAGE: offer_languages,
}


@dataclass(frozen=True)
class Conversation:
    """Answers what is said to all bots."""

    sessions: Sessions
    reading: Sessions
    """For what only reads."""
    directory: Directory
    equipment: Equipment = field(default_factory=Equipment)
    refiner: Refines | None = None
    """Who is asked where it is in doubt what somebody wants."""
    model: LanguageModel | None = None
    """Who puts answers into words; without one they are quotes."""
    telegram: TelegramClient | None = None
    """By which a question from a button is shown before its answer."""
    history_tokens: int = MOST_TOKENS
    """Of earlier messages that go with a question."""
    makers: Makers = field(default_factory=Makers)
    """Who may make bots."""
    books: Bookkeeping = field(default_factory=Bookkeeping)
    stage: Stage | None = None
    """On which answers are shown while they are written."""
    pace: Pace | None = None
    """Who is answered how often; None: everybody, always."""
    files: TelegramFiles | None = None
    """Who gives the pictures and recordings that people send."""
    ears: Ears | None = None
    """None: voice messages are not understood."""

    @cached_property
    def _languages(self) -> Languages:
        return Languages(self.reading)

    @property
    def _library(self) -> Library:
        return Library(
            self.sessions,
            self.reading,
            self.equipment,
            self.model,
            self.telegram,
            history_tokens=self.history_tokens,
            books=self.books,
            stage=self.stage,
            files=self.files,
            ears=self.ears,
        )

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
        if message.is_private and (held := await self._hold(turn, message)):
            return held
        spoken = Spoken(known.bot, turn.message_id, message, known.access, stop_asked=turn.stop_asked, lease=turn.lease)
        return await self._answer(turn, spoken)

    async def _hold(self, turn: Turn, message: IncomingMessage) -> Reply | None:
        """What is said to somebody who writes too fast; None: nobody does."""
        if self.pace is None or message.from_bot:
            return None
        return await self.pace.hold_message(turn, message)

    async def _take_in(self, turn: Turn) -> Reply:
        made = read_managed_bot(turn.payload.get(turn.kind))
        if made is None:
            return Reply()
        manager = await self.directory.get(turn.chat.bot_id)
        spoken = await self._languages.code_of(manager.bot.id, made.person_id, made.language_code)
        made = replace(made, language_code=spoken)
        return await take_in(self._library, self.directory.doors, manager, made, self.makers)

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
            return await answer_vote(self._library, turn.chat, press)
        known = await self.directory.get(turn.chat.bot_id)
        if press.message is not None and read_follow_up(press.data) is not None:
            spoken = Spoken(known.bot, turn.message_id, press.message, known.access, stop_asked=turn.stop_asked)
            return await answer_follow_up(self._library, spoken, press)
        return Reply(await answer_press(self._library, known.bot, turn.chat, press))

    async def _answer(self, turn: Turn, spoken: Spoken) -> Reply:
        request = await self._understand(spoken)
        if request.wish is Wish.NOTHING:
            return Reply()
        # In a group only what was meant for the bot counts.
        if not spoken.message.is_private and (held := await self._hold(turn, spoken.message)):
            return held
        return await self._fulfil(spoken, request)

    async def _understand(self, spoken: Spoken) -> Request:
        bot = spoken.bot
        refiner = self._refiner_for(spoken)
        return await understand(spoken.message, bot.username, refiner, bot_id=bot.telegram_id)

    async def _fulfil(self, spoken: Spoken, request: Request) -> Reply:
        if request.wish in _LOOKED_UP:
            return await answer_question(self._library, spoken, request)
        if request.wish in _PERCEIVED:
            return await self._perceive(spoken, request)
        if request.wish is Wish.SMALL_TALK:
            return await self._talk(spoken, request)
        return await self._obey(spoken, request.wish)

    def _refiner_for(self, spoken: Spoken) -> Refines | None:
        if self.refiner is None:
            return None
        return SparingRefiner(self.refiner, self.reading, self.books, spender_of(spoken.bot.id, spoken.message))

    async def _talk(self, spoken: Spoken, request: Request) -> Reply:
        said = talk_back(request.talk, spoken.bot.name, spoken.words)
        if self.model is not None:
            return await talk(self._library, self.model, spoken, request.text, said)
        return Reply(to_says(FormattedText().add(said), spoken.message))

    async def _perceive(self, spoken: Spoken, request: Request) -> Reply:
        """A picture, a recording, or what we can only name."""
        if request.wish is Wish.NOT_TEXT:
            word = word_for(next(iter(spoken.message.attachments), None), spoken.words)
            return await self._answer_after(word, spoken, request.text)
        if request.wish is Wish.LISTEN:
            heard = await hear(self._library, spoken)
            return await self._answer_after(heard.word, spoken, f"{request.text}\n{heard.text}".strip())
        seen = await see(self._library, spoken, request.text)
        return seen.reply or await self._answer_after(seen.why_not, spoken, request.text)

    async def _answer_after(self, word: str, spoken: Spoken, text: str) -> Reply:
        """A word of ours, and then the answer to `text`, as if nothing else had been sent to us."""
        first = to_says(FormattedText().add(word), spoken.message)
        if not text:
            return Reply(first)
        addressed = frozenset({spoken.bot.telegram_id})
        message = replace(spoken.message, text=text, attachments=(), mentioned_ids=addressed)
        spoken = replace(spoken, message=message)
        rest = await self._fulfil(spoken, await self._understand(spoken))
        return replace(rest, says=[*first, *rest.says])

    async def _obey(self, spoken: Spoken, wish: Wish) -> Reply:
        """A command, or what no answer is looked up for."""
        if (obey := _OBEYED.get(wish)) is not None:
            return obey(spoken)
        if wish is Wish.STOP:
            return await answer_stop(self.reading, spoken)
        if wish is Wish.NEW_BOT and spoken.bot.is_manager:
            return offer_new_bot(spoken, self.makers)
        if wish is Wish.USAGE:
            return await tell_usage(self._library, spoken)
        said = reply_to(wish, spoken.bot.name, spoken.bot.username, spoken.words)
        return Reply(to_says(FormattedText().add(said), spoken.message))

    async def respond_at_once(self, bot_id: int, kind: str, payload: dict[str, Any]) -> Say | None:
        """The answer to an inline query; None when this is not one."""
        query = read_inline_query(payload.get(kind))
        if query is None:
            return None
        bot = (await self.directory.get(bot_id)).bot
        query = await self._languages.apply(bot_id, query)
        return await answer_inline(self.reading, bot, query)

    async def make_file(self, chat: ChatKey, name: str) -> Upload:
        """A file that is to be sent, made when it is.

        Raises:
            NotFoundError: there is none of this name.
        """
        if name != MY_DATA:
            raise NotFoundError(f"There is no file {name!r} to be made.")
        return await make_document(self.reading, chat)

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
