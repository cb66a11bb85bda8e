"""The Telegram account of this installation, where the settings allow one. Its library is loaded when it is needed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial

from kunak.features.ingestion import service as ingestion
from kunak.features.ingestion.schemas import Reading, Source
from kunak.features.telegram_account import service as accounts
from kunak.features.telegram_account.schemas import Doors, OpenAccount
from kunak.features.telegram_account.service import GovernedAccount
from kunak.foundation.errors import InvalidInputError
from kunak.foundation.settings import Settings
from kunak.integrations.telegram_channels.interface import ChannelAccount, Login, TelegramChannels
from kunak.integrations.telegram_channels.server import Application, Server, Transport, Way, read_keys
from kunak.processes.bootstrap import Kunak

WAIT_S = 30.0
"""For another process to let go of the account."""


def read_way(settings: Settings) -> Way | None:
    """As what and to which server we speak; None: no account is wished for.

    Raises:
        InvalidInputError: the settings do not go together, or the key is none.
    """
    if settings.telegram_api_id is None and settings.telegram_api_hash is None:
        return None
    if settings.telegram_api_id is None or settings.telegram_api_hash is None:
        raise InvalidInputError(
            "KUNAK_TELEGRAM_API_ID and KUNAK_TELEGRAM_API_HASH go together; one of them is missing."
        )
    host = settings.telegram_mtproto_host
    server = Server(host, settings.telegram_mtproto_port, settings.telegram_mtproto_dc) if host else None
    application = Application(settings.telegram_api_id, settings.telegram_api_hash.get_secret_value())
    transport = settings.telegram_mtproto_transport
    return Way(application, server, _keys(settings), Transport(transport) if transport else None)


def _keys(settings: Settings) -> tuple[str, ...]:
    if not settings.telegram_mtproto_key:
        return ()
    try:
        return read_keys(settings.telegram_mtproto_key)
    except InvalidInputError as error:
        raise InvalidInputError(f"KUNAK_TELEGRAM_MTPROTO_KEY: {error}") from None


class _LaterLoaded:
    """`TelegramChannels`, whose library is imported when it is first needed."""

    def __init__(self, way: Way) -> None:
        self._way = way

    @asynccontextmanager
    async def open_account(self, session: str) -> AsyncIterator[ChannelAccount]:
        async with (await self._load()).open_account(session) as account:
            yield account

    @asynccontextmanager
    async def open_login(self) -> AsyncIterator[Login]:
        async with (await self._load()).open_login() as login:
            yield login

    async def _load(self) -> TelegramChannels:
        return await asyncio.to_thread(_load, self._way)


def later_loaded(way: Way) -> TelegramChannels:
    """The way to Telegram, whose library is imported when it is first gone."""
    return _LaterLoaded(way)


def _load(way: Way) -> TelegramChannels:
    from kunak.integrations.telegram_channels.telethon import TelethonChannels  # noqa: PLC0415  said above

    return TelethonChannels(way)


def account_doors(kunak: Kunak) -> Doors | None:
    """What the account is reached by; None: no account is wished for.

    Raises:
        InvalidInputError: as `read_way`.
    """
    way = read_way(kunak.settings)
    return Doors(kunak.sessions, kunak.directory.doors.box, later_loaded(way)) if way else None


def needed_doors(kunak: Kunak) -> Doors:
    """
    Raises:
        InvalidInputError: no account is wished for, or as `read_way`.
    """
    doors = account_doors(kunak)
    if doors is None:
        raise InvalidInputError(
            "A Telegram account needs KUNAK_TELEGRAM_API_ID and KUNAK_TELEGRAM_API_HASH: my.telegram.org gives them."
        )
    return doors


def reopened_account(kunak: Kunak) -> OpenAccount | None:
    """The account, opened for each use anew: for a process that also follows it, and must not hold it twice."""
    doors = account_doors(kunak)
    return partial(accounts.open_account, doors, wait_s=WAIT_S) if doors else None


@asynccontextmanager
async def lend_account(kunak: Kunak) -> AsyncIterator[OpenAccount | None]:
    """The account, opened when it is first asked for, closed at the end; None: no account is wished for."""
    doors = account_doors(kunak)
    if doors is None:
        yield None
        return
    async with AsyncExitStack() as stack:
        yield _Lending(stack, doors).lend


class _Lending:
    def __init__(self, stack: AsyncExitStack, doors: Doors) -> None:
        self._stack = stack
        self._doors = doors
        self._turn = asyncio.Lock()
        self._account: GovernedAccount | None = None

    def lend(self) -> AbstractAsyncContextManager[ChannelAccount]:
        return self._lend()

    @asynccontextmanager
    async def _lend(self) -> AsyncIterator[ChannelAccount]:
        async with self._turn:
            if self._account is None:
                opening = accounts.open_account(self._doors, wait_s=WAIT_S)
                self._account = await self._stack.enter_async_context(opening)
        yield self._account


async def follow_account(
    kunak: Kunak,
    outside: ingestion.Outside,
    stop: asyncio.Event,
    *,
    report: Callable[[Source, Reading], None] = lambda _source, _reading: None,
) -> None:
    """Until `stop`; returns at once where no account is wished for."""
    doors = account_doors(kunak)
    if doors is not None:
        await ingestion.follow_account(kunak.sessions, outside, doors, stop, report=report)
