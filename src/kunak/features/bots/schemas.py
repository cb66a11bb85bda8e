"""A bot, as other features see it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from kunak.foundation.jobs.job import Job, Queue

SANDBOX = "sandbox"
"""In place of the address of a Bot API server: our own sandbox, wherever it runs just now."""

TELEGRAM = "https://api.telegram.org"


class UpdatesBy(StrEnum):
    """How updates reach us: we ask (long polling), or Telegram calls (webhook)."""

    POLLING = "polling"
    WEBHOOK = "webhook"


class BotState(StrEnum):
    """Paused: updates are still received and kept, nothing is answered or sent."""

    ACTIVE = "active"
    PAUSED = "paused"
    REMOVED = "removed"


class Answers(StrEnum):
    """In what form answers are sent. Where Telegram refuses one form, the next one down is tried."""

    RICH = "rich"
    """With real tables, headings and lists, which some clients do not show yet."""
    ENTITIES = "entities"
    """Formatted text, which every client shows; tables are monospaced."""
    PLAIN = "plain"


@dataclass(frozen=True)
class Identity:
    """What Telegram says a token belongs to."""

    telegram_id: int
    username: str
    name: str


@dataclass(frozen=True)
class Bot:
    """A bot. `api_base` is the Bot API server it lives on: None for the one in the settings, or `SANDBOX`."""

    id: int
    telegram_id: int
    username: str
    name: str
    api_base: str | None
    updates_by: UpdatesBy
    state: BotState
    paused_reason: str | None
    next_update_id: int
    polled_at: datetime | None
    token_sealed: bytes | None = field(repr=False)
    webhook_secret_sealed: bytes = field(repr=False)
    sources: tuple[str, ...] | None = None
    """The keys of the sources it may quote; None: all of them, empty: none."""
    is_manager: bool = False
    """People may make further bots with it."""
    managed_by: int | None = None
    """The bot by which this one was made, which fetches its token."""
    answers: Answers = Answers.ENTITIES


@dataclass(frozen=True)
class Makers:
    """Who may make bots. `in_sandbox`: everybody may, of those who sit at our own sandbox."""

    people: frozenset[int] = frozenset()
    in_sandbox: bool = False

    def include(self, person_id: int, manager: Bot) -> bool:
        return person_id in self.people or (self.in_sandbox and manager.api_base == SANDBOX)


@dataclass(frozen=True)
class ConnectBot(Job):
    """Tell Telegram how a bot's updates reach us; of a removed one, that they no longer do."""

    queue: ClassVar[Queue] = Queue.EFFECTS
    bot_id: int
