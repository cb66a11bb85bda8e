"""What Telethon raises, in our words."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from telethon import errors

from kunak.foundation.errors import InvalidInputError, KunakError, TerminalError
from kunak.integrations.telegram_channels.interface import (
    AccountRefusedError,
    AccountUnavailableError,
    AccountWaitError,
    ChannelGoneError,
    CodeRefusedError,
    PasswordRefusedError,
)

_SHORTEST_WAIT_S = 1
_UNSAID_WAIT_S = 60
_GONE = (
    errors.ChannelInvalidError,
    errors.ChannelPrivateError,
    errors.ChannelPublicGroupNaError,
    errors.InviteHashEmptyError,
    errors.InviteHashExpiredError,
    errors.InviteHashInvalidError,
    errors.MsgIdInvalidError,
    errors.PeerIdInvalidError,
    errors.UsernameInvalidError,
    errors.UsernameNotOccupiedError,
)
_CODE = (errors.PhoneCodeInvalidError, errors.PhoneCodeEmptyError)
_LATE = (errors.PhoneCodeExpiredError,)
_PASSWORD = (errors.PasswordHashInvalidError,)
_NEWER = (errors.TypeNotFoundError,)
_PHONE = (errors.PhoneNumberInvalidError, errors.PhoneNumberUnoccupiedError)
_REFUSED = (
    errors.UnauthorizedError,
    errors.AuthKeyDuplicatedError,
    errors.AuthKeyNotFound,
    errors.PhoneNumberBannedError,
    errors.ApiIdInvalidError,
    errors.ApiIdPublishedFloodError,
)
_AWAY = (
    OSError,
    EOFError,
    asyncio.TimeoutError,
    errors.ServerError,
    errors.TimedOutError,
    errors.InvalidBufferError,
    errors.InvalidChecksumError,
    errors.SecurityError,
)


@contextmanager
def in_our_words() -> Iterator[None]:
    """
    Raises:
        KunakError: in place of everything that Telethon raises.
    """
    try:
        yield
    except asyncio.CancelledError:
        # Losing the connection, Telethon cancels who waits for an answer: nobody asked this task to stop.
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise AccountUnavailableError("The connection to Telegram was lost.") from None
    except KunakError:
        raise
    except Exception as error:  # noqa: BLE001  nothing of Telethon's leaves this folder
        # None: its traceback holds the session and what a person has typed.
        raise _translate(error) from None


def is_about_more(error: Exception) -> bool:
    """Whether an error is about the account or the channel, and not about the one request."""
    return isinstance(error, (errors.FloodError, *_GONE, *_REFUSED))


def is_unknown_method(error: Exception) -> bool:
    """Whether the server says that it does not know such requests; each server has words of its own for it."""
    if not isinstance(error, errors.RPCError):
        return False
    return error.code in _UNKNOWN_CODES or _UNKNOWN.search(_name(error)) is not None


_UNKNOWN_CODES = (404, 501)
_UNKNOWN = re.compile(
    r"NOT_IMPL|UNIMPLEMENTED|NOT_SUPPORTED|METHOD_(INVALID|NOT_FOUND|UNKNOWN)|UNKNOWN_METHOD|ENTERPRISE_IS_BLOCKED"
    r"|(INPUT_(METHOD|CONSTRUCTOR|REQUEST)|TYPE_CONSTRUCTOR|REQUEST_TYPE)_(INVALID|UNKNOWN)|^NOT_FOUND$"
)


def _translate(error: Exception) -> KunakError:
    if isinstance(error, errors.FloodError):
        seconds = max(int(getattr(error, "seconds", _UNSAID_WAIT_S)), _SHORTEST_WAIT_S)
        return AccountWaitError(f"Telegram asks the account to wait for {seconds} seconds.", retry_after=seconds)
    if is_unknown_method(error):
        return TerminalError(f"The server does not know what we ask of it ({_asked(error)}: {_name(error)}).")
    for kinds, say in _WORDS:
        if isinstance(error, kinds):
            return say(error)
    return TerminalError(f"Telegram refuses: {_name(error)}.")


_WHY: dict[type[Exception], str] = {
    errors.ChannelPrivateError: "it is private, and the account is not in it",
    errors.ChannelInvalidError: "it is not there any more",
    errors.UsernameInvalidError: "no channel can have such a name",
    errors.UsernameNotOccupiedError: "nobody has this name",
    errors.InviteHashExpiredError: "the invitation is no longer good",
    errors.InviteHashInvalidError: "the invitation is not good",
}


def _name(error: Exception) -> str:
    """As Telegram calls it, and people find it in the web; never the text, which may quote what was sent."""
    name = type(error).__name__
    if type(error).__module__ == errors.rpcerrorlist.__name__:
        return _CAPITAL.sub("_", name.removesuffix("Error")).upper()
    message = getattr(error, "message", None)
    return message if isinstance(message, str) and _TELEGRAMS_OWN.fullmatch(message) else name


def _asked(error: Exception) -> str:
    return type(getattr(error, "request", None)).__name__.removesuffix("Request")


_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
_TELEGRAMS_OWN = re.compile(r"[A-Z0-9_]{3,60}")


_WORDS: tuple[tuple[tuple[type[Exception], ...], Callable[[Exception], KunakError]], ...] = (
    (
        _GONE,
        lambda error: ChannelGoneError(
            f"The account cannot read this channel: {_WHY.get(type(error)) or _name(error)}."
        ),
    ),
    (_CODE, lambda _: CodeRefusedError()),
    (_LATE, lambda _: InvalidInputError("The code is too old. Begin again, and Telegram sends a new one.")),
    (_PASSWORD, lambda _: PasswordRefusedError()),
    (_PHONE, lambda _: InvalidInputError("There is no Telegram account with this phone number.")),
    (
        (errors.AuthKeyNotFound,),
        lambda _: AccountRefusedError("The server does not know the session: it was ended, or this is another server."),
    ),
    (_REFUSED, lambda error: AccountRefusedError(f"Telegram refuses the account: {_name(error)}.")),
    (_AWAY, lambda error: AccountUnavailableError(f"Telegram does not answer ({_name(error)}).")),
    (_NEWER, lambda _: TerminalError("Telegram sent something that this version cannot read; a newer one may.")),
)
