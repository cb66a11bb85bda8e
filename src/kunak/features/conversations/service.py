"""A message is understood and answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from kunak.features.bots.service import Directory
from kunak.features.conversations.reply import answer_text, to_says
from kunak.features.conversations.schemas import Wish
from kunak.features.conversations.understand import understand
from kunak.features.messaging.schemas import Say, Turn
from kunak.features.search import service as search
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.words import Words, words_for
from kunak.integrations.telegram.incoming import read_message
from kunak.integrations.telegram.text import FormattedText


@dataclass(frozen=True)
class Conversation:
    """Answers the messages of all bots."""

    sessions: Sessions
    directory: Directory

    async def respond(self, turn: Turn) -> Sequence[Say]:
        """What is to be said; nothing when nothing was asked."""
        if turn.kind == "callback_query":
            return _release_button(turn)
        message = read_message(turn.payload.get(turn.kind)) if turn.kind == "message" else None
        if message is None:
            return []
        bot = (await self.directory.get(turn.chat.bot_id)).bot
        request = understand(message, bot.username)
        words = words_for(message.language_code)
        if request.wish is Wish.NOTHING:
            return []
        if request.wish is Wish.QUESTION:
            return to_says(await self._answer(request.text, words), message)
        return to_says(FormattedText().add(_reply_to(request.wish, bot.name, words)), message)

    async def _answer(self, question: str, words: Words) -> FormattedText:
        async with self.sessions() as session:
            answer = await search.ask(session, question, words.language)
            if not answer.citations and await search.is_empty(session):
                return FormattedText().add(words.gettext("I have not been given anything to read yet."))
        return answer_text(answer, words)

    def apologise(self, turn: Turn) -> Sequence[Say]:
        """A polite word for a message that could not be answered."""
        message = read_message(turn.payload.get("message"))
        if message is None or not message.is_private:
            return []
        words = words_for(message.language_code)
        text = words.gettext("Something went wrong on our side. Your message is kept; please ask again a little later.")
        return to_says(FormattedText().add(text), message)


def _reply_to(wish: Wish, name: str, words: Words) -> str:
    match wish:
        case Wish.START:
            return words.gettext(
                "Hello! I am %(name)s. Ask me about anything in plain words: I answer with quotes and links to where "
                "they come from.\n\n/help tells what I can do.",
                name=name,
            )
        case Wish.HELP:
            return words.gettext(
                "Write a question, as you would ask a person. I look through what I have read and show the best "
                "places, each with its source.\n\nIn a group, mention me, reply to me or write /ask and the question."
                "\n\n/start – begin\n/help – this text"
            )
        case Wish.SMALL_TALK:
            return words.gettext("I am here to look things up. Ask me a question, and I will search what I have read.")
        case Wish.UNKNOWN_COMMAND:
            return words.gettext("I do not know this command. /help tells what I can do.")
        case _:
            return words.gettext("I can read only text so far. Please write your question in words.")


def _release_button(turn: Turn) -> Sequence[Say]:
    query = turn.payload["callback_query"]
    query_id = query.get("id") if isinstance(query, dict) else None
    return [Say("answerCallbackQuery", {"callback_query_id": query_id})] if isinstance(query_id, str) else []
