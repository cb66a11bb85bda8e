"""The language models of the settings: what a person can write into `.env`, and what is said to a slip."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from kunak.features.language_models.schemas import WatchModels
from kunak.features.messaging.service import Stops
from kunak.foundation.errors import InvalidInputError
from kunak.foundation.settings import Settings
from kunak.integrations.language_model.errors import LanguageModelError
from kunak.integrations.language_model.fake import FakeProvider, Fault
from kunak.integrations.language_model.interface import Message, Request, complete
from kunak.processes.bootstrap import open_kunak
from kunak.processes.doctor import examine
from kunak.processes.findings import State
from kunak.processes.language_model import open_providers, read_providers
from kunak.processes.worker import create_handlers

ASKED = Request((Message.user("Hello."),))


def read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lines: str) -> list[tuple[str, str, str, str]]:
    (tmp_path / ".env").write_text(lines)
    monkeypatch.chdir(tmp_path)
    return [(each.name, each.url, each.model, str(each.protocol)) for each in read_providers(Settings())]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("", []),
        ("KUNAK_MODEL_URL=\nKUNAK_MODEL_KEY=\nKUNAK_MODEL_NAME=\n", []),
        (
            "KUNAK_MODEL_KEY=sk-1\nKUNAK_MODEL_NAME=big",
            [("api.openai.com", "https://api.openai.com/v1", "big", "responses")],
        ),
        (
            "KUNAK_MODEL_URL=http://localhost:11434\nKUNAK_MODEL_NAME=llama",
            [("localhost:11434", "http://localhost:11434/v1", "llama", "chat")],
        ),
        (
            "KUNAK_MODEL_URL=https://o.example/api/v1/chat/completions/\nKUNAK_MODEL_NAME=x\nKUNAK_MODEL_PROTOCOL=responses",
            [("o.example", "https://o.example/api/v1", "x", "responses")],
        ),
        (
            (
                "KUNAK_MODEL_URL=http://a/v1\nKUNAK_MODEL_NAME=x\nKUNAK_MODEL_URL_2=http://a/v1\nKUNAK_MODEL_NAME_2=y\n"
                "KUNAK_MODEL_KEY_3=sk-3\nKUNAK_MODEL_NAME_3=z"
            ),
            [
                ("a", "http://a/v1", "x", "chat"),
                ("a (2)", "http://a/v1", "y", "chat"),
                ("api.openai.com", "https://api.openai.com/v1", "z", "responses"),
            ],
        ),
    ],
)
def test_what_a_person_may_write(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lines: str, found: list[tuple[str, str, str, str]]
) -> None:
    assert read(monkeypatch, tmp_path, lines) == found


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("KUNAK_MODEL_KEY=sk-1", "KUNAK_MODEL_NAME is missing"),
        ("KUNAK_MODEL_URL_2=http://a/v1", "KUNAK_MODEL_NAME_2 is missing"),
        ("KUNAK_MODEL_NAME=big", "KUNAK_MODEL_KEY is missing"),
        ("KUNAK_MODEL_URL=localhost:11434\nKUNAK_MODEL_NAME=x", "KUNAK_MODEL_URL is not an address"),
        ("KUNAK_MODEL_URL=http://secret@a:port/v1\nKUNAK_MODEL_NAME=x", "KUNAK_MODEL_URL is not an address"),
        ("KUNAK_MODEL_URL=http://u:secret@a/v1\nKUNAK_MODEL_NAME=x\nKUNAK_MODEL_KEY=k", "holds a password"),
        ("KUNAK_MODEL_URL=http://a/v1\nKUNAK_MODEL_NAME=x\nKUNAK_MODEL_KEY=секрет", "holds characters that no key"),
    ],
)
def test_a_slip_is_named_and_no_secret_repeated(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lines: str, words: str
) -> None:
    with pytest.raises(InvalidInputError, match=words) as raised:
        read(monkeypatch, tmp_path, lines)
    assert not any(each in str(raised.value) for each in ("secret", "секрет"))


@pytest.fixture
async def fake() -> AsyncIterator[FakeProvider]:
    async with FakeProvider() as fake:
        yield fake


def settings(fake: FakeProvider, data_dir: Path, **more: Any) -> Settings:
    return Settings(data_dir=data_dir, model_url=fake.url, model_name="fake-1", **more)


async def test_a_model_that_is_configured_answers(fake: FakeProvider, tmp_path: Path) -> None:
    providers = open_providers(settings(fake, tmp_path))
    assert providers is not None
    assert (await complete(providers, ASKED)).text == "You said: Hello."
    await providers.close()


async def test_a_refused_key_is_told_to_the_admins_once(fake: FakeProvider, tmp_path: Path, database_url: str) -> None:
    fake.fail(Fault.KEY)
    given = settings(fake, tmp_path, model_key="sk-alices-key-123")
    async with open_kunak(given, database_url=database_url) as kunak:
        assert kunak.models is not None
        for _ in range(2):
            with pytest.raises(LanguageModelError):
                await complete(kunak.models, ASKED)
        async with kunak.sessions() as session:
            [words] = await session.scalars(text("SELECT text FROM alerts"))
    assert "refuses the key" in words
    assert "alice" not in words


async def test_the_worker_watches_for_sunsets_whether_a_model_is_configured_or_not(
    fake: FakeProvider, tmp_path: Path, database_url: str
) -> None:
    for given in (settings(fake, tmp_path), Settings(data_dir=tmp_path)):
        async with open_kunak(given, database_url=database_url) as kunak:
            handlers = create_handlers(kunak, Stops(kunak.sessions, kunak.dsn))
            assert WatchModels in handlers.job_types
            await handlers.handle(WatchModels().to_bytes())
            assert "WatchModels" in [type(each.job).__name__ for each in handlers.schedules]


@pytest.mark.parametrize(
    ("name", "faults", "state", "words"),
    [
        ("fake-1", [], State.OK, "fake-1 of 127.0.0.1"),
        ("gone", [], State.NOTE, "does not list this model"),
        ("fake-1", [Fault.KEY], State.NOTE, "refuses the key"),
        ("", [], State.FAULT, "KUNAK_MODEL_NAME is missing"),
    ],
)
async def test_the_doctor_asks_the_provider(
    fake: FakeProvider, tmp_path: Path, name: str, *, faults: list[Fault], state: State, words: str
) -> None:
    fake.fail(*faults)
    given = Settings(
        data_dir=tmp_path,
        model_url=fake.url,
        model_name=name,
        database_url=SecretStr("postgresql://nobody@127.0.0.1:1/none"),
        telegram_api_base="http://127.0.0.1:1",
    )
    [found] = [each for each in (await examine(given)).findings if each.name == "Language model"]
    assert found.state is state
    assert words in found.detail
