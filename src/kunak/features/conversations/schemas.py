"""What a person asked of a bot, and how its answer is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from kunak.foundation.jobs.job import Job, Queue
from kunak.foundation.language.languages import Language

PAGE = 5
"""Results that are shown at once."""


class Wish(StrEnum):
    """What a message asks for."""

    START = "start"
    HELP = "help"
    QUESTION = "question"
    DIGEST = "digest"
    FIND_LISTING = "find_listing"
    POST_LISTING = "post_listing"
    SMALL_TALK = "small_talk"
    NOT_TEXT = "not_text"
    UNKNOWN_COMMAND = "unknown_command"
    NOTHING = "nothing"


class Talk(StrEnum):
    """Which small talk."""

    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    ABOUT_YOU = "about_you"
    TASK = "task"
    OTHER = "other"


class Span(StrEnum):
    """How far back results may lie. The values stand in the data of buttons."""

    ANY = "a"
    DAY = "d"
    WEEK = "w"
    MONTH = "m"

    @property
    def length(self) -> timedelta | None:
        return {Span.DAY: timedelta(days=1), Span.WEEK: timedelta(days=7), Span.MONTH: timedelta(days=30)}.get(self)


@dataclass(frozen=True)
class Request:
    """A wish, and the text of the question."""

    wish: Wish
    text: str = ""
    talk: Talk = Talk.OTHER
    span: Span = Span.ANY
    """How far back, when a command says it."""


@dataclass(frozen=True)
class View:
    """What of an answer is shown: it stands in the data of each button."""

    span: Span = Span.ANY
    source: int = 0
    """Which of the offered sources, counting from 1; 0 for all."""
    skip: int = 0
    """Results before the first one shown."""
    is_picking: bool = False
    """The sources are shown to choose from."""


@dataclass(frozen=True)
class OfferedSource:
    """A source that an answer can be narrowed to."""

    key: str
    title: str


@dataclass(frozen=True)
class NewSearch:
    """A question whose answer can be looked at further: it bears buttons."""

    bot_id: int
    chat_id: int
    message_id: int
    """Of the question, in Telegram."""
    wish: Wish
    question: str
    language: Language
    """Of the person's client."""
    spans: Sequence[Span] = ()
    """Offered under the answer, in this order."""
    sources: Sequence[OfferedSource] = ()


@dataclass(frozen=True)
class KeptSearch:
    """The same, kept."""

    id: int
    asked: NewSearch
    asked_at: datetime


@dataclass(frozen=True)
class TellCommands(Job):
    """Tell Telegram the commands of a bot, in each of our languages."""

    queue: ClassVar[Queue] = Queue.EFFECTS
    bot_id: int


@dataclass(frozen=True)
class CheckCommands(Job):
    """Look for bots whose commands Telegram knows in an older wording."""

    queue: ClassVar[Queue] = Queue.EFFECTS


@dataclass(frozen=True)
class PruneSearches(Job):
    """Forget searches whose buttons nobody will press any more."""

    queue: ClassVar[Queue] = Queue.EFFECTS
