"""The fake's HTTP server."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import orjson
from aiohttp import web

from kunak.integrations.language_model.fake.answers import Asked, Said, answer, count_tokens, cut_short, read_asked
from kunak.integrations.language_model.fake.faults import BLIND, HTTP_FAULTS, Fault, HttpFault, Manner, refusal_of
from kunak.integrations.language_model.fake.speech import Speaks, SpeaksChat, SpeaksResponses, Speech
from kunak.integrations.language_model.interface import ToolCall

_BY_MODEL = "fault-"
_MODEL = "fake-1"


@dataclass(frozen=True)
class Recorded:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class FakeProvider:
    """Use as `async with FakeProvider() as fake`, then ask at `fake.url`."""

    models: dict[str, str | None] = field(default_factory=lambda: {_MODEL: None})
    """What is offered, each with its shutdown date."""
    manner: Manner = field(default_factory=Manner)
    key: str = ""
    """When set, no other is accepted."""
    requests: list[Recorded] = field(default_factory=list)
    connections: set[object] = field(default_factory=set)
    """Those that requests came over."""
    hung_up: int = 0
    """How often somebody left before the end."""
    _faults: deque[Fault | None] = field(default_factory=deque)
    _sayings: deque[Said | Callable[[Asked], Said]] = field(default_factory=deque)
    _asked: asyncio.Event = field(default_factory=asyncio.Event)
    _left: asyncio.Event = field(default_factory=asyncio.Event)
    _told: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    _runner: web.AppRunner | None = None
    url: str = ""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/v1/models", self._list_models)
        app.router.add_post("/v1/responses", self._answer_responses)
        app.router.add_post("/v1/chat/completions", self._answer_chat)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self.url = f"http://{host}:{self._runner.addresses[0][1]}/v1"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def fail(self, *faults: Fault | None) -> None:
        """The next requests fail so, one after the other; None: that one does not."""
        self._faults.extend(faults)

    def say(self, *answers: str | ToolCall | Callable[[Asked], str]) -> None:
        """The next requests are answered with these words, calls of a tool, or what a function makes of them."""
        for each in answers:
            if isinstance(each, str):
                self._sayings.append(Said(each))
            elif isinstance(each, ToolCall):
                self._sayings.append(Said("", (each,)))
            else:
                self._sayings.append(_saying(each))

    @property
    def calls(self) -> int:
        return len(self.requests)

    async def until_asked(self) -> None:
        """Until the next request is there, or one that nobody has waited for."""
        await self._asked.wait()
        self._asked.clear()

    def go_on(self, times: int = 1) -> None:
        """An answer that pauses goes on, to its next pause or its end; one that has not come so far will not stop."""
        for _ in range(times):
            self._told.release()

    async def until_somebody_hangs_up(self) -> None:
        await self._left.wait()
        self._left.clear()

    async def _list_models(self, request: web.Request) -> web.StreamResponse:
        if fault := self._next_fault(""):
            return await self._fail(request, fault)
        listed = [
            {"id": name, "object": "model", "created": 1, "owned_by": "fake", "shutdown_date": day}
            for name, day in self.models.items()
        ]
        return web.json_response({"object": "list", "data": listed})

    async def _answer_responses(self, request: web.Request) -> web.StreamResponse:
        return await self._watched(request, SpeaksResponses())

    async def _answer_chat(self, request: web.Request) -> web.StreamResponse:
        return await self._watched(request, SpeaksChat())

    async def _watched(self, request: web.Request, speaks: Speaks) -> web.StreamResponse:
        try:
            return await self._answer(request, speaks)
        except (asyncio.CancelledError, ConnectionError):
            self.hung_up += 1
            self._left.set()
            raise

    async def _answer(self, request: web.Request, speaks: Speaks) -> web.StreamResponse:
        body = orjson.loads(await request.read())
        self.requests.append(Recorded(request.path, dict(request.headers), body))
        if self.manner.closes_kept and request.transport in self.connections and request.transport is not None:
            request.transport.abort()
        self.connections.add(request.transport)
        self._asked.set()
        if self.key and request.headers.get("Authorization") != f"Bearer {self.key}":
            return _http(HTTP_FAULTS[Fault.KEY], request)
        if refused := sorted(self.manner.refuses & body.keys()):
            return _http(refusal_of(refused[0]), request)
        asked = read_asked(body)
        if asked.has_images and not self.manner.sees:
            return _http(BLIND, request)
        fault = self._next_fault(asked.model) or self._too_long(asked)
        if fault is None and asked.model not in self.models:
            fault = Fault.NO_MODEL
        if fault is not None and (fault in HTTP_FAULTS or fault in (Fault.NO_ANSWER, Fault.GARBAGE)):
            return await self._fail(request, fault)
        speech = self._speech(asked, fault)
        if self.manner.streams and body.get("stream"):
            return await self._stream(request, speaks, speech)
        return web.json_response(speaks.whole(speech))

    def _next_fault(self, model: str) -> Fault | None:
        if self._faults:
            return self._faults.popleft()
        return Fault(model.removeprefix(_BY_MODEL)) if model.startswith(_BY_MODEL) else None

    def _too_long(self, asked: Asked) -> Fault | None:
        context = self.manner.context
        return Fault.CONTEXT if context is not None and count_tokens(asked.everything) > context else None

    async def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault is Fault.GARBAGE:
            return web.Response(body=b"\x00\xff what?", content_type="application/octet-stream")
        if fault is Fault.NO_ANSWER:
            await asyncio.Event().wait()
        return _http(HTTP_FAULTS[fault], request)

    def _speech(self, asked: Asked, fault: Fault | None) -> Speech:
        said: Said | Callable[[Asked], Said] = self._sayings.popleft() if self._sayings else answer
        said = said if isinstance(said, Said) else said(asked)
        if fault in (Fault.EMPTY, Fault.REFUSAL):
            said = Said("")
        said, short = cut_short(said, asked.max_tokens)
        return Speech(asked, said, len(self.requests), self.manner, fault, short)

    async def _stream(self, request: web.Request, speaks: Speaks, speech: Speech) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        await response.prepare(request)
        events = list(speaks.stream(speech))
        pauses = self.manner.pauses
        stops = {len(events) * place // (pauses + 1) for place in range(1, pauses + 1)}
        for number, (name, document) in enumerate(events):
            if number in stops:
                await self._told.acquire()
            if number == len(events) // 2 and speech.fault is not None:
                await self._break(request, response, speech.fault)
                if speech.fault in (Fault.CUT, Fault.SILENT_END):
                    return response
            if number == 1 and speech.fault is Fault.SLOW_FIRST_TOKEN:
                await response.write(b": still here\n\n")
                await asyncio.Event().wait()
            await asyncio.sleep(self.manner.token_s)
            await self._write(response, self._frame(name, document))
        return response

    async def _write(self, response: web.StreamResponse, frame: bytes) -> None:
        for piece in (frame[at : at + 1] for at in range(len(frame))) if self.manner.splits else (frame,):
            await response.write(piece)

    async def _break(self, request: web.Request, response: web.StreamResponse, fault: Fault) -> None:
        if fault is Fault.STALL:
            await asyncio.Event().wait()
        elif fault is Fault.MALFORMED:
            await response.write(b'data: {"type": "response.output_text.del\n\n')
        elif fault is Fault.CUT and request.transport is not None:
            request.transport.abort()

    def _frame(self, name: str, document: dict[str, Any] | str) -> bytes:
        end = self.manner.line_end.encode()
        data = document.encode() if isinstance(document, str) else orjson.dumps(document)
        lines = [b": keep-alive", b""] if self.manner.keep_alives else []
        lines += [b"event: " + name.encode()] if name and self.manner.names_events else []
        return end.join([*lines, b"data: " + data, b"", b""])


def _saying(make: Callable[[Asked], str]) -> Callable[[Asked], Said]:
    return lambda asked: Said(make(asked))


def _http(fault: HttpFault, request: web.Request) -> web.Response:
    headers = dict(fault.headers)
    if isinstance(fault.body, str):
        return web.Response(status=fault.status, text=fault.body, content_type="text/html", headers=headers)
    # The real ones repeat a part of the key; the fake repeats all of it, so that a leak is seen.
    key = request.headers.get("Authorization", "").removeprefix("Bearer ")
    text = orjson.dumps(fault.body).decode().replace("{key}", key)
    return web.Response(status=fault.status, text=text, content_type="application/json", headers=headers)
