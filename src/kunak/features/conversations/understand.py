"""What does this message ask of the bot?"""

import re

from kunak.features.conversations.schemas import Request, Wish
from kunak.features.understanding.service import is_small_talk
from kunak.foundation.clock import now
from kunak.integrations.telegram.incoming import IncomingMessage

_COMMAND = re.compile(r"/(?P<name>\w{1,32})(?:@(?P<bot>\w+))?(?:\s+(?P<rest>.*))?\Z", re.DOTALL)
_COMMANDS = {"start": Wish.START, "help": Wish.HELP}


def understand(message: IncomingMessage, username: str) -> Request:
    """In private everything is for the bot; in a group only commands, mentions of it, and replies to it."""
    if message.from_bot:
        return Request(Wish.NOTHING)
    text = message.text.strip()
    if command := _COMMAND.match(text):
        return _command(command, message, username)
    if not message.is_private and not _is_addressed(message, username):
        return Request(Wish.NOTHING)
    question = _without_mention(text, username)
    if question:
        return Request(Wish.SMALL_TALK if is_small_talk(question, now=now()) else Wish.QUESTION, question)
    return Request(Wish.NOT_TEXT if message.has_media or not message.is_private else Wish.NOTHING)


def _command(command: re.Match[str], message: IncomingMessage, username: str) -> Request:
    addressee, name = command["bot"], command["name"].lower()
    if addressee is not None and addressee.lower() != username.lower():
        return Request(Wish.NOTHING)
    if name == "ask":
        question = (command["rest"] or "").strip()
        return Request(Wish.QUESTION, question) if question else Request(Wish.HELP)
    if name in _COMMANDS:
        return Request(_COMMANDS[name])
    # In a group an unknown command without a name is most likely meant for another bot.
    return Request(Wish.UNKNOWN_COMMAND if message.is_private or addressee else Wish.NOTHING)


def _is_addressed(message: IncomingMessage, username: str) -> bool:
    mentioned = _mention(username).search(message.text) is not None
    return mentioned or (message.reply_to_username or "").lower() == username.lower()


def _without_mention(text: str, username: str) -> str:
    return _mention(username).sub("", text).strip(" ,:\n")


def _mention(username: str) -> re.Pattern[str]:
    return re.compile(rf"@{re.escape(username)}\b", re.IGNORECASE)
