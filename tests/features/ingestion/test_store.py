"""A document is kept once, follows its source, and is findable in the same transaction."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from kunak.features.ingestion import service
from kunak.features.ingestion.schemas import NewDocument, SourceKind, SourceName, Stored
from kunak.features.search import service as search
from kunak.foundation.db.engine import Sessions

TOWN = SourceName(SourceKind.JSONL, "town", "town")
BRIDGE = NewDocument(TOWN, "bridge", "Мост", "Мост через реку закрыт.", None, None)
MARKET = NewDocument(TOWN, "market", "Рынок", "Рынок открыт по субботам.", None, None)


async def store(sessions: Sessions, *documents: NewDocument) -> Stored:
    async with sessions.begin() as session:
        return await service.store(session, documents)


async def rows(sessions: Sessions) -> list[Any]:
    """Every row with the transaction that wrote it: a rewritten row shows."""
    statement = "SELECT 'd' AS what, id, xmin::text, xmax::text FROM documents UNION ALL "
    statement += "SELECT 'e', id, xmin::text, xmax::text FROM search_entries UNION ALL "
    statement += "SELECT 's', id, xmin::text, xmax::text FROM sources ORDER BY 1, 2"
    async with sessions() as session:
        return list(await session.execute(text(statement)))


async def find(sessions: Sessions, question: str) -> list[str]:
    async with sessions() as session:
        return [hit.text for hit in (await search.search(session, question)).hits]


async def test_the_same_documents_again_touch_no_row(sessions: Sessions) -> None:
    assert await store(sessions, BRIDGE, MARKET) == Stored(added=2)
    before = await rows(sessions)
    assert await store(sessions, MARKET, BRIDGE) == Stored(unchanged=2)
    assert await rows(sessions) == before


async def test_a_changed_text_replaces_the_old_one_in_search_too(sessions: Sessions) -> None:
    await store(sessions, BRIDGE, MARKET)
    opened = replace(BRIDGE, text="Мост через реку открыт.")
    assert await store(sessions, opened, MARKET) == Stored(changed=1, unchanged=1)
    assert await find(sessions, "закрыт") == []
    assert await find(sessions, "мост") == ["Мост через реку открыт."]


@pytest.mark.parametrize("change", [{"title": "Старый мост"}, {"url": "https://example.org"}])
async def test_a_new_title_or_address_is_a_change(sessions: Sessions, change: dict[str, str]) -> None:
    await store(sessions, BRIDGE)
    assert await store(sessions, replace(BRIDGE, **change)) == Stored(changed=1)  # type: ignore[arg-type]  # each value fits its field


async def test_one_id_in_two_sources_is_two_documents(sessions: Sessions) -> None:
    other = replace(BRIDGE, source=SourceName(SourceKind.CHANNEL, "-1001", "Вести"))
    assert await store(sessions, BRIDGE, other) == Stored(added=2)


async def test_a_transaction_that_fails_leaves_neither_document_nor_entry(sessions: Sessions) -> None:
    async with sessions() as session:
        await service.store(session, [BRIDGE])
        await session.rollback()
    assert await rows(sessions) == []
