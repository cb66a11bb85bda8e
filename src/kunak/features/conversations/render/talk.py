"""What the bot says of itself, and to those who only talk."""

from kunak.features.conversations.schemas import Talk, Wish
from kunak.foundation.language.words import Words


def talk_back(talk: Talk, name: str, words: Words) -> str:
    """A word that fits what was said, and in one sentence what the bot can do."""
    match talk:
        case Talk.GREETING:
            return words.gettext("Hello! Ask me about anything, and I will look through what I have read.")
        case Talk.THANKS:
            return words.gettext("You are welcome! If something else is to be looked up, just write.")
        case Talk.GOODBYE:
            return words.gettext("Goodbye! Come back whenever there is something to look up.")
        case Talk.ABOUT_YOU:
            return words.gettext(
                "I am %(name)s, a bot that reads channels and documents: ask a question, and I answer with quotes and "
                "their sources, or ask what is new. /help tells more.",
                name=name,
            )
        case Talk.TASK:
            return words.gettext(
                "I cannot do that yet: I look things up in what I have read and show where they stand. Is there "
                "something you would like to know?"
            )
        case _:
            return words.gettext("I am better at looking things up than at small talk. What would you like to know?")


def reply_to(wish: Wish, name: str, username: str, words: Words) -> str:
    """What is said to a wish that needs no search."""
    match wish:
        case Wish.START:
            return words.gettext(
                "Hello! I am %(name)s. Ask me about anything in plain words: I answer from what I have read, with "
                "links to where it stands.\n\n/help tells what I can do.",
                name=name,
            )
        case Wish.HELP:
            return words.gettext(
                "Write a question, as you would ask a person. I answer from what I have read, and name the "
                "sources; the buttons below an answer go on from it.\n\nIn a group, mention me, "
                "reply to me or write /ask and the question. In any other chat, type my name and the question: "
                "@%(username)s …\n\n/digest – what is new today, /digest week – this week\n/search – look something "
                "up\n/refresh – begin anew, /stop – end the answer that is being written\n/language – choose my "
                "language\n/usage – what you have used of the language model\n/mydata – everything I remember of you, "
                "/forget – erase it\n/help – this text",
                username=username,
            )
        case Wish.POST_LISTING:
            return words.gettext(
                "I would gladly put it up, but the notice board is not open yet. Nothing was published; please keep "
                "your text."
            )
        case Wish.UNKNOWN_COMMAND | Wish.NEW_BOT:
            return words.gettext("I do not know this command. /help tells what I can do.")
        case _:
            return words.gettext("I do not understand this. /help tells what I can do.")
