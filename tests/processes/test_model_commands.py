"""`kunak model list` as its user sees it."""

import json

import pytest
from tests.features.messaging.conftest import Town, town
from tests.processes.conftest import Command

from kunak.integrations.language_model.fake import FakeProvider

__all__ = ["town"]


async def test_alice_sees_what_her_providers_offer(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    async with FakeProvider() as fake:
        asked = {"KUNAK_MODEL_URL": fake.url, "KUNAK_MODEL_NAME": "fake-1"}
        asked |= {"KUNAK_MODEL_URL_2": "http://127.0.0.1:9/v1", "KUNAK_MODEL_NAME_2": "other"}
        for name, value in asked.items():
            monkeypatch.setenv(name, value)
        code, said = await command("model", "list")
        assert code == 0
        assert "\n* fake-1" in said
        assert "127.0.0.1:9: " in said
        first, second = map(json.loads, (await command("model", "list", "--json"))[1].splitlines())
        assert "fake-1" in [each["id"] for each in first["models"]]
        assert (second["models"], bool(second["trouble"])) == ([], True)


async def test_models_that_bots_chose_are_looked_at_too(
    command: Command, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FakeProvider(models={"fake-1": None, "cheap": "2027-03-01"}) as fake:
        asked = {"KUNAK_MODEL_URL": fake.url, "KUNAK_MODEL_NAME": "fake-1"}
        for name, value in (asked | {"KUNAK_TELEGRAM_API_BASE": "http://127.0.0.1:1"}).items():
            monkeypatch.setenv(name, value)
        code, said = await command("bot", "model", "friend_bot", "nosuch", "--cheaper", "cheap")
        assert (code, said) == (0, f"model: nosuch; cheaper: cheap\n{fake.url.split('/')[2]} does not list nosuch.\n")
        _, said = await command("model", "list")
        assert "\n* cheap  chosen for @friend_bot  shut down on 2027-03-01" in said
        assert "\n* nosuch  chosen for @friend_bot  in use, and not in this list" in said
        _, said = await command("doctor")
        assert (
            "does not list nosuch (chosen for @friend_bot); cheap (chosen for @friend_bot) is shut down on 2027" in said
        )


async def test_without_a_provider_it_says_what_to_set(command: Command) -> None:
    code, said = await command("model", "list")
    assert code == 1
    assert "KUNAK_MODEL_URL" in said
