"""The shapes that enter and leave the Telegram account."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kunak.foundation.crypto import SecretBox
from kunak.foundation.db.engine import Sessions
from kunak.integrations.telegram_channels.interface import ChannelAccount, TelegramChannels

OpenAccount = Callable[[], AbstractAsyncContextManager[ChannelAccount]]
"""How who reads channels gets the account: for a while, and governed."""


class AccountState(StrEnum):
    """Whether the account can be used."""

    OUT = "out"
    """Nobody is logged in."""
    ACTIVE = "active"
    PAUSED = "paused"
    """Telegram has refused it; a person has to log in again."""


@dataclass(frozen=True)
class Account:
    """The account as it stands."""

    state: AccountState
    session_sealed: bytes | None = field(default=None, repr=False)
    telegram_id: int | None = None
    name: str | None = None
    paused_reason: str | None = None
    wait_until: datetime | None = None
    """Telegram has asked not to be asked before."""
    logged_in_at: datetime | None = None


@dataclass(frozen=True)
class Doors:
    """What the account is reached by."""

    sessions: Sessions
    box: SecretBox
    telegram: TelegramChannels
