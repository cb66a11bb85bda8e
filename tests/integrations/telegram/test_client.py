"""Every answer of a Bot API server is one of ours, or an error whose kind is known."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from kunak.foundation.errors import ErrorClass, KunakError
from kunak.integrations.telegram.client import HttpTelegramClient
from kunak.integrations.telegram.interface import BotAccess, TelegramRefusedError, TelegramUnavailableError

TOKEN = "123456789:AAHsecretsecretsecretsecretsecretse"
Ask = Callable[[int, Any], Awaitable[Any]]


@pytest.fixture
async def ask() -> AsyncIterator[Ask]:
    """Calls a server that answers with this status and this body (JSON, or bytes as they are)."""
    answers: list[tuple[int, Any]] = []

    async def answer(_: web.Request) -> web.Response:
        status, body = answers.pop()
        if isinstance(body, bytes):
            return web.Response(status=status, body=body)
        return web.json_response(body, status=status)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(application) as server:
        client = HttpTelegramClient(timeout_s=60)

        async def ask_it(status: int, body: Any) -> Any:
            answers.append((status, body))
            return await client.call(BotAccess(str(server.make_url("")), TOKEN), "sendMessage", {"text": "hi"})

        yield ask_it
        await client.close()


async def test_the_result_comes_back(ask: Ask) -> None:
    assert await ask(200, {"ok": True, "result": {"message_id": 5}}) == {"message_id": 5}


@pytest.mark.parametrize("half", [b"\\ud83d", b"\\uDE00", b"\xed\xa0\xbd"])
async def test_half_an_emoji_in_one_update_does_not_cost_the_others(ask: Ask, half: bytes) -> None:
    whole = b'{"ok": true, "result": [{"update_id": 1, "text": "a%s"}, {"update_id": 2, "text": "\\ud83d\\ude00"}]}'
    first, second = await ask(200, whole % half)
    assert first["text"] == "a\ufffd"
    assert second["text"] == "😀"


@pytest.mark.parametrize(
    ("status", "body", "wanted"),
    [
        (429, {"ok": False, "error_code": 429, "parameters": {"retry_after": 3}}, ErrorClass.RETRYABLE),
        (429, {"ok": False, "error_code": 429}, ErrorClass.RETRYABLE),
        (409, {"ok": False, "error_code": 409, "description": "Conflict"}, ErrorClass.RETRYABLE),
        (500, {"ok": False, "error_code": 500}, ErrorClass.RETRYABLE),
        (502, b"<html>Bad Gateway</html>", ErrorClass.RETRYABLE),
        (200, b"not json", ErrorClass.RETRYABLE),
        (200, [], ErrorClass.RETRYABLE),
        (401, {"ok": False, "error_code": 401, "description": "Unauthorized"}, ErrorClass.FATAL),
        (404, {"ok": False, "error_code": 404, "description": "Not Found"}, ErrorClass.FATAL),
        (404, {"ok": False, "error_code": 404, "description": "Not Found: method not found"}, ErrorClass.TERMINAL),
        (404, b"no such page", ErrorClass.TERMINAL),
        (403, {"ok": False, "error_code": 403, "description": "Forbidden: blocked"}, ErrorClass.TERMINAL),
        (400, {"ok": False, "error_code": 400, "description": "Bad Request"}, ErrorClass.TERMINAL),
        (400, {"ok": False, "error_code": "?", "parameters": "?"}, ErrorClass.TERMINAL),
    ],
)
async def test_every_refusal_has_its_kind(ask: Ask, status: int, body: Any, wanted: ErrorClass) -> None:
    with pytest.raises(KunakError) as refused:
        await ask(status, body)
    assert refused.value.error_class is wanted
    assert "secret" not in str(refused.value)


async def test_how_long_to_wait_is_heard(ask: Ask) -> None:
    with pytest.raises(TelegramUnavailableError) as asked:
        await ask(429, {"ok": False, "error_code": 429, "parameters": {"retry_after": 7}})
    assert asked.value.retry_after == 7


async def test_a_group_that_moved_says_where(ask: Ask) -> None:
    body = {"ok": False, "error_code": 400, "description": "moved", "parameters": {"migrate_to_chat_id": -100}}
    with pytest.raises(TelegramRefusedError) as moved:
        await ask(400, body)
    assert moved.value.migrate_to_chat_id == -100


async def test_where_nobody_listens_nothing_was_done() -> None:
    client = HttpTelegramClient(timeout_s=60)
    with pytest.raises(TelegramUnavailableError) as away:
        await client.call(BotAccess("http://127.0.0.1:9", TOKEN), "getMe")
    await client.close()
    assert not away.value.maybe_done
