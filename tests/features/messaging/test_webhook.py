"""Whatever is thrown at the webhook, it answers in one word, and keeps what is an update."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest
from starlette.applications import Starlette
from tests.features.messaging.conftest import Town

from kunak.features.messaging.bot.webhook import LARGEST_UPDATE, SECRET_HEADER, Webhook


@pytest.fixture
async def telegram(town: Town) -> AsyncIterator[httpx.AsyncClient]:
    """Telegram, which knows the secret."""
    app = Starlette(routes=Webhook(town.ledger, town.directory).routes())
    headers = {SECRET_HEADER: town.doors.webhook_secret(town.bot)}
    transport = httpx.ASGITransport(app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://kunak/bot", headers=headers) as client:
        yield client


async def bring(telegram: httpx.AsyncClient, body: Any, path: str = "/1", **headers: str) -> int:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return (await telegram.post(path, content=content, headers=headers)).status_code


def update(update_id: int = 5, **content: Any) -> dict[str, Any]:
    return {"update_id": update_id, "message": {"message_id": 1, "chat": {"id": 42}, "text": "hello"} | content}


async def test_an_update_is_kept_once(telegram: httpx.AsyncClient, town: Town) -> None:
    assert [await bring(telegram, update()) for _ in range(2)] == [200, 200]
    assert await town.fetch("SELECT update_id, chat_id, kind FROM inbox") == [(5, 42, "message")]


@pytest.mark.parametrize("secret", ["", "wrong", "ж"])
async def test_a_stranger_is_refused(telegram: httpx.AsyncClient, town: Town, secret: str) -> None:
    answer = await telegram.post("/1", json=update(), headers=[(SECRET_HEADER.encode(), secret.encode())])
    assert answer.status_code == 401
    assert await town.states() == []


@pytest.mark.parametrize("path", ["/2", "/99999999999999999999", "/-1", "/x", f"/{'9' * 5000}"])
async def test_an_unknown_bot_is_not_found(telegram: httpx.AsyncClient, path: str) -> None:
    assert await bring(telegram, update(), path) == 404


async def test_a_removed_bot_is_not_found(telegram: httpx.AsyncClient, town: Town) -> None:
    await town.execute("UPDATE bots SET state = 'removed'")
    assert await bring(telegram, update()) == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"5",
        b'{"update_id": "5"}',
        b'{"update_id": true}',
        b'{"update_id": 5.5}',
        b'{"update_id": 9223372036854775808}',
        b'{"message": {}}',
        b'{"update_id": 5, "message": "\xff"}',
        b'{"update_id": 5, "message": 1e400}',
        b'{"update_id": 5, "message": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b"\x00" * 100,
    ],
)
async def test_what_is_no_update_is_refused_and_changes_nothing(
    telegram: httpx.AsyncClient, town: Town, body: bytes
) -> None:
    assert await bring(telegram, body) == 400
    assert await town.states() == []


@pytest.mark.parametrize(
    ("body", "kind", "chat_id"),
    [
        (b'{"update_id": 5}', "unknown", 0),
        (b'{"update_id": 5, "message": {"chat": {"id": 42}, "text": "\\ud800"}}', "message", 42),
        (b'{"update_id": 5, "teleported": {"from": {"id": 7}}}', "teleported", 7),
        (b'{"update_id": 5, "a\\u0000b": 1}', "ab", 0),
        (b'{"update_id": 5, "": {"chat": {"id": 42}}}', "", 42),
        (b'{"update_id": 5, "message": null}', "message", 0),
        (b'{"update_id": 5, "message": [1, 2]}', "message", 0),
        (b'{"update_id": 5, "message": {"chat": {"id": 18446744073709551616}}}', "message", 0),
        (b'{"update_id": 5, "message": {"chat": {"id": 42}, "text": "\\u0000\\\\u0000", "\\u0000": 1}}', "message", 42),
        (b'{"update_id": 5, "message": {"date": 1e308, "n": 123456789012345678901234567890}}', "message", 0),
        (b'{"update_id": 5, "message": ' + b"[" * 900 + b"]" * 900 + b"}", "unreadable", 0),
    ],
)
async def test_every_update_is_kept(
    telegram: httpx.AsyncClient, town: Town, body: bytes, kind: str, chat_id: int
) -> None:
    assert await bring(telegram, body) == 200
    assert await town.fetch("SELECT update_id, kind, chat_id FROM inbox") == [(5, kind, chat_id)]


async def test_a_large_update_is_kept_and_a_giant_refused(telegram: httpx.AsyncClient, town: Town) -> None:
    assert await bring(telegram, update(text="я" * 2**19)) == 200
    assert await bring(telegram, update(6, text="x" * LARGEST_UPDATE)) == 413
    assert await bring(telegram, update(7), **{"content-length": "9" * 400}) == 413
    assert await town.fetch("SELECT update_id FROM inbox") == [(5,)]


@pytest.mark.parametrize("length", ["0", "7", "-7", "many", ""])
async def test_a_wrong_length_does_not_matter(telegram: httpx.AsyncClient, length: str) -> None:
    assert await bring(telegram, update(), **{"content-length": length}) == 200


async def test_while_nothing_can_be_kept_telegram_is_told_so(telegram: httpx.AsyncClient, town: Town) -> None:
    assert await bring(telegram, update()) == 200
    await town.execute("ALTER TABLE inbox RENAME TO gone")
    assert await bring(telegram, update(6)) == 503


async def test_a_bot_whose_secrets_cannot_be_read_is_told_so(telegram: httpx.AsyncClient, town: Town) -> None:
    await town.execute("UPDATE bots SET webhook_secret_sealed = 'junk'")
    assert await bring(telegram, update()) == 503
