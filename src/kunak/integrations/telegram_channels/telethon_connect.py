"""How a connection to a server comes about: on which transport it listens, and how it wants a key to be agreed on."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from telethon.crypto import AuthKey
from telethon.network import (
    ConnectionTcpAbridged,
    ConnectionTcpFull,
    ConnectionTcpIntermediate,
    ConnectionTcpObfuscated,
    MTProtoSender,
)

from kunak.foundation.errors import InvalidInputError, KunakError
from kunak.integrations.telegram_channels.interface import AccountUnavailableError
from kunak.integrations.telegram_channels.server import Server, Transport
from kunak.integrations.telegram_channels.telethon_key import exchange
from kunak.integrations.telegram_channels.telethon_session import Session

_KINDS = {
    Transport.FULL: ConnectionTcpFull,
    Transport.ABRIDGED: ConnectionTcpAbridged,
    Transport.INTERMEDIATE: ConnectionTcpIntermediate,
    Transport.OBFUSCATED: ConnectionTcpObfuscated,
}
REACHED_S = 30.0
log = logging.getLogger(__name__)
_quiet = log.getChild("library")
_quiet.setLevel(logging.CRITICAL)  # what it tells there comes to us as errors, too
_LOGGERS: defaultdict[str, logging.Logger] = defaultdict(lambda: _quiet)


async def connect(session: Session, updates: Any, *, is_own: bool, patience_s: float) -> Any:
    """A connected sender; a session without a key has one then. `is_own`: the server is not Telegram's.

    Raises:
        AccountUnavailableError: the server is not there, or does not answer as one.
        InvalidInputError: it is not the server whose key we were given.
    """
    if session.key is not None:
        return await _connect(session, session.transport or Transport.FULL, updates, REACHED_S)
    if not is_own:
        with exchange(is_padded=False):
            return await _agree(session, session.transport or Transport.FULL, updates, REACHED_S)
    await _look(session.server)
    return await _find_way(session, updates, patience_s)


async def _look(server: Server) -> None:
    try:
        async with asyncio.timeout(REACHED_S):
            _, writer = await asyncio.open_connection(server.host, server.port)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise AccountUnavailableError(f"The MTProto server {_address(server)} cannot be reached ({why}).") from None
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def _find_way(session: Session, updates: Any, patience_s: float) -> Any:
    for transport in [session.transport] if session.transport else list(Transport):
        for is_padded in (False, True):
            with exchange(is_padded=is_padded) as tried:
                try:
                    return await _agree(session, transport, updates, patience_s)
                except KunakError:
                    raise
                except Exception as error:  # noqa: BLE001  whatever a server that takes us for garbage makes of us
                    log.debug("telegram: no key over %s (%s)", transport, type(error).__name__)
            if not tried.offered:
                break
            if not tried.is_trusted:
                finger = f"{tried.offered[0] & 0xFFFFFFFFFFFFFFFF:016x}"
                raise InvalidInputError(
                    "KUNAK_TELEGRAM_MTPROTO_KEY does not hold the key of the MTProto server "
                    f"{_address(session.server)}: that has the fingerprint {finger}."
                )
    over = session.transport or "any transport"
    raise AccountUnavailableError(
        f"{_address(session.server)} does not answer as an MTProto server (over {over}): no key could be agreed on."
    )


def _address(server: Server) -> str:
    return f"[{server.host}]:{server.port}" if ":" in server.host else f"{server.host}:{server.port}"


async def _agree(session: Session, transport: Transport, updates: Any, patience_s: float) -> Any:
    sender = await _connect(session, transport, updates, patience_s)
    session.key, session.transport = sender.auth_key.key, transport
    return sender


async def _connect(session: Session, transport: Transport, updates: Any, patience_s: float) -> Any:
    sender = MTProtoSender(
        AuthKey(session.key),
        loggers=_LOGGERS,
        retries=0 if session.key is None else 1,
        delay=0 if session.key is None else 1,
        auto_reconnect=False,  # who reads must know of it, to look at what was missed
        connect_timeout=REACHED_S,
        updates_queue=updates,
    )
    server = session.server
    connection = _KINDS[transport](server.host, server.port, server.data_centre, loggers=_LOGGERS)
    async with _hung_up_on_failure(sender), asyncio.timeout(patience_s):
        await sender.connect(connection)
    return sender


@asynccontextmanager
async def _hung_up_on_failure(sender: Any) -> AsyncIterator[None]:
    try:
        yield
    except BaseException:
        await hang_up(sender)
        raise


async def hang_up(sender: Any) -> None:
    await sender.disconnect()
    await ended(sender)


async def ended(sender: Any) -> None:
    """Returns when the connection has ended."""
    try:
        await sender.disconnected
    except Exception as error:  # noqa: BLE001  it ends with whatever has ended it, and wants to be asked what that was
        log.debug("telegram: the connection has ended (%s)", type(error).__name__)
