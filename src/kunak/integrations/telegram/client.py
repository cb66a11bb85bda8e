"""The Bot API over HTTP, as JSON."""

from http import HTTPStatus
from typing import Any

import aiohttp
import orjson

from kunak.integrations.telegram.interface import (
    BotAccess,
    TelegramRefusedError,
    TelegramUnavailableError,
    TokenRefusedError,
    Upload,
)
from kunak.integrations.telegram.json_reading import read_json


class HttpTelegramClient:
    """Speaks to any Bot API server; keeps connections open between calls."""

    def __init__(self, *, timeout_s: float = 20.0, connections: int = 100) -> None:
        self._timeout_s = timeout_s
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def call(
        self, bot: BotAccess, method: str, params: dict[str, Any] | None = None, *, wait_s: float = 0
    ) -> Any:
        """See `TelegramClient.call`."""
        url = f"{bot.base.rstrip('/')}/bot{bot.token}/{method}"
        timeout = aiohttp.ClientTimeout(total=self._timeout_s + wait_s, connect=self._timeout_s)
        try:
            async with self._opened().post(url, **_body(params or {}), timeout=timeout) as response:
                status, body = response.status, await response.read()
        except aiohttp.ClientConnectorError as error:
            raise TelegramUnavailableError(f"No connection to {bot.base}.") from error
        except aiohttp.InvalidURL:
            # Not chained: the message of that error holds the address, and with it the token.
            raise TokenRefusedError("This is not an address of a Bot API server with a token.") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            name = type(error).__name__
            raise TelegramUnavailableError(f"The answer of {bot.base} got lost ({name}).", maybe_done=True) from None
        return _result(status, body)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=self._connections))
        return self._session


def _body(params: dict[str, Any]) -> dict[str, Any]:
    """As JSON; with files as a form, whose other values are text or JSON."""
    if not any(isinstance(value, Upload) for value in params.values()):
        return {"data": orjson.dumps(params), "headers": {"Content-Type": "application/json"}}
    form = aiohttp.FormData()
    for name, value in params.items():
        if isinstance(value, Upload):
            form.add_field(name, value.content, filename=value.name, content_type=value.media_type)
        else:
            form.add_field(name, value if isinstance(value, str) else orjson.dumps(value).decode())
    return {"data": form}


def _result(status: int, body: bytes) -> Any:
    try:
        answer = read_json(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise _unreadable(status)
    if status < HTTPStatus.MULTIPLE_CHOICES and answer.get("ok"):
        return answer.get("result")
    raise _refusal(_number(answer.get("error_code")) or status, answer)


def _unreadable(status: int) -> Exception:
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return TelegramRefusedError(f"The Bot API server answered {status} without saying why.", code=status)
    return TelegramUnavailableError(f"The Bot API server answered {status} with something unreadable.", maybe_done=True)


def _refusal(code: int, answer: dict[str, Any]) -> Exception:
    words = str(answer.get("description") or f"error {code}")
    parameters = answer.get("parameters")
    parameters = parameters if isinstance(parameters, dict) else {}
    retry_after = _number(parameters.get("retry_after"))
    if retry_after is not None or code == HTTPStatus.TOO_MANY_REQUESTS:
        return TelegramUnavailableError(words, retry_after=max(retry_after or 1, 0))
    if code == HTTPStatus.UNAUTHORIZED or (code == HTTPStatus.NOT_FOUND and words == "Not Found"):
        return TokenRefusedError()
    if code == HTTPStatus.CONFLICT:
        return TelegramUnavailableError(words, code=code)
    if code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TelegramUnavailableError(words, maybe_done=True)
    return TelegramRefusedError(words, code=code, migrate_to_chat_id=_number(parameters.get("migrate_to_chat_id")))


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
