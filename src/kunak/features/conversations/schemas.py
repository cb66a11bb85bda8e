"""What a person asked of a bot."""

from dataclasses import dataclass
from enum import StrEnum


class Wish(StrEnum):
    """What a message asks for."""

    START = "start"
    HELP = "help"
    QUESTION = "question"
    SMALL_TALK = "small_talk"
    NOT_TEXT = "not_text"
    UNKNOWN_COMMAND = "unknown_command"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Request:
    """A wish, and the text of the question."""

    wish: Wish
    text: str = ""
