"""What is typed after the bot's name in any chat."""

from typing import Any

import pytest

from kunak.features.bots.schemas import Bot, BotState, UpdatesBy
from kunak.features.conversations.service.inline import answer_inline
from kunak.features.search import service as search
from kunak.features.search.schemas import Entry
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.languages import Language
from kunak.integrations.telegram.incoming import read_inline_query

FRIEND = Bot(1, 8, "friend_bot", "Friend", None, UpdatesBy.POLLING, BotState.ACTIVE, None, 0, None, None, b"")

NEWS = (
    "workers laid asphalt near school", "engineers checked every pillar", "buses drive through our ford",
    "fishermen found old coins", "children painted railings blue", "councillors argue over granite prices",
    "strong wind tore down advertisements",
)  # fmt: skip


@pytest.fixture
async def town(sessions: Sessions) -> Sessions:
    """Seven documents about the bridge."""
    entries = [
        Entry(number, f"doc-{number}", "Valley herald", f"Bridge: {news}.", Language.ENGLISH)
        for number, news in enumerate(NEWS)
    ]
    async with sessions.begin() as session:
        await search.index(session, "document", entries)
        await search.refresh_lexicon(session)
    return sessions


async def ask(sessions: Sessions, text: Any, offset: Any = "", language: str = "en") -> dict[str, Any]:
    query = read_inline_query({"id": "9", "from": {"language_code": language}, "query": text, "offset": offset})
    assert query is not None
    say = await answer_inline(sessions, FRIEND, query)
    assert (say.method, say.params["inline_query_id"]) == ("answerInlineQuery", "9")
    return say.params


async def test_pages_follow_one_another_until_there_are_no_more(town: Sessions) -> None:
    first = await ask(town, "bridge")
    second = await ask(town, "bridge", first["next_offset"])
    assert (len(first["results"]), first["next_offset"]) == (5, "5")
    assert (len(second["results"]), second["next_offset"]) == (2, "")
    assert not {each["id"] for each in first["results"]} & {each["id"] for each in second["results"]}
    assert first["is_personal"] is False


async def test_nothing_typed_is_answered_with_how_to_use_it(town: Sessions) -> None:
    told = await ask(town, "  ", language="ru")
    [how_to] = told["results"]
    assert "@friend_bot" in how_to["input_message_content"]["message_text"]
    assert (how_to["title"], told["is_personal"]) == ("Напишите вопрос", True)


@pytest.mark.parametrize("text", ["😀😀😀", "zyx" * 3400, "' OR 1=1 --", "\0", "-bridge", "the of and", "\\"])
async def test_whatever_is_typed_there_is_an_answer(town: Sessions, text: str) -> None:
    told = await ask(town, text)
    assert told["results"] == []
    assert 0 < len(told["button"]["text"]) <= 64
    assert told["next_offset"] == ""


@pytest.mark.parametrize("offset", ["-1", "5x", "٥", "9" * 30, None, 7])
async def test_an_offset_that_is_not_ours_begins_anew(town: Sessions, offset: Any) -> None:
    assert len((await ask(town, "bridge", offset))["results"]) == 5


@pytest.mark.parametrize("query", [None, {}, {"id": 5}, [], "x"])
def test_what_is_no_query_is_not_taken_for_one(query: Any) -> None:
    assert read_inline_query(query) is None
