"""Titles are suggested while one types, by an index."""

import pytest
from sqlalchemy import text
from tests.features.search.town import entry, put

from kunak.features.search import service
from kunak.features.search.repository import titles
from kunak.foundation.db.engine import Sessions

TITLES = ["Мост через реку", "Мосты города", "Старый мост", "Ёлка на площади", "100% скидка", "Вестник", "Вестник", ""]


@pytest.fixture
async def town(sessions: Sessions) -> Sessions:
    await put(sessions, [entry(number, "Текст. " * 300, title) for number, title in enumerate(TITLES, start=1)])
    return sessions


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("мост", ["Мост через реку", "Мосты города", "Старый мост"]),
        ("МОСТ ", ["Мост через реку", "Мосты города", "Старый мост"]),
        ("елка", ["Ёлка на площади"]),
        ("в", ["Вестник"]),
        ("%", []),
        ("0% ски", ["100% скидка"]),
        ("", []),
        ("   ", []),
        ("\0", []),
        ("\\", []),
        ("м" * 10_000, []),
    ],
)
async def test_titles_that_begin_with_it_or_hold_it(town: Sessions, typed: str, suggested: list[str]) -> None:
    async with town() as session:
        assert [each.title for each in await service.suggest(session, typed)] == suggested


async def test_a_title_that_is_gone_is_not_suggested(town: Sessions) -> None:
    async with town.begin() as session:
        await service.remove(session, "document", [4])
        assert await service.suggest(session, "ёлка") == []


@pytest.mark.parametrize(
    ("statement", "values", "index"),
    [
        (titles.LIST_BEGINNING, {"first": "мост", "last": "мост\U0010ffff"}, "search_entries_title_idx"),
        (titles.LIST_HOLDING, {"inside": "мост", "pattern": "%мост%"}, "search_entries_title_trigrams_idx"),
    ],
)
async def test_the_index_is_used(sessions: Sessions, statement: object, values: dict[str, object], index: str) -> None:
    many = """INSERT INTO search_entries (kind, thing_id, passage, reference, title, text, language)
        SELECT 'document', n, 0, n, 'Дом номер ' || n, '', 'ru' FROM generate_series(1, 20000) AS n"""
    async with sessions.begin() as session:
        await session.execute(text(many))
        await session.execute(text("ANALYZE search_entries"))
        plan = await session.scalars(text(f"EXPLAIN {statement}"), {**values, "limit": 8})
        assert index in "\n".join(plan)
