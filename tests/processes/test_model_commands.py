"""`kunak model list` as its user sees it."""

import asyncio
import json
import os
import sys

from kunak.integrations.language_model.fake import FakeProvider


async def run(*given: str, **environment: str) -> tuple[int, str]:
    """The exit code, and all that was said."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KUNAK_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "kunak", "model", "list", *given),
        env=clean | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_alice_sees_what_her_providers_offer() -> None:
    async with FakeProvider() as fake:
        asked = {"KUNAK_MODEL_URL": fake.url, "KUNAK_MODEL_NAME": "fake-1"}
        asked |= {"KUNAK_MODEL_URL_2": "http://127.0.0.1:9/v1", "KUNAK_MODEL_NAME_2": "other"}
        code, said = await run(**asked)
        assert code == 0
        assert "\n* fake-1" in said
        assert "127.0.0.1:9: " in said
        first, second = map(json.loads, (await run("--json", **asked))[1].splitlines())
        assert "fake-1" in [each["id"] for each in first["models"]]
        assert (second["models"], bool(second["trouble"])) == ([], True)


async def test_without_a_provider_it_says_what_to_set() -> None:
    code, said = await run()
    assert code == 1
    assert "KUNAK_MODEL_URL" in said
