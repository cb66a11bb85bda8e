"""Alice words the prompt of her bot, and goes back when she regrets it."""

import asyncio

import pytest
from tests.features.messaging.conftest import Town

from kunak.features.conversations.service import edit_prompt, list_prompts, prompt_of, use_prompt
from kunak.features.conversations.service.prompts import LONGEST_PROMPT, shipped_prompt
from kunak.foundation.errors import InvalidInputError, NotFoundError


async def word(town: Town, wording: str, note: str = "") -> int:
    async with town.sessions.begin() as session:
        return (await edit_prompt(session, town.bot.id, wording, note=note, actor="alice")).number


async def use(town: Town, number: int) -> None:
    async with town.sessions.begin() as session:
        await use_prompt(session, town.bot.id, number, actor="alice")


async def used(town: Town) -> str:
    return (await prompt_of(town.sessions, town.bot.id)).text


async def test_the_shipped_prompt_is_written_down_once_whoever_asks_first(town: Town) -> None:
    asked = await asyncio.gather(*(prompt_of(town.sessions, town.bot.id) for _ in range(4)))
    assert {(each.text, each.is_shipped) for each in asked} == {(shipped_prompt(), True)}
    assert await town.fetch("SELECT bot_id, number FROM prompt_versions") == [(None, 1)]


async def test_each_edit_is_a_version_and_none_is_lost(town: Town) -> None:
    assert [await word(town, "Be brief."), await word(town, "Be kind.\r\n", "Bob asked for it")] == [1, 2]
    assert await used(town) == "Be kind."
    await use(town, 1)
    assert await used(town) == "Be brief."
    await use(town, 0)
    assert await used(town) == shipped_prompt()
    async with town.sessions() as session:
        listed = await list_prompts(session, town.bot.id)
    assert [(each.number, each.note, each.is_active) for each in listed] == [
        (2, "Bob asked for it", False),
        (1, "", False),
    ]
    assert await town.fetch("SELECT count(*) FROM events WHERE what = 'prompt.used'") == [(4,)]


@pytest.mark.parametrize(
    ("wording", "words"),
    [("  \n", "is empty"), ("x" * 100_000, "has 100,000 characters; at most 16,000"), ("a\0b", "no text")],
)
async def test_what_is_no_prompt_changes_nothing(town: Town, wording: str, words: str) -> None:
    await word(town, "x" * LONGEST_PROMPT)
    with pytest.raises(InvalidInputError, match=words):
        await word(town, wording)
    assert await used(town) == "x" * LONGEST_PROMPT


async def test_a_version_that_is_not_there_leaves_the_other_in_use(town: Town) -> None:
    await word(town, "Be brief.")
    with pytest.raises(NotFoundError, match="no prompt version 7"):
        await use(town, 7)
    assert await used(town) == "Be brief."
