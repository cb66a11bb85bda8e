"""A real HTTP server on loopback that behaves as badly as it is told to."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Asked:
    """One request, as it arrived."""

    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What is sent back. `body` may be given piece by piece; then no length is announced."""

    body: bytes | str | AsyncGenerator[bytes, None] = b""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


Page = Answer | Callable[[Asked], Answer]


class WebServer:
    """Answers with what was put at a path; an ETag is made of the body, and asked-for again it is 304."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[Asked] = []
        self._was_asked = asyncio.Condition()
        self.port = 0
        self.connections: set[asyncio.Task[None]] = set()
        self.open_now = 0
        self.most_open = 0

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def put(self, path: str, body: bytes | str, content_type: str = "text/html; charset=utf-8") -> str:
        self.pages[path] = Answer(body, content_type=content_type)
        return self.base + path

    def put_answer(self, path: str, answer: Page) -> str:
        self.pages[path] = answer
        return self.base + path

    def count(self, path: str) -> int:
        return sum(each.path == path for each in self.asked)

    async def wait_for(self, path: str, *, times: int) -> None:
        """Until `path` has been asked for so often."""
        async with self._was_asked:
            await self._was_asked.wait_for(lambda: self.count(path) >= times)

    def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._handle(reader, writer))
        self.connections.add(task)
        task.add_done_callback(self.connections.discard)

    async def close(self) -> None:
        for each in (tasks := list(self.connections)):
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            try:
                asked = await _read(reader)
                self.asked.append(asked)
                async with self._was_asked:
                    self._was_asked.notify_all()
                with self._counted():
                    await self._answer(asked, writer)
            finally:
                writer.close()

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        try:
            yield
        finally:
            self.open_now -= 1

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        page = self.pages.get(asked.path) or self.pages.get(asked.path.partition("?")[0])
        if page is None:
            page = Answer("nothing here", status=404)
        answer = page if isinstance(page, Answer) else page(asked)
        headers = {"Content-Type": answer.content_type, "Connection": "close", **answer.headers}
        if isinstance(answer.body, bytes | str):
            body = answer.body.encode() if isinstance(answer.body, str) else answer.body
            tag = headers.setdefault("ETag", f'"{hash(body) & 0xFFFFFFFF:x}"')
            if answer.status == 200 and asked.headers.get("if-none-match") == tag:
                await _send(writer, _head(304, headers))
                return
            await _send(writer, _head(answer.status, {"Content-Length": str(len(body)), **headers}) + body)
            return
        await _send(writer, _head(answer.status, headers))
        async with contextlib.aclosing(answer.body) as chunks:
            async for chunk in chunks:
                await _send(writer, chunk)


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
    return Asked(head[0].split(" ")[1], {name.lower(): value for name, value in headers.items()})


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} OK", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


@asynccontextmanager
async def web_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[WebServer]:
    """The server, on a free port."""
    town = WebServer()
    server = await asyncio.start_server(town.connect, "127.0.0.1", 0, limit=2**20, ssl=tls)
    town.port = server.sockets[0].getsockname()[1]
    try:
        yield town
    finally:
        server.close()
        await town.close()
