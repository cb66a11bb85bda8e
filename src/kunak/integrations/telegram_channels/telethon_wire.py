"""One connection to a Telegram server: what is asked of it, and what it tells.

Of Telethon this takes the protocol: packets, encryption, acknowledgements. Its client is left aside. That one asks for
more than it was told to and gives up where a server has none of it, waits for an answer without an end, and goes
wherever it is sent.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from telethon import errors
from telethon.tl import functions
from telethon.tl.alltlobjects import LAYER

from kunak import __version__
from kunak.foundation.errors import InvalidInputError
from kunak.integrations.telegram_channels.server import Server, Way
from kunak.integrations.telegram_channels.telethon_connect import REACHED_S, connect, ended, hang_up
from kunak.integrations.telegram_channels.telethon_errors import in_our_words, is_unknown_method
from kunak.integrations.telegram_channels.telethon_session import Session

log = logging.getLogger(__name__)

_MOMENT_S = 1.0
_PING_EVERY_S = 60.0
_ELSEWHERE = (errors.PhoneMigrateError, errors.NetworkMigrateError, errors.UserMigrateError)
_PASSING = (
    errors.ServerError,
    errors.TimedOutError,
    errors.RpcCallFailError,
    errors.RpcMcgetFailError,
    errors.InterdcCallErrorError,
    errors.InterdcCallRichErrorError,
)


class Wire:
    """Requests go out, answers come within `patience_s` seconds or not at all."""

    def __init__(self, way: Way, session: Session, *, patience_s: float = REACHED_S) -> None:
        self.session = session
        self.hear: Callable[[Any], None] = lambda _: None
        self._way = way
        self.patience_s = patience_s
        self._sender: Any = None
        self._centres: list[Any] = []
        self._pinging: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def connected(self) -> AsyncIterator["Wire"]:
        """
        Raises:
            KunakError: as `connect`, in our words.
        """
        try:
            with in_our_words():
                await self._open()
            yield self
        finally:
            await self._close()

    async def ask(self, request: Any) -> Any:
        """The answer.

        Raises:
            RPCError, TimeoutError: Telethon's own; a lost connection cancels who waits.
            InvalidInputError: the server sends us to another one.
        """
        try:
            return await self._try(request)
        except _ELSEWHERE as error:
            await self._move(error.new_dc)
            return await self._try(request)

    async def ended(self) -> None:
        """Returns when the connection has ended."""
        await ended(self._sender)

    async def _try(self, request: Any) -> Any:
        try:
            return await self._once(request)
        except _PASSING as error:
            if is_unknown_method(error):
                raise
            await asyncio.sleep(_MOMENT_S)
            return await self._once(request)

    async def _once(self, request: Any) -> Any:
        async with asyncio.timeout(self.patience_s):
            return await self._sender.send(request)

    async def _open(self) -> None:
        is_own = self._way.server is not None
        self._sender = await connect(self.session, self, is_own=is_own, patience_s=self.patience_s)
        self._pinging = asyncio.create_task(self._ping())
        hello = functions.InvokeWithLayerRequest(LAYER, self._introduction(functions.help.GetConfigRequest()))
        try:
            self._centres = (await self._once(hello)).dc_options
        except errors.FloodError:
            raise
        except (errors.RPCError, errors.TypeNotFoundError):
            self._centres = []  # whoever needs a configuration to be of use says so when it is asked for something

    def _introduction(self, query: Any) -> Any:
        return functions.InitConnectionRequest(
            api_id=self._way.application.api_id,
            device_model="Kunak",
            system_version="1.0",
            app_version=__version__,
            system_lang_code="en",
            lang_pack="",
            lang_code="en",
            query=query,
        )

    async def _move(self, data_centre: int) -> None:
        """To where the account lives; with a server of one's own the settings have the last word."""
        own = self._way.server
        if own is not None:
            raise InvalidInputError(
                f"The MTProto server {own.host}:{own.port}, data centre {own.data_centre}, sends this account to data "
                f"centre {data_centre}: set KUNAK_TELEGRAM_MTPROTO_HOST, _PORT and _DC to that one."
            )
        await self._close()
        self.session.server, self.session.key = self._find_centre(data_centre), None
        await self._open()

    def _find_centre(self, data_centre: int) -> Server:
        for each in self._centres:
            if each.id == data_centre and not (each.ipv6 or each.cdn or each.media_only or each.tcpo_only):
                return Server(each.ip_address, each.port, each.id)
        raise InvalidInputError(
            f"Telegram sends this account to data centre {data_centre}, and does not say where it is."
        )

    async def _ping(self) -> None:
        """A connection that is dead and does not know it would be listened to forever."""
        sender = self._sender
        while True:
            await asyncio.sleep(_PING_EVERY_S)
            if not await self._is_alive():
                await sender.disconnect()
                return

    async def _is_alive(self) -> bool:
        for request in (functions.PingRequest(random.getrandbits(62)), functions.help.GetConfigRequest()):
            try:
                await self._once(request)
            except TimeoutError:
                continue  # there are servers whose answer to a ping says of which ping in a way of their own
            except OSError:
                return False
            except Exception as error:  # noqa: BLE001  an answer is a sign of life, a refusal or gibberish too
                log.debug("telegram: a strange answer to a ping (%s)", type(error).__name__)
            return True
        return False

    async def _close(self) -> None:
        if self._pinging is not None:
            self._pinging.cancel()
            await asyncio.wait({self._pinging})
        if self._sender is not None:
            await hang_up(self._sender)

    def put_nowait(self, told: Any) -> None:
        """What the server says by itself: Telethon puts it in a queue, and this is the end of it."""
        updates = getattr(told, "updates", None) or [getattr(told, "update", told)]
        for each in updates:
            self.hear(each)
