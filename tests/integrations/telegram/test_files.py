"""Files come from the bot's own server, within a cap, or not at all; the token stays with us."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from kunak.integrations.telegram.client import HttpTelegramClient
from kunak.integrations.telegram.file_types import picture_type, sound_extension
from kunak.integrations.telegram.files import FileGoneError, FileTooLargeError, HttpTelegramFiles
from kunak.integrations.telegram.interface import BotAccess, TelegramUnavailableError

TOKEN = "123456789:AAHsecretsecretsecretsecretsecretse"


class Server:
    """A Bot API server that tells of one file, and gives it out as it was told to."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {"ok": True, "result": {"file_path": "photos/a b.jpg", "file_size": 5}}
        self.status, self.content = 200, b"\xff\xd8\xff"
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        if request.path.endswith("/getFile"):
            return web.json_response(self.told, status=200 if self.told["ok"] else 400)
        return web.Response(status=self.status, body=self.content, headers={"Location": "http://127.0.0.1:9/"})


class Alice:
    """A bot on that server."""

    def __init__(self, server: Server, base: str, files: HttpTelegramFiles) -> None:
        self.server, self.base, self.files = server, base, files

    async def load(self) -> bytes:
        return await self.files.load(BotAccess(self.base, TOKEN), "file-7", most_bytes=10)


@pytest.fixture
async def alice() -> AsyncIterator[Alice]:
    server, application = Server(), web.Application()
    application.router.add_route("*", "/{path:.*}", server.answer)
    async with TestServer(application) as listening:
        client = HttpTelegramClient(timeout_s=60)
        files = HttpTelegramFiles(client, timeout_s=60)
        yield Alice(server, str(listening.make_url("")), files)
        await files.close()
        await client.close()


async def test_a_file_is_found_and_fetched(alice: Alice) -> None:
    assert await alice.load() == b"\xff\xd8\xff"
    assert alice.server.asked == [f"/bot{TOKEN}/getFile", f"/file/bot{TOKEN}/photos/a b.jpg"]


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"ok": True, "result": {"file_path": "/var/lib/a.jpg"}}, FileGoneError),
        ({"ok": True, "result": {"file_path": "../../bot/x"}}, FileGoneError),
        ({"ok": True, "result": {}}, FileGoneError),
        ({"ok": True, "result": [1]}, FileGoneError),
        ({"ok": True, "result": {"file_path": "a", "file_size": 11}}, FileTooLargeError),
        ({"ok": False, "error_code": 400, "description": "Bad Request: file is too big"}, FileTooLargeError),
        ({"ok": False, "error_code": 400, "description": "Bad Request: wrong file_id"}, FileGoneError),
        ({"ok": False, "error_code": 404, "description": "Not Found: no such file"}, FileGoneError),
        ({"ok": False, "error_code": 429, "description": "Too Many Requests"}, TelegramUnavailableError),
    ],
)
async def test_what_telegram_tells_of_a_file(alice: Alice, told: dict[str, Any], error: type[Exception]) -> None:
    alice.server.told = told
    with pytest.raises(error):
        await alice.load()


@pytest.mark.parametrize(
    ("status", "content", "error"),
    [
        (404, b"", FileGoneError),
        (302, b"", FileGoneError),
        (502, b"<html>", TelegramUnavailableError),
        (429, b"", TelegramUnavailableError),
        (200, b"x" * 11, FileTooLargeError),
    ],
)
async def test_what_may_come_in_place_of_a_file(
    alice: Alice, status: int, content: bytes, error: type[Exception]
) -> None:
    alice.server.status, alice.server.content = status, content
    with pytest.raises(error) as raised:
        await alice.load()
    assert "secret" not in repr(raised.value)


async def test_where_nobody_listens_it_is_tried_again_later(alice: Alice) -> None:
    alice.base = "http://127.0.0.1:9"
    with pytest.raises(TelegramUnavailableError) as raised:
        await alice.load()
    assert "secret" not in repr(raised.value)


def test_a_file_is_what_its_bytes_are() -> None:
    assert picture_type(b"RIFF....WEBPVP8 ") == "image/webp"
    assert picture_type(b"<svg onload=alert(1)>") is None
    assert sound_extension(b"\0\0\0\x20ftypisom") == "mp4"
    assert sound_extension(b"\xff\xfb\x90") == "mp3"
    assert sound_extension(b"\xff\xd8\xff") is None
