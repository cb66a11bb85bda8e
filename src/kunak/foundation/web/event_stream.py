"""Server-sent events: an answer that is told while it is made, to somebody who may go away at any moment."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope
from starlette.types import Send as SendMessage

from kunak.foundation.web.json_errors import describe

HEARTBEAT_S = 15.0
"""Proxies close what is silent for a minute."""
PATIENCE_S = 60.0
"""With somebody who stays, and does not read."""


class Send(Protocol):
    """Sends one event."""

    async def __call__(self, name: str, data: BaseModel) -> None: ...


Tell = Callable[[Send], Awaitable[None]]


class _NobodyReadsError(Exception):
    """The other side is there, and takes nothing."""


class EventStream(Response):
    """What `tell` sends. An error of it becomes the last event, `error`, shaped as errors of the JSON API are.

    When the other side hangs up, or reads nothing for long, `tell` is cancelled.
    """

    media_type = "text/event-stream"

    def __init__(self, request: Request, tell: Tell, *, heartbeat_s: float = HEARTBEAT_S) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept"})
        del self.headers["Content-Length"]
        self._request, self._tell, self._heartbeat_s = request, tell, heartbeat_s

    async def __call__(self, _scope: Scope, receive: Receive, send: SendMessage) -> None:
        async def write(chunk: bytes) -> None:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            except TimeoutError:
                raise _NobodyReadsError from None

        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        telling = asyncio.create_task(self._tell_all(write))
        tasks = {telling, asyncio.create_task(_until_gone(receive)), asyncio.create_task(self._keep_alive(write))}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            is_told = telling.done() and telling.exception() is None
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if is_told:
            await send({"type": "http.response.body", "body": b""})

    async def _tell_all(self, write: Callable[[bytes], Awaitable[None]]) -> None:
        async def send(name: str, data: BaseModel) -> None:
            await write(format_sse_event(event=name, data_str=data.model_dump_json()))

        try:
            await self._tell(send)
        except _NobodyReadsError:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, the other side is told, and the log
            await send("error", describe(self._request, error))

    async def _keep_alive(self, write: Callable[[bytes], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(self._heartbeat_s)
            await write(KEEPALIVE_COMMENT)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
