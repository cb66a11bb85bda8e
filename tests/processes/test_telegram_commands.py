"""`kunak telegram …`, as Alice types it, and what the commands of sources make of her account."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kunak.cli import main
from kunak.integrations.telegram_channels.fake.server import FakeTelegram, fake_telegram

Run = Callable[..., Result]
NAMES = ("API_ID", "API_HASH", "MTPROTO_HOST", "MTPROTO_PORT", "MTPROTO_KEY")


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    """In a thread of its own: each command runs an event loop of its own in this one."""
    ready, told = threading.Event(), list[tuple[FakeTelegram, asyncio.AbstractEventLoop, asyncio.Event]]()

    async def serve() -> None:
        async with fake_telegram() as served:
            done = asyncio.Event()
            told.append((served, asyncio.get_running_loop(), done))
            ready.set()
            await done.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    ready.wait()
    [(served, loop, done)] = told
    yield served
    loop.call_soon_threadsafe(done.set)
    thread.join()


@pytest.fixture
def run(database_url: str, tmp_path: Path, telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("KUNAK_DATA_DIR", str(tmp_path / "data"))
    key = tmp_path / "key.pem"
    key.write_text(telegram.public_key)
    for name, value in zip(NAMES, ("1", "hash", "127.0.0.1", str(telegram.port), str(key)), strict=True):
        monkeypatch.setenv(f"KUNAK_TELEGRAM_{name}", value)
    monkeypatch.chdir(tmp_path)
    return lambda *words, typed="": CliRunner().invoke(main, words, input=typed)


def test_alice_logs_in_reads_a_channel_and_logs_out(run: Run, telegram: FakeTelegram) -> None:
    telegram.world.password = "secret"
    town = telegram.add_channel("Вести города", "town_news")
    town.post("Мост открыт")
    assert "Nobody is logged in" in run("telegram", "status").output
    preview = ("source", "preview", "@town_news", "--as", "telegram-account")
    assert "kunak telegram login" in run(*preview).output

    login = run("telegram", "login", typed="+79001234567\n1\n12345\nwrong\nsecret\n")
    assert "The code is wrong." in login.output
    assert "The password is wrong." in login.output
    assert "Alice is logged in." in login.output
    assert json.loads(run("telegram", "status", "--json").output)["state"] == "active"

    assert json.loads(run(*preview).output)["posts"][0]["text"] == "Мост открыт"
    assert "Вести города is source 1 (telegram_account)" in run("source", "add", *preview[2:]).output
    totals = json.loads(run("ingest", "--json").output.splitlines()[-1])
    assert (totals["added"], totals["failed"]) == (1, 0)
    assert "Telegram account" in (doctor := run("doctor").output)
    assert "Alice, logged in; Telegram answers" in doctor

    assert "Alice is logged out." in run("telegram", "logout", "--yes").output
    assert "Nobody is logged in." in run("telegram", "logout", "--yes").output
    assert not telegram.world.authorized


def test_settings_that_do_not_go_together_are_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUNAK_TELEGRAM_MTPROTO_KEY", "nowhere.pem")
    login = run("telegram", "login", "--phone", "+1")
    assert "Error: KUNAK_TELEGRAM_MTPROTO_KEY: neither a key" in login.output
    assert "✗ Telegram account" in run("doctor").output
    monkeypatch.delenv("KUNAK_TELEGRAM_API_HASH")
    assert "go together" in run("telegram", "login", "--phone", "+1").output
    monkeypatch.delenv("KUNAK_TELEGRAM_API_ID")
    assert "my.telegram.org" in run("telegram", "login", "--phone", "+1").output
    assert "It needs KUNAK_TELEGRAM_API_ID" in run("telegram", "status").output


def test_a_server_that_is_away_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUNAK_TELEGRAM_MTPROTO_PORT", "1")
    login = run("telegram", "login", "--phone", "+79001234567")
    assert login.exit_code == 1
    assert (
        login.output.splitlines()[-1] == "Error: The MTProto server 127.0.0.1:1 cannot be reached (Connection refused)."
    )
