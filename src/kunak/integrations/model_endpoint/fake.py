"""A server for tests that goes wrong on demand; the fakes of embeddings and reranking are made of it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

import orjson
from aiohttp import web

JsonObject = dict[str, Any]
_LARGEST_REQUEST = 64 * 2**20


class FaultKind(StrEnum):
    """What goes wrong. From WRONG_COUNT on, the answer is well formed and its content is not."""

    TOO_MANY_REQUESTS = "too_many_requests"
    INTERNAL_ERROR = "internal_error"
    UNAUTHORIZED = "unauthorized"
    NO_QUOTA = "no_quota"
    UNKNOWN_MODEL = "unknown_model"
    BAD_REQUEST = "bad_request"
    HANG = "hang"
    SLOW = "slow"
    DROP = "drop"
    BROKEN_JSON = "broken_json"
    CUT_BODY = "cut_body"
    REDIRECT = "redirect"
    WRONG_COUNT = "wrong_count"
    WRONG_ORDER = "wrong_order"
    WRONG_DIMENSIONS = "wrong_dimensions"
    NOT_A_NUMBER = "not_a_number"
    ZEROS = "zeros"
    EMPTY = "empty"


@dataclass
class Fault:
    """None for `times` means without end. `retry_after` (a header) is told with 429; `seconds` delay a slow answer."""

    kind: FaultKind
    times: int | None = 1
    retry_after: str | None = None
    seconds: float = 1.0
    hits: int = 0


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    path: str
    body: JsonObject
    headers: Mapping[str, str] = field(repr=False)


def _error(message: str, kind: str, code: str | None) -> JsonObject:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


_REFUSALS: dict[FaultKind, tuple[int, JsonObject]] = {
    FaultKind.TOO_MANY_REQUESTS: (429, _error("Rate limit reached.", "requests", "rate_limit_exceeded")),
    FaultKind.INTERNAL_ERROR: (500, _error("The server had an error.", "server_error", None)),
    FaultKind.NO_QUOTA: (429, _error("You are out of credits.", "insufficient_quota", "insufficient_quota")),
    FaultKind.UNKNOWN_MODEL: (404, _error("The model does not exist.", "invalid_request_error", "model_not_found")),
    FaultKind.BAD_REQUEST: (400, _error("Input is too long.", "invalid_request_error", None)),
}


class FakeModelServer:
    """Serves on a free port of this machine inside `async with`; `base` is its address.

    A subclass names its paths and what it answers, and may damage an answer in ways of its own.
    """

    def __init__(self, *, key: str | None = None) -> None:
        """`key`: refuse those who bring another."""
        self.received: list[Received] = []
        self.abandoned = 0
        self._something_happened = asyncio.Condition()
        self._key = key
        self._faults: list[Fault] = []
        self._released = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._base = ""

    @property
    def base(self) -> str:
        return self._base

    def break_next(self, kind: FaultKind, **how: Any) -> Fault:
        """Put a fault in force; the arguments are the fields of `Fault`."""
        fault = Fault(kind, **how)
        self._faults.append(fault)
        return fault

    def mend(self) -> None:
        """No more faults, and what hangs is answered."""
        self._faults.clear()
        self._released.set()

    async def received_count(self, number: int) -> None:
        """Wait until so many requests have come."""
        async with self._something_happened:
            await self._something_happened.wait_for(lambda: len(self.received) >= number)

    async def abandoned_count(self, number: int) -> None:
        """Wait until so many were hung up on before they were answered."""
        async with self._something_happened:
            await self._something_happened.wait_for(lambda: self.abandoned >= number)

    def routes(self) -> dict[str, Callable[[JsonObject], Any]]:
        """What is answered to a request, by path. May raise `web.HTTPException`."""
        raise NotImplementedError

    def damage(self, kind: FaultKind, answer: Any) -> Any:
        """The answer, spoilt in the way of `kind`."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=_LARGEST_REQUEST)
        for path, answer in self.routes().items():
            application.router.add_post(path, self._handler(answer))
        # Cancelling the handler when its client goes away is how `abandoned` is counted.
        self._runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self._base = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._released.set()
        if self._runner is not None:
            await self._runner.cleanup()

    def _handler(self, answer: Callable[[JsonObject], Any]) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.StreamResponse:
            body = await _body_of(request)
            self.received.append(Received(request.path, body, dict(request.headers)))
            await self._tell()
            try:
                return await self._answered(request, self._strike(), lambda: answer(body))
            except asyncio.CancelledError:
                self.abandoned += 1
                await self._tell()
                raise

        return handle

    async def _tell(self) -> None:
        async with self._something_happened:
            self._something_happened.notify_all()

    def _strike(self) -> Fault | None:
        for fault in self._faults:
            fault.hits += 1
            if fault.times is not None and fault.hits >= fault.times:
                self._faults.remove(fault)
            return fault
        return None

    async def _answered(
        self, request: web.Request, fault: Fault | None, answer: Callable[[], Any]
    ) -> web.StreamResponse:
        given = request.headers.get("Authorization", "")
        if (fault and fault.kind is FaultKind.UNAUTHORIZED) or (self._key and given != f"Bearer {self._key}"):
            words = f"Incorrect API key provided: {given.removeprefix('Bearer ')}."
            return web.json_response(_error(words, "invalid_request_error", "invalid_api_key"), status=401)
        if fault is None:
            return web.json_response(answer())
        if fault.kind in _REFUSALS:
            status, body = _REFUSALS[fault.kind]
            headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
            return web.json_response(body, status=status, headers=headers)
        return await self._spoilt(request, fault, answer)

    async def _spoilt(self, request: web.Request, fault: Fault, answer: Callable[[], Any]) -> web.StreamResponse:
        match fault.kind:
            case FaultKind.HANG:
                await self._released.wait()
            case FaultKind.SLOW:
                await asyncio.sleep(fault.seconds)
            case FaultKind.DROP:
                _hang_up(request)
            case FaultKind.BROKEN_JSON:
                return web.Response(body=b'{"data": [', content_type="application/json")
            case FaultKind.CUT_BODY:
                return await _cut_short(request, orjson.dumps(answer()))
            case FaultKind.REDIRECT:
                return web.Response(status=307, headers={"Location": f"{self._base}/elsewhere"})
            case _:
                return web.Response(text=_dumps(self.damage(fault.kind, answer())), content_type="application/json")
        return web.json_response(answer())


async def _body_of(request: web.Request) -> JsonObject:
    """Its JSON; of a form the fields, and of each file its name and size."""
    if not request.content_type.startswith("multipart/"):
        return dict(orjson.loads(await request.read()))
    return {name: _told(value) for name, value in (await request.post()).items()}


def _told(value: Any) -> Any:
    if not isinstance(value, web.FileField):
        return value
    with value.file as file:
        return {"name": value.filename, "size": len(file.read())}


def _dumps(answer: Any) -> str:
    return web.json_response(answer).text or ""


async def _cut_short(request: web.Request, body: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": str(len(body)), "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    _hang_up(request)
    return response


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.close()
