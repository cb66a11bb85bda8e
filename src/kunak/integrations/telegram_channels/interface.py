"""Telegram as a user account sees it: channels, their messages, and what happens in them.

Messages come as Telegram's own schema (TL) names their parts: a dictionary an object, `_` for its constructor. So they
can be read without any vendor's classes, parts that nobody knew of when this was written too.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from kunak.foundation.errors import FatalError, InvalidInputError, NotFoundError, RetryableError

Message = dict[str, Any]
"""A `Message`, `MessageService` or `MessageEmpty`."""


class AccountWaitError(RetryableError):
    """Telegram asks this account to wait (FLOOD_WAIT). `retry_after` is always given."""


class AccountUnavailableError(RetryableError):
    """Telegram does not answer the account just now."""


class AccountRefusedError(FatalError):
    """Telegram no longer knows this session: it was ended, or the account is banned. Only a person can log in again."""


class ChannelGoneError(NotFoundError):
    """The channel is private, was deleted, or never was."""


class ChangesUnknownError(NotFoundError):
    """The server cannot say what has changed since."""


class CodeRefusedError(InvalidInputError):
    """The code is wrong."""


class PasswordRefusedError(InvalidInputError):
    """The password is wrong."""


@dataclass(frozen=True)
class Me:
    """Whose account it is."""

    id: int
    name: str
    phone: str | None


@dataclass(frozen=True)
class ChannelKey:
    """By what a channel is asked for. `access_hash` is good for one account only."""

    id: int
    access_hash: int


@dataclass(frozen=True)
class Channel:
    """A channel or supergroup."""

    key: ChannelKey
    title: str
    username: str | None


@dataclass(frozen=True)
class History:
    """Some messages, newest first."""

    messages: tuple[Message, ...]
    names: dict[str, str]
    """What is called how that the messages speak of: `channel:5`, `user:7`, `chat:9`."""
    pts: int | None
    """The channel's count of events at that moment, where the server says it."""


@dataclass(frozen=True)
class Changes:
    """What has happened in a channel since some count of events."""

    messages: tuple[Message, ...]
    """New and edited ones, as they are now."""
    deleted: tuple[int, ...]
    names: dict[str, str]
    pts: int
    is_last: bool
    """Nothing more has happened since."""
    was_too_long: bool = False
    """The server has forgotten some of it: what is there has to be read again."""


class ChannelAccount(Protocol):
    """A logged-in account. Every method may raise the errors above; one call is under way at a time."""

    async def who_am_i(self) -> Me: ...

    async def find_channel(self, name: str) -> Channel:
        """`name`: of a public channel, without @.

        Raises:
            ChannelGoneError: no channel is called so.
        """
        ...

    async def find_invited(self, invitation: str) -> Channel:
        """The private channel that an invitation (the part behind `t.me/+`) leads to.

        Raises:
            ChannelGoneError: there is none, or the account is not in it.
        """
        ...

    async def read_history(self, channel: ChannelKey, *, below: int | None, limit: int) -> History:
        """Up to `limit` (100 at most) messages with ids under `below`, or the newest."""
        ...

    async def read_messages(self, channel: ChannelKey, ids: Sequence[int]) -> History:
        """These messages (100 at most), as far as they are there."""
        ...

    async def read_changes(self, channel: ChannelKey, *, since: int) -> Changes:
        """
        Raises:
            ChangesUnknownError: the server does not say.
        """
        ...

    def listen(self, heard: Callable[[int | None], None]) -> None:
        """From now on, have `heard` called with the id of every channel in which something happens; None: in many."""
        ...

    async def wait_until_lost(self) -> None:
        """Returns when the connection has ended; this account is of no use then."""
        ...

    async def log_out(self) -> None:
        """End the session at Telegram."""
        ...


class Login(Protocol):
    """A conversation with Telegram that ends with a session."""

    async def send_code(self, phone: str) -> None:
        """Have Telegram send a code to whoever owns the account.

        Raises:
            InvalidInputError: this is no phone number with an account.
            AccountWaitError: too many were sent.
        """
        ...

    async def give_code(self, code: str) -> bool:
        """False: a password is asked for as well.

        Raises:
            CodeRefusedError: wrong; another may be given.
            InvalidInputError: too late; a new code has to be sent.
        """
        ...

    async def give_password(self, password: str) -> None:
        """
        Raises:
            PasswordRefusedError: wrong; another may be given.
        """
        ...

    async def who_am_i(self) -> Me: ...

    def session(self) -> str:
        """What opens the account again. As secret as a password."""
        ...


class TelegramChannels(Protocol):
    """The way to Telegram."""

    def open_account(self, session: str) -> AbstractAsyncContextManager[ChannelAccount]:
        """
        Raises:
            AccountRefusedError, AccountWaitError, AccountUnavailableError: as they say.
        """
        ...

    def open_login(self) -> AbstractAsyncContextManager[Login]: ...
