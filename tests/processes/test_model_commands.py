"""`kunak model list` as its user sees it."""

import json

import pytest
from tests.processes.conftest import Command

from kunak.integrations.language_model.fake import FakeProvider


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


async def test_without_a_provider_it_says_what_to_set(command: Command) -> None:
    code, said = await command("model", "list")
    assert code == 1
    assert "KUNAK_MODEL_URL" in said
