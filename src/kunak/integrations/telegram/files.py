"""Files of messages, fetched from the Bot API server that the bot lives on."""

from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import quote

import aiohttp

from kunak.foundation.errors import TerminalError
from kunak.integrations.telegram.interface import (
    BotAccess,
    TelegramClient,
    TelegramRefusedError,
    TelegramUnavailableError,
)

LARGEST_FILE = 20 * 2**20
"""Bytes; the Bot API gives out nothing larger."""
_CHUNK = 64 * 1024


class FileGoneError(TerminalError):
    """Telegram does not have this file, or not any more."""


class FileTooLargeError(TerminalError):
    """The file is larger than what may be fetched."""


class TelegramFiles(Protocol):
    """Gives the bytes of files."""

    async def load(self, bot: BotAccess, file_id: str, *, most_bytes: int = LARGEST_FILE) -> bytes:
        """The file, whole.

        Raises:
            FileGoneError, FileTooLargeError: there will be no such file.
            TelegramUnavailableError, TokenRefusedError: as `TelegramClient.call`.
        """
        ...

    async def close(self) -> None: ...


class HttpTelegramFiles:
    """Asks for a file's path with `getFile`, then fetches it from the same server."""

    def __init__(self, telegram: TelegramClient, *, timeout_s: float = 30.0) -> None:
        self._telegram = telegram
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def load(self, bot: BotAccess, file_id: str, *, most_bytes: int = LARGEST_FILE) -> bytes:
        """See `TelegramFiles.load`."""
        path, size = await self._locate(bot, file_id)
        if size > most_bytes:
            raise FileTooLargeError
        url = f"{bot.base.rstrip('/')}/file/bot{bot.token}/{quote(path)}"
        try:
            # A redirect is not followed: it would carry the token to wherever it points.
            async with self._opened().get(url, allow_redirects=False) as response:
                _check(response.status)
                return await _read(response, most_bytes)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # Not chained: the message of that error may hold the address, and with it the token.
            raise TelegramUnavailableError(f"A file of {bot.base} got lost ({type(error).__name__}).") from None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _locate(self, bot: BotAccess, file_id: str) -> tuple[str, int]:
        try:
            told: Any = await self._telegram.call(bot, "getFile", {"file_id": file_id})
        except TelegramRefusedError as error:
            raise (FileTooLargeError if "too big" in str(error) else FileGoneError) from error
        path = told.get("file_path") if isinstance(told, dict) else None
        # A server in local mode tells a path of its own machine, and a path may not lead out of the bot's folder.
        if not isinstance(path, str) or path.startswith("/") or ".." in path.split("/"):
            raise FileGoneError
        size = told.get("file_size")
        return path, size if isinstance(size, int) else 0

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session


def _check(status: int) -> None:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        raise TelegramUnavailableError(f"Telegram answered {status} in place of a file.")
    if status != HTTPStatus.OK:
        raise FileGoneError


async def _read(response: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        content += chunk
        if len(content) > most_bytes:
            raise FileTooLargeError
    return bytes(content)
