"""JSON, or a file, posted to one address of a model's server, and its JSON answer.

On aiohttp: every process that speaks to Telegram has it loaded already, so this client adds nothing to them, where
httpx would come on top (20 MB by itself).
"""

import asyncio
import json
from collections.abc import Coroutine, Iterable
from contextlib import nullcontext
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar

import aiohttp
import orjson
from yarl import URL

from kunak.foundation.errors import InvalidInputError
from kunak.integrations.kept_connections import Sending, send_again_if_closed, watch
from kunak.integrations.model_endpoint.errors import ModelUnavailableError, refusal, refusal_within

Result = TypeVar("Result")

_LARGEST_ANSWER = 64 * 1024 * 1024
_CHUNK = 256 * 1024
_JSON = "application/json"


class JsonEndpoint:
    """One address. At most `concurrency` requests are on their way at once; connections are kept between them."""

    def __init__(self, url: str, *, key: str | None = None, timeout_s: float = 20.0, concurrency: int = 4) -> None:
        """
        Raises:
            InvalidInputError: not an address we could ask, or a key that no header can carry.
        """
        self._url = _checked_address(url)
        self._key = _checked_key(key)
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._permits = asyncio.Semaphore(concurrency)
        self._session: aiohttp.ClientSession | None = None

    @property
    def host(self) -> str:
        """The server, as it may be named to people."""
        return self._url.host_port_subcomponent or "the server"

    async def post(self, body: dict[str, Any], *, at_once: bool = False) -> Any:
        """The answer's JSON. Waiting for a free place does not count towards the time-out.

        `at_once`: somebody waits for this; it does not stand in line behind an import, nor count among `concurrency`.

        Raises:
            ModelUnavailableError, ModelUnusableError, TextRefusedError: as the table in `errors` has it.
        """
        async with nullcontext() if at_once else self._permits:
            return await self._ask(orjson.dumps(body), _JSON)

    async def post_file(self, fields: dict[str, str], name: str, content: bytes) -> Any:
        """The answer's JSON to a form with these fields, and the file under `file`.

        Raises:
            As `post`.
        """
        form = aiohttp.FormData(fields)
        form.add_field("file", content, filename=name, content_type="application/octet-stream")
        written = form()
        async with self._permits:
            return await self._ask(await written.as_bytes(), written.headers["Content-Type"])

    async def _ask(self, body: bytes, content_type: str) -> Any:
        status, retry_after, answered = await self._exchange(body, content_type)
        answer = _parsed(answered)
        if status < HTTPStatus.MULTIPLE_CHOICES:
            if answer is None:
                raise ModelUnavailableError(f"{self.host} answered with something that is not JSON.")
            if (hidden := refusal_within(answer)) is None:
                return answer
            status = hidden
        raise refusal(status, answer, host=self.host, key=self._key, retry_after=retry_after)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _exchange(self, body: bytes, content_type: str) -> tuple[int, str | None, bytes]:
        # No error of the library is chained: its text may hold the address, and what somebody wrote into it.
        try:
            return await send_again_if_closed(partial(self._send, body, content_type))
        except TimeoutError:
            raise ModelUnavailableError(f"{self.host} took longer than {self._timeout.total:g} s.") from None
        except aiohttp.ClientConnectionError as error:
            raise ModelUnavailableError(f"No connection to {self.host} ({type(error).__name__}).") from None
        except (aiohttp.ClientError, OSError) as error:
            raise ModelUnavailableError(f"The answer of {self.host} got lost ({type(error).__name__}).") from None

    async def _send(self, body: bytes, content_type: str, sending: Sending) -> tuple[int, str | None, bytes]:
        # A redirect is not followed: it would carry the key to wherever it points.
        headers = {"Content-Type": content_type}
        async with self._opened().post(
            self._url, data=body, headers=headers, allow_redirects=False, trace_request_ctx=sending
        ) as response:
            return response.status, response.headers.get("Retry-After"), await self._read(response)

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK):
            body += chunk
            if len(body) > _LARGEST_ANSWER:
                raise ModelUnavailableError(f"{self.host} answered with more than {_LARGEST_ANSWER} bytes.")
        return bytes(body)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            headers = {"Accept": _JSON}
            if self._key:
                headers["Authorization"] = f"Bearer {self._key}"
            self._session = aiohttp.ClientSession(headers=headers, timeout=self._timeout, trace_configs=[watch()])
        return self._session


async def all_or_first_error(works: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """The results in order. When one fails, or we are cancelled, the rest is cancelled and waited for."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(body)  # takes NaN, which is no JSON but what some servers send: a clearer error comes of it
    except (ValueError, RecursionError):
        return None


def _checked_address(url: str) -> URL:
    try:
        address = URL(url)
    except ValueError:
        address = URL()
    if address.scheme not in ("http", "https") or not address.host:
        raise InvalidInputError("The address of a model's server begins with http:// or https:// and names a host.")
    if address.user or address.password:
        raise InvalidInputError(
            "The address of a model's server may hold no user and password; give the key by itself."
        )
    return address


def _checked_key(key: str | None) -> str | None:
    key = (key or "").strip()
    if not key.isascii() or not key.isprintable():
        raise InvalidInputError("The key of a model's server holds characters that no key can hold.")
    return key or None
