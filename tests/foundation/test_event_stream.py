"""Events over a real connection: to somebody slow, to somebody who hangs up, to two at once, and when it goes wrong."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from pydantic import BaseModel
from starlette.responses import Response

from kunak.foundation.errors import RetryableError
from kunak.foundation.web import event_stream
from kunak.foundation.web.event_stream import EventStream, Send, Tell
from kunak.foundation.web.json_errors import speak_json


class Word(BaseModel):
    word: str


class Serving:
    """What `serving` gives: an HTTP client of an app that tells `tell`."""

    def __init__(self, client: httpx.AsyncClient, address: tuple[str, int]) -> None:
        self.client, self.address = client, address


@asynccontextmanager
async def serving(tell: Tell, *, heartbeat_s: float = 60) -> AsyncIterator[Serving]:
    app = FastAPI()
    speak_json(app)

    @app.get("/tell")
    async def told(request: Request) -> Response:
        return EventStream(request, tell, heartbeat_s=heartbeat_s)

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    sockets = [server.config.bind_socket()]
    sockets[0].listen()  # so that nobody comes too early
    address = sockets[0].getsockname()[:2]
    task = asyncio.create_task(server.serve(sockets))
    try:
        async with httpx.AsyncClient(base_url=f"http://{address[0]}:{address[1]}", timeout=60) as client:
            yield Serving(client, address)
    finally:
        server.should_exit = True
        await task


def events(body: str) -> list[tuple[str, dict[str, object]]]:
    found = []
    for block in body.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        if fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


async def greet(send: Send, *, times: int = 2) -> None:
    for number in range(times):
        await send("word", Word(word=f"привет\n{number}"))


async def test_events_arrive_whole_and_in_order() -> None:
    async with serving(greet) as kunak:
        answer = await kunak.client.get("/tell", headers={"X-Request-ID": "a1"})
    assert events(answer.text) == [("word", {"word": "привет\n0"}), ("word", {"word": "привет\n1"})]
    headers = ("Content-Type", "Cache-Control", "X-Accel-Buffering", "X-Request-ID")
    expected = ["text/event-stream; charset=utf-8", "no-store", "no", "a1"]
    assert [answer.headers[name] for name in headers] == expected


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (RetryableError("secret"), 503, (RetryableError.__doc__ or "").strip()),
        (ZeroDivisionError("secret"), 500, "Something broke on our side."),
    ],
)
async def test_an_error_after_the_start_is_the_last_event(error: Exception, status: int, sentence: str) -> None:
    async def tell(send: Send) -> None:
        await greet(send, times=1)
        raise error

    async with serving(tell) as kunak:
        answer = await kunak.client.get("/tell", headers={"X-Request-ID": "a1"})
    told = events(answer.text)
    assert (answer.status_code, told[0][0]) == (200, "word")
    assert told[1:] == [("error", {"error": {"status": status, "message": sentence, "request_id": "a1"}})]


async def test_silence_is_filled_with_comments() -> None:
    go_on = asyncio.Event()

    async def tell(send: Send) -> None:
        await go_on.wait()
        await greet(send, times=1)

    async with serving(tell, heartbeat_s=0.01) as kunak, kunak.client.stream("GET", "/tell") as answer:
        lines = answer.aiter_lines()
        assert [await anext(lines) for _ in range(3)] == [": ping", "", ": ping"]
        go_on.set()
        rest = [line async for line in lines]
    assert "event: word" in rest


async def test_who_hangs_up_is_told_no_more_and_the_work_ends() -> None:
    cancelled = asyncio.Event()

    async def tell(send: Send) -> None:
        await greet(send, times=1)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async with serving(tell) as kunak:
        async with kunak.client.stream("GET", "/tell") as answer:
            assert await anext(answer.aiter_lines()) == "event: word"
        await asyncio.wait_for(cancelled.wait(), 60)


async def read_slowly(address: tuple[str, int]) -> bytes:
    """A few bytes at a time, with room for few in between."""
    reader, writer = await asyncio.open_connection(*address, limit=1024)
    writer.write(b"GET /tell HTTP/1.1\r\nHost: kunak\r\nConnection: close\r\n\r\n")
    body = b""
    while chunk := await reader.read(512):
        body += chunk
        await asyncio.sleep(0)
    writer.close()
    await writer.wait_closed()
    return body


async def test_who_reads_slowly_gets_everything_and_holds_up_nobody() -> None:
    async with serving(partial(greet, times=20_000)) as kunak:
        slow = asyncio.create_task(read_slowly(kunak.address))
        quick = await kunak.client.get("/tell")
        assert (await slow).count(b"event: word") == len(events(quick.text)) == 20_000


async def test_who_stays_and_does_not_read_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "PATIENCE_S", 0.05)
    ended = asyncio.Event()

    async def tell(send: Send) -> None:
        try:
            while True:
                await send("word", Word(word="x" * 10_000))
        finally:
            ended.set()

    async with serving(tell) as kunak:
        _, writer = await asyncio.open_connection(*kunak.address, limit=1024)
        writer.write(b"GET /tell HTTP/1.1\r\nHost: kunak\r\n\r\n")
        await asyncio.wait_for(ended.wait(), 60)
        writer.transport.abort()
