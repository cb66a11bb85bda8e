"""The queries that say who tells a story."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.schemas import Telling

_MOST = 50
"""Tellings of one story."""

_LIST_TELLINGS = text("""
SELECT story.id AS story_id, telling.*
FROM unnest(CAST(:story_ids AS bigint[])) AS story (id) CROSS JOIN LATERAL (
    SELECT reference, title, url, published_at, source FROM search_entries
    WHERE story_id = story.id AND passage = 0
    ORDER BY published_at NULLS FIRST, id LIMIT :most
) AS telling
""")


async def list_tellings(session: AsyncSession, story_ids: Sequence[int]) -> dict[int, list[Telling]]:
    """All tellings of each story, the oldest first."""
    tellings: dict[int, list[Telling]] = {}
    for story_id, *told in await session.execute(_LIST_TELLINGS, {"story_ids": list(story_ids), "most": _MOST}):
        tellings.setdefault(story_id, []).append(Telling(*told))
    return tellings
