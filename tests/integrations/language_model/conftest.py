"""Two providers to ask, each in both protocols: our fake, and a mock server that others wrote."""

import importlib.util
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
import pytest

from kunak.integrations.language_model.access import ModelProtocol, ProviderAccess
from kunak.integrations.language_model.client import HttpLanguageModel
from kunak.integrations.language_model.connect import connect
from kunak.integrations.language_model.fake import FakeProvider, Fault
from kunak.integrations.language_model.interface import Timeouts, ToolCall

KEY = "sk-alices-secret-key-0123456789"
SHORT = Timeouts(connect=5, first_token=0.2, between_tokens=0.2, total=10)
"""For faults in which the server never goes on: how long we wait is how long the test takes."""


@pytest.fixture(params=list(ModelProtocol))
def protocol(request: pytest.FixtureRequest) -> ModelProtocol:
    assert isinstance(request.param, ModelProtocol)
    return request.param


@pytest.fixture
async def fake() -> AsyncIterator[FakeProvider]:
    async with FakeProvider() as fake:
        yield fake


@asynccontextmanager
async def client_of(
    url: str, protocol: ModelProtocol, *, name: str = "fake", model: str = "fake-1", timeouts: Timeouts | None = None
) -> AsyncIterator[HttpLanguageModel]:
    client = connect(ProviderAccess(name, url, model, protocol, KEY, timeouts or Timeouts()))
    yield client
    await client.close()


@pytest.fixture
async def model(fake: FakeProvider, protocol: ModelProtocol) -> AsyncIterator[HttpLanguageModel]:
    """A client of the fake."""
    async with client_of(fake.url, protocol) as client:
        yield client


class Peer(Protocol):
    """A server that can be told what to say and how to fail."""

    @property
    def url(self) -> str: ...

    @property
    def model(self) -> str: ...

    async def fail(self, fault: Fault) -> None: ...

    async def say(self, answer: str | ToolCall) -> None: ...


@dataclass
class FakePeer:
    """Ours."""

    fake: FakeProvider
    model: str = "fake-1"

    @property
    def url(self) -> str:
        return self.fake.url

    async def fail(self, fault: Fault) -> None:
        self.fake.fail(fault)

    async def say(self, answer: str | ToolCall) -> None:
        self.fake.say(answer)


LLMOCK_FAULTS: dict[Fault, dict[str, Any]] = {
    Fault.RATE_LIMIT_WITH_WAIT: {"type": "fail", "status": 429, "retry_after": 7},
    Fault.QUOTA: {"type": "fail", "status": 429, "code": "insufficient_quota"},
    Fault.SERVER_ERROR: {"type": "fail", "status": 500},
    Fault.OVERLOADED: {"type": "fail", "status": 529},
    Fault.KEY: {"type": "fail", "status": 401},
    Fault.FORBIDDEN: {"type": "fail", "status": 403},
    Fault.NO_MODEL: {"type": "fail", "status": 404, "code": "model_not_found"},
    Fault.CONTEXT: {"type": "fail", "status": 400, "code": "context_length_exceeded"},
    Fault.BAD_REQUEST: {"type": "fail", "status": 400},
    Fault.CUT: {"type": "stream_fault", "kind": "disconnect", "after_chunks": 4},
    Fault.SILENT_END: {"type": "stream_fault", "kind": "truncate", "after_chunks": 4},
    Fault.MALFORMED: {"type": "stream_fault", "kind": "malformed", "after_chunks": 4},
    Fault.STALL: {"type": "stream_fault", "kind": "stall", "after_chunks": 6, "stall_seconds": 3600},
    Fault.SLOW_FIRST_TOKEN: {"type": "slow_first_token", "seconds": 3600},
    Fault.NO_ANSWER: {"type": "delay", "seconds": 3600},
    Fault.EMPTY: {"type": "reply", "text": ""},
    Fault.FILTERED_ANSWER: {"type": "reply", "text": "No.", "finish_reason": "content_filter"},
    Fault.LENGTH: {"type": "reply", "text": "One two", "finish_reason": "length"},
}


@dataclass
class LlmockPeer:
    """`llmock` from PyPI."""

    base: str
    protocol: ModelProtocol
    model: str = "gpt-4o"

    @property
    def url(self) -> str:
        return f"{self.base}/v1"

    async def fail(self, fault: Fault) -> None:
        # Its Responses API knows no filter: such an answer ends there as if all were well.
        unfiltered = fault is Fault.FILTERED_ANSWER and self.protocol is ModelProtocol.RESPONSES
        if fault not in LLMOCK_FAULTS or unfiltered:
            pytest.skip(f"llmock cannot fail this way: {fault}")
        await self.post("scenario", {"behaviors": [LLMOCK_FAULTS[fault]]})

    async def say(self, answer: str | ToolCall) -> None:
        reply: dict[str, Any] = {"type": "reply", "text": answer}
        if isinstance(answer, ToolCall):
            call = {"name": answer.name, "arguments": {"town": "Нальчик"}}
            reply = {"type": "reply", "tool_calls": [call]}
        await self.post("scenario", {"behaviors": [reply]})

    async def post(self, path: str, body: dict[str, Any]) -> None:
        async with aiohttp.ClientSession() as session, session.post(f"{self.base}/_llmock/{path}", json=body) as told:
            assert told.status < 300, await told.text()


@pytest.fixture(scope="session")
def llmock() -> Iterator[str]:
    """The address of a running llmock; the test is skipped where it is not installed."""
    if importlib.util.find_spec("llmock") is None:
        pytest.skip("llmock is not installed (uv sync --group dev)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(  # noqa: S603  our own words
        [sys.executable, "-c", "from llmock.cli import app; app()", "serve", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        said = next((line for line in process.stdout if b"running on" in line.lower()), b"")
        assert said, "llmock ended before it listened"
        reading = threading.Thread(target=process.stdout.read)  # a full pipe would stop it
        reading.start()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
    reading.join()
    process.stdout.close()


@pytest.fixture(params=["fake", "llmock"])
async def peer(request: pytest.FixtureRequest, protocol: ModelProtocol) -> AsyncIterator[Peer]:
    if request.param == "fake":
        async with FakeProvider() as fake:
            yield FakePeer(fake)
    else:
        peer = LlmockPeer(request.getfixturevalue("llmock"), protocol)
        await peer.post("reset", {})
        yield peer
