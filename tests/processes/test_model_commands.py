"""`kunak model list` as its user sees it."""

import asyncio
import json

from click.testing import CliRunner, Result

from kunak.cli import main
from kunak.integrations.language_model.fake import FakeProvider


async def run(*given: str, **environment: str) -> Result:
    """In a thread: the fake answers in our event loop."""
    return await asyncio.to_thread(CliRunner().invoke, main, ["model", "list", *given], env=environment)


async def test_alice_sees_what_her_providers_offer() -> None:
    async with FakeProvider() as fake:
        asked = {"KUNAK_MODEL_URL": fake.url, "KUNAK_MODEL_NAME": "fake-1"}
        asked |= {"KUNAK_MODEL_URL_2": "http://127.0.0.1:9/v1", "KUNAK_MODEL_NAME_2": "other"}
        said = await run(**asked)
        assert said.exit_code == 0
        assert "\n* fake-1" in said.output
        assert "127.0.0.1:9: " in said.output
        first, second = map(json.loads, (await run("--json", **asked)).output.splitlines())
        assert "fake-1" in [each["id"] for each in first["models"]]
        assert (second["models"], bool(second["trouble"])) == ([], True)


async def test_without_a_provider_it_says_what_to_set() -> None:
    said = await run()
    assert said.exit_code == 1
    assert "KUNAK_MODEL_URL" in said.output
