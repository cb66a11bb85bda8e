"""The shapes of looking after language models: how long they are there, what they cost, what may be spent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from kunak.foundation.jobs.job import Job, Queue

DEFAULT_CURRENCY = "USD"


@dataclass(frozen=True)
class WatchModels(Job):
    """Ask the providers which of the language models in use will be shut down, and tell the admins in time."""

    queue: ClassVar[Queue] = Queue.EFFECTS


@dataclass(frozen=True)
class SettleLostCalls(Job):
    """Count calls of models whose end nobody told: the worker died, or its turn was taken over."""

    queue: ClassVar[Queue] = Queue.EFFECTS


@dataclass(frozen=True)
class ForgetSpenders(Job):
    """Take the names off what was spent long ago, and off what its person has asked to forget."""

    queue: ClassVar[Queue] = Queue.EFFECTS


@dataclass(frozen=True)
class Sunset:
    """A model in use that its provider will shut down."""

    provider: str
    model: str
    day: date
    """The first day without it."""
    bots: Sequence[str] = ()
    """That chose it, such as `@friend_bot`."""
    is_set: bool = True
    """The settings name it."""


class Per(StrEnum):
    """Whose spending a budget bounds."""

    USER = "user"
    CHAT = "chat"
    """A group."""
    BOT = "bot"
    INSTALLATION = "installation"


class BudgetPeriod(StrEnum):
    """How long a budget lasts, by the calendar."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True)
class Price:
    """Of a million tokens, or by the minute. `cached`: of input that the provider remembered, None: as any other."""

    model: str
    input: Decimal
    output: Decimal
    cached: Decimal | None = None
    currency: str = DEFAULT_CURRENCY
    provider: str = ""
    """Empty: whoever runs the model."""
    minute: Decimal | None = None
    """Of sound. A model with this price listens, and its tokens cost nothing."""


class Part(StrEnum):
    """What a model in use is there for."""

    ASKED = "asked"
    IN_PLACE = "in place"
    """Answers when the first provider is not well."""
    LISTENS = "listens"


@dataclass(frozen=True)
class InUse:
    """A model that is asked for something."""

    provider: str
    model: str
    part: Part


@dataclass(frozen=True)
class Budget:
    """What may be spent in a period.

    `bot_id`: counted with this bot alone, None: with all together. `subject`: the user or chat it is for, None: each.
    """

    per: Per
    period: BudgetPeriod
    amount: Decimal
    bot_id: int | None = None
    subject: int | None = None
    currency: str = DEFAULT_CURRENCY


@dataclass(frozen=True)
class ModelChoice:
    """The models of a bot, in the words of the first provider; empty: the one in the settings, and none."""

    model: str = ""
    cheaper: str = ""


@dataclass(frozen=True)
class Bookkeeping:
    """Who is asked first, and where the day begins."""

    provider: str = ""
    model: str = ""
    zone: tzinfo = UTC
    settled: dict[tuple[str, str], tuple[Decimal, datetime]] = field(default_factory=dict, compare=False, repr=False)
    """What was spent of a budget (its key and currency) up to an hour ago or so: this process has added it up."""


@dataclass(frozen=True)
class Spender:
    """On whose behalf a model is asked. `chat_id`: of a group. Nobody's: the installation's own."""

    bot_id: int | None = None
    chat_id: int | None = None
    user_id: int | None = None


@dataclass(frozen=True)
class Tokens:
    """How many. `cached` is a part of `input`. A model that listens uses `seconds` of sound in their place."""

    input: int = 0
    cached: int = 0
    output: int = 0
    seconds: int = 0


@dataclass(frozen=True)
class Terms:
    """What holds for a spender just now."""

    prices: Sequence[Price]
    budgets: Sequence[Budget]
    choice: ModelChoice

    @property
    def currency(self) -> str:
        used = [*(each.currency for each in self.prices), *(each.currency for each in self.budgets)]
        return next(iter(used), DEFAULT_CURRENCY)


@dataclass(frozen=True)
class Watched:
    """A budget that bounds a call, and what was spent of it before, estimates of running calls included."""

    budget: Budget
    key: str
    """Tells the budget, whose it is, and the period."""
    spent: Decimal
    resets_at: datetime
    was_noticed: bool = False


class Reason(StrEnum):
    """Why no model is asked."""

    SPENT = "spent"
    OFF = "off"
    """The budget is zero."""
    UNPRICED = "unpriced"
    """There is a budget, and nobody knows what the model costs."""


@dataclass(frozen=True)
class Refused:
    """No model is asked. `budget` and `resets_at`: None for an unpriced model."""

    reason: Reason
    budget: Budget | None = None
    resets_at: datetime | None = None


@dataclass(frozen=True)
class Allowed:
    """Leave to ask a model once; an estimate of the cost is held until it is settled."""

    call_id: UUID
    spender: Spender
    purpose: str
    model: str
    """To be asked for; empty: the one of the settings."""
    books: Bookkeeping
    terms: Terms
    watched: Sequence[Watched] = ()
    estimate: Tokens = field(default_factory=Tokens)

    @property
    def listens(self) -> bool:
        """It costs by the minute."""
        return self.estimate.seconds > 0


@dataclass(frozen=True)
class Bill:
    """What a call cost. `cost`: None when nobody knows the price; `notices`: budgets that run low because of it."""

    call_id: UUID
    spender: Spender
    purpose: str
    provider: str
    model: str
    tokens: Tokens
    cost: Decimal | None
    currency: str
    is_estimated: bool
    notices: Sequence[Watched] = ()


class UsageBy(StrEnum):
    """What usage is added up by."""

    BOT = "bot"
    USER = "user"
    MODEL = "model"
    DAY = "day"


@dataclass(frozen=True)
class UsageLine:
    """What was used under one name. `unknown` and `estimated`: how many of the calls had no price, or no count.

    `voices`: how many voice messages were heard.
    """

    name: str
    calls: int
    tokens: Tokens
    cost: Decimal
    currency: str
    unknown: int
    estimated: int
    voices: int


@dataclass(frozen=True)
class OwnUsage:
    """What one person used with a bot today and this month, and the budgets that bound it."""

    today: UsageLine
    month: UsageLine
    budgets: Sequence[Watched]
