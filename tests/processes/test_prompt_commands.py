"""`kunak bot prompt …` from the outside."""

from functools import partial
from pathlib import Path

import pytest
from tests.features.messaging.conftest import Town, town
from tests.processes.conftest import Command

__all__ = ["town"]


@pytest.fixture
def wordings(tmp_path: Path) -> Path:
    (tmp_path / "good.md").write_text("You are {name}. Be brief.")
    (tmp_path / "long.md").write_text("x" * 100_000)
    (tmp_path / "garbage.md").write_bytes(b"\xff\xfe")
    return tmp_path


async def test_alice_rewords_the_prompt_and_goes_back(command: Command, town: Town, wordings: Path) -> None:
    prompt = partial(command, "bot", "prompt")

    assert await prompt("edit", "friend_bot", str(wordings / "good.md"), "--note", "shorter") == (
        0,
        "Version 1 is in use. `kunak bot prompt use friend_bot N` goes back to another.\n",
    )
    assert await prompt("show", "friend_bot") == (0, "You are {name}. Be brief.\n")
    assert (await prompt("use", "friend_bot", "0"))[0] == 0
    _, listed = await prompt("list", "friend_bot")
    assert [line[:7].split() for line in listed.splitlines()] == [["1"], ["*", "0"]]
    assert await prompt("show", "friend_bot", "1") == (0, "You are {name}. Be brief.\n")
    changed = (await prompt("compare", "friend_bot", "0", "1"))[1].splitlines()
    assert (changed[:2], changed[-1]) == (["--- version 0", "+++ version 1"], "+You are {name}. Be brief.")
    assert await prompt("compare", "friend_bot", "1", "1") == (0, "Versions 1 and 1 are alike.\n")
    assert await prompt("compare", "friend_bot", "1", "2") == (1, "Error: The bot has no prompt version 2.\n")
    code, said = await prompt("edit", "friend_bot", str(wordings / "long.md"))
    assert (code, said.count("\n")) == (1, 1)
    assert "at most 16,000 are taken" in said
    assert (await prompt("edit", "friend_bot", str(wordings / "garbage.md")))[1] == (
        "Error: This is no text in UTF-8; nothing was changed.\n"
    )
