"""What a person asked of a bot, and how its answer is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Literal
from uuid import UUID, uuid4

from kunak.features.bots.schemas import Bot
from kunak.features.language_models.schemas import Bill
from kunak.foundation.jobs.job import Job, Queue
from kunak.foundation.language.languages import Language
from kunak.foundation.language.words import Words, words_for
from kunak.integrations.telegram.incoming import IncomingMessage
from kunak.integrations.telegram.interface import BotAccess

PAGE = 5
"""Results that are shown at once."""


class Wish(StrEnum):
    """What a message asks for."""

    START = "start"
    HELP = "help"
    REFRESH = "refresh"
    STOP = "stop"
    FORGET = "forget"
    USAGE = "usage"
    MY_DATA = "mydata"
    LANGUAGE = "language"
    NEW_BOT = "new_bot"
    QUESTION = "question"
    DIGEST = "digest"
    FIND_LISTING = "find_listing"
    POST_LISTING = "post_listing"
    SMALL_TALK = "small_talk"
    LOOK = "look"
    """At a picture."""
    LISTEN = "listen"
    """To a voice message, or another sound."""
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
class ThreadPlace:
    """Where a thread is: a chat of a bot, or one topic of it (0: none)."""

    bot_id: int
    chat_id: int
    topic: int = 0


@dataclass(frozen=True)
class Spoken:
    """A message that a bot is to answer. `inbox_id`: by which the ledger knows it, however often it is tried."""

    bot: Bot
    inbox_id: int
    message: IncomingMessage
    access: BotAccess | None = field(default=None, repr=False)
    """To the bot's Bot API, for what is not said by the outbox."""
    is_pressed: bool = False
    """Nobody wrote it: it stood on a button under `message`."""
    stop_asked: bool = False
    """The person wants no answer any more."""
    lease: UUID | None = None
    """By which the turn is held in which this is answered."""

    @property
    def place(self) -> ThreadPlace:
        return ThreadPlace(self.bot.id, self.message.chat_id, self.message.thread_id or 0)

    @property
    def words(self) -> Words:
        """Of the person's language."""
        return words_for(self.message.language_code)


@dataclass(frozen=True)
class ThreadMessage:
    """What was said, by a person or by the bot, as plain text or Markdown; or a summary of what was said before."""

    role: Literal["user", "assistant", "summary"]
    text: str

    @property
    def tokens(self) -> int:
        """About how many a model counts; Russian has some three characters a token, English four."""
        return len(self.text) // 3 + 1


@dataclass(frozen=True)
class PromptVersion:
    """One wording of a prompt."""

    id: int
    number: int
    text: str
    note: str
    is_active: bool
    created_at: datetime
    is_shipped: bool
    """It is Kunak's own, and no version of the bot's."""


class GenerationMode(StrEnum):
    """What a model was to answer from."""

    GROUNDED = "grounded"
    """From passages alone."""
    FREE = "free"
    """From the conversation, and what the model knows."""
    SUMMARY = "summary"
    """From a part of the conversation, which it was to sum up."""


class Outcome(StrEnum):
    """What became of an answer of a model."""

    SAID = "said"
    NOT_FOUND = "not_found"
    """The model found no answer in the passages."""
    UNSUPPORTED = "unsupported"
    """No part of it named a passage that there is."""
    LEAKED = "leaked"
    """It repeated what the model was told in confidence."""
    STOPPED = "stopped"
    """The person stopped it."""


@dataclass(frozen=True)
class Generation:
    """One answer of a model, with all it takes to ask the same again."""

    mode: GenerationMode
    outcome: Outcome
    question: str
    history: Sequence[ThreadMessage]
    passages: Sequence[dict[str, object]]
    """For each: its `number`, the `kind`, `thing`, `passage` and `reference` by which search knows it, and the `title`
    and `text` of then: what was read may change, or go."""
    prompt_version_id: int
    rules: str
    """A fingerprint of the rules that were added to the prompt."""
    text: str
    """As the model wrote it."""
    provider: str
    model: str
    tokens_in: int | None
    tokens_cached: int | None
    tokens_out: int | None
    """None where the server does not count."""
    seconds: float
    bill: Bill | None = None
    """What it cost; settled together with the answer."""
    key: UUID = field(default_factory=uuid4)
    """By which buttons know it."""
    follow_ups: Sequence[str] = ()
    """Questions that may come next; search finds something for each."""


@dataclass(frozen=True)
class Tally:
    """What people think of an answer."""

    ups: int = 0
    downs: int = 0


@dataclass(frozen=True)
class Answered:
    """An answer of a model, as its buttons find it."""

    id: int
    inbox_id: int
    """Of what it answers."""
    question: str
    follow_ups: Sequence[str]
    followed: Sequence[int]
    """Which of them were asked."""


@dataclass(frozen=True)
class Vote:
    """What one person thinks of an answer."""

    person_id: int
    is_up: bool
    voted_at: datetime
    question: str


@dataclass(frozen=True)
class Feedback:
    """An answer that people voted on, with all it was made from."""

    id: int
    bot_id: int
    chat_id: int
    at: datetime
    tally: Tally
    generation: Generation
    prompt_number: int
    """Of the bot's own versions, or of those that are shipped."""
    prompt_is_shipped: bool
    prompt: str


@dataclass(frozen=True)
class Unsummarised:
    """An open thread, and what was said in it since its summary; the oldest first, each with its id."""

    place: ThreadPlace
    inbox_id: int
    """Of the last message."""
    summary: str
    up_to: int
    """The id of the last message that the summary holds; 0: of none."""
    messages: Sequence[tuple[int, ThreadMessage]]


@dataclass(frozen=True)
class SummariseThread(Job):
    """Sum up what is too old to be told word for word with the next question."""

    queue: ClassVar[Queue] = Queue.EFFECTS
    thread_id: int


@dataclass(frozen=True)
class PruneThreads(Job):
    """Forget conversations that are as old as the messages which the ledger forgets."""

    queue: ClassVar[Queue] = Queue.EFFECTS


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
