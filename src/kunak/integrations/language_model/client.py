"""Asks a provider over HTTP, in one of the dialects. Nothing is asked twice here: whoever calls decides that.

Two exceptions, both before anything was answered: a kept connection breaks at once (`kept_connections`), or a server
refuses an optional parameter by name; then it is asked without it, and is not given it again.
"""

import re
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import aclosing
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import aiohttp
import orjson

from kunak.foundation.clock import now
from kunak.integrations.language_model.access import ProviderAccess
from kunak.integrations.language_model.connection import Connection
from kunak.integrations.language_model.dialect import Body, Dialect, Document, Reading
from kunak.integrations.language_model.errors import (
    LanguageModelError,
    ModelRefusedError,
    ModelUnavailableError,
    Trouble,
)
from kunak.integrations.language_model.failures import error_from, make_error, read_fault
from kunak.integrations.language_model.interface import Event, Finished, Model, Request, TextDelta, Timeouts, ToolCall
from kunak.integrations.language_model.patience import Patience
from kunak.integrations.language_model.server_events import LONGEST_EVENT, EventTooLongError, ServerEventReader
from kunak.integrations.language_model.sight import Sight
from kunak.integrations.language_model.waits import read_wait

_FAULT_BYTES = 64 * 1024
_FAREWELL_S = 0.2
_LIST_TIMEOUTS = Timeouts(first_token=15.0, between_tokens=15.0, total=20.0)
_NONSENSE = (ValueError, TypeError, KeyError, AttributeError, IndexError, ArithmeticError)


class HttpLanguageModel:
    """A provider's models; keeps connections open between requests."""

    def __init__(self, access: ProviderAccess, dialect: Dialect) -> None:
        self._access = access
        self._dialect = dialect
        self._connection = Connection(access)
        self._unwanted: dict[str, set[str]] = {}
        self._sight = Sight(access)

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """See `LanguageModel.stream`."""
        model = request.model or self._access.model
        patience = Patience(request.timeouts or self._access.timeouts, self._access.name)
        response = await self._ask(request, model, patience)
        try:
            reading = self._dialect.read(self._access, model)
            answered = False
            async with aclosing(self._events(response, reading, patience)) as events:
                async for event in events:
                    answered = answered or _says_something(event)
                    if isinstance(event, Finished) and not answered:
                        raise self._trouble(Trouble.EMPTY, f"answered nothing (it ended with “{event.reason}”)")
                    yield event
        finally:
            response.close()  # hangs up; after a whole answer the connection is back in the pool, and stays

    async def list_models(self) -> list[Model]:
        """See `LanguageModel.list_models`."""
        patience = Patience(_LIST_TIMEOUTS, self._access.name)
        async with await self._send("GET", "models", None, patience) as response:
            try:
                await self._check(response, "", patience)
            except LanguageModelError as error:
                raise self._without_list(error, response.status) from None
            document = await self._read_whole(response, patience)
        try:
            return [Model(str(each["id"]), _day(each.get("shutdown_date"))) for each in document["data"]]
        except _NONSENSE:
            raise self._trouble(Trouble.MALFORMED, "lists its models in a way nobody can read") from None

    def _without_list(self, error: LanguageModelError, status: int) -> LanguageModelError:
        """Many servers that answer well list nothing: that says little about the address."""
        if error.trouble is not Trouble.ADDRESS:
            return error
        return self._trouble(Trouble.ADDRESS, f"lists no models ({status}): some cannot, or its URL is wrong")

    async def close(self) -> None:
        await self._connection.close()

    async def _ask(self, request: Request, model: str, patience: Patience) -> aiohttp.ClientResponse:
        """The answer's beginning, once the server has accepted the request."""
        self._sight.check(request, model)
        unwanted = self._unwanted.setdefault(model, set())
        while True:
            body = _without(self._dialect.write(request, model), unwanted, self._dialect)
            response = await self._send("POST", self._dialect.path, body, patience)
            try:
                await self._check(response, model, patience)
            except LanguageModelError as error:
                response.close()
                if blind := self._sight.refused(request, model, error):
                    raise blind from None
                refused = _refused_parameter(error, body, self._dialect)
                if refused is None:
                    raise
                unwanted.add(refused)
            except BaseException:
                response.close()
                raise
            else:
                return response

    async def _send(self, method: str, path: str, body: Body | None, patience: Patience) -> aiohttp.ClientResponse:
        try:
            data = orjson.dumps(body) if body is not None else None
        except TypeError:
            raise self._trouble(Trouble.REQUEST, "cannot be sent this: it is not text") from None
        return await patience.wait(self._connection.ask(method, path, data, patience.connect_s))

    async def _check(self, response: aiohttp.ClientResponse, model: str, patience: Patience) -> None:
        if response.status in range(200, 300):
            return
        try:
            body = orjson.loads(await patience.wait(response.content.read(_FAULT_BYTES)))
        except (aiohttp.ClientError, OSError, ValueError):
            body = None
        retry_after = read_wait(response.headers, now())
        raise error_from(read_fault(response.status, body), self._access, model, retry_after=retry_after)

    async def _events(
        self, response: aiohttp.ClientResponse, reading: Reading, patience: Patience
    ) -> AsyncGenerator[Event, None]:
        if response.content_type == "application/json":
            document = await self._read_whole(response, patience)
            for event in self._understand(partial(reading.take_whole, document)):
                yield event
        elif response.content_type == "text/html":
            raise self._trouble(Trouble.MALFORMED, "answered with a web page")
        else:
            lines, tokens = ServerEventReader(), 0
            while not reading.done and (chunk := await self._chunk(response, reading, patience)):
                for document in self._documents(lines, chunk):
                    for event in self._understand(partial(reading.take, document)):
                        yield event
                if reading.tokens != tokens:
                    tokens = reading.tokens
                    patience.token()
            await _say_farewell(response)
        for event in self._understand(reading.end):
            yield event

    async def _chunk(self, response: aiohttp.ClientResponse, reading: Reading, patience: Patience) -> bytes:
        """The next bytes; none when the stream is over. A whole answer is not lost for want of its afterword."""
        if reading.whole:
            patience.only_afterword()
        try:
            return await patience.wait(response.content.readany())
        except ModelUnavailableError:
            if reading.whole:
                return b""
            raise
        except (aiohttp.ClientError, OSError) as error:
            if reading.whole:
                return b""
            raise self._trouble(Trouble.CUT, f"broke off in the middle ({type(error).__name__})") from None

    def _documents(self, lines: ServerEventReader, chunk: bytes) -> Iterator[Document]:
        try:
            for event in lines.feed(chunk):
                if event.data.strip() == b"[DONE]":
                    yield {"type": "[DONE]"}
                    continue
                document = orjson.loads(event.data)
                if not isinstance(document, dict):
                    raise self._trouble(Trouble.MALFORMED, "sent something that is no event")
                if event.name:
                    document.setdefault("type", event.name.decode(errors="replace"))
                yield document
        except orjson.JSONDecodeError:
            raise self._trouble(Trouble.MALFORMED, "sent an event that nobody can read") from None
        except EventTooLongError:
            raise self._trouble(Trouble.MALFORMED, "sent an event without end") from None

    def _understand(self, read: Callable[[], Iterable[Event]]) -> list[Event]:
        try:
            return list(read())
        except _NONSENSE:
            raise self._trouble(Trouble.MALFORMED, "sent an event that makes no sense") from None

    async def _read_whole(self, response: aiohttp.ClientResponse, patience: Patience) -> Document:
        read = bytearray()
        try:
            while (chunk := await patience.wait(response.content.readany())) and len(read) <= LONGEST_EVENT:
                read += chunk
        except (aiohttp.ClientError, OSError) as error:
            raise self._trouble(Trouble.CUT, f"broke off in the middle ({type(error).__name__})") from None
        try:
            document = orjson.loads(read)
        except orjson.JSONDecodeError:
            document = None
        if not isinstance(document, dict):
            raise self._trouble(Trouble.MALFORMED, "answered with something that nobody can read")
        return document

    def _trouble(self, trouble: Trouble, sentence: str) -> LanguageModelError:
        return make_error(trouble, f"{self._access.name} {sentence}.")


def _says_something(event: Event) -> bool:
    return isinstance(event, ToolCall) or (isinstance(event, TextDelta) and not event.text.isspace())


def _without(body: Body, unwanted: set[str], dialect: Dialect) -> Body:
    for name in unwanted & body.keys():
        value = body.pop(name)
        if other := dialect.optional[name]:
            body[other] = value
    return body


def _refused_parameter(error: LanguageModelError, body: Body, dialect: Dialect) -> str | None:
    """The optional parameter of `body` that the server does not take, if that is what it says."""
    if not isinstance(error, ModelRefusedError) or error.trouble is not Trouble.REQUEST:
        return None
    sent = dialect.optional.keys() & body.keys()
    named = error.parameter.partition(".")[0]
    if named:
        return named if named in sent else None
    said = str(error)
    return next((name for name in sorted(sent) if re.search(rf"\b{name}\b", said) or _means(name, said)), None)


def _means(name: str, said: str) -> bool:
    """Some servers name what they cannot do in words of their own."""
    return name.startswith("reasoning") and "does not support thinking" in said


async def _say_farewell(response: aiohttp.ClientResponse) -> None:
    """Read the end of the stream, so that its connection can serve again."""
    patience = Patience(Timeouts(first_token=_FAREWELL_S, total=_FAREWELL_S), "")
    try:
        while await patience.wait(response.content.readany()):
            pass
    except (LanguageModelError, aiohttp.ClientError, OSError):
        return


def _day(said: Any) -> date | None:
    """A day as providers write it: a date, a moment, or seconds since 1970; None for what cannot be read."""
    try:
        if isinstance(said, int | float):
            return datetime.fromtimestamp(said, UTC).date()
        return datetime.fromisoformat(said).date() if isinstance(said, str) else None
    except (ValueError, OverflowError, OSError):
        return None
