"""What we ask of Telegram's Bot API, and what can go wrong with it.

Every answer of a Bot API server becomes one of three kinds of error (`foundation.errors`): RETRYABLE, FATAL, TERMINAL.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

from kunak.foundation.errors import FatalError, RetryableError, TerminalError


class TelegramUnavailableError(RetryableError):
    """Telegram does not answer just now."""

    def __init__(
        self, message: str = "", *, code: int | None = None, retry_after: float | None = None, maybe_done: bool = False
    ) -> None:
        """`code`: Telegram's, if it answered; `maybe_done`: it may have got the request, only its answer got lost."""
        super().__init__(message, retry_after=retry_after)
        self.code = code
        self.maybe_done = maybe_done


class TokenRefusedError(FatalError):
    """Telegram refuses this bot's token; get the present one from @BotFather and add the bot again."""


class TelegramRefusedError(TerminalError):
    """Telegram refuses this request."""

    def __init__(self, message: str = "", *, code: int = 400, migrate_to_chat_id: int | None = None) -> None:
        """`code`: Telegram's error code; `migrate_to_chat_id`: the group became a supergroup with this id."""
        super().__init__(message)
        self.code = code
        self.migrate_to_chat_id = migrate_to_chat_id


@dataclass(frozen=True)
class BotAccess:
    """Which bot speaks, and through which Bot API server."""

    base: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class Upload:
    """A file to be sent, as the value of a parameter."""

    name: str
    content: bytes = field(repr=False)
    media_type: str = "application/octet-stream"


class TelegramClient(Protocol):
    """A Bot API client."""

    async def call(
        self, bot: BotAccess, method: str, params: dict[str, Any] | None = None, *, wait_s: float = 0
    ) -> Any:
        """The `result` of a Bot API method; `wait_s` is how long the server itself may hold the answer back.
        A value of `params` may be an `Upload`.

        Raises:
            TelegramUnavailableError: network, time-out, 409, 429 (with `retry_after`), 5xx.
            TokenRefusedError: the token is not, or no longer, good.
            TelegramRefusedError: everything else, in Telegram's words.
        """
        ...

    async def close(self) -> None: ...
