"""The query for the texts of things."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_LIST_TEXTS = text("""
SELECT reference, text FROM search_entries
WHERE reference = ANY (CAST(:references AS text[])) ORDER BY kind, thing_id, passage
""")


async def list_texts(session: AsyncSession, references: Sequence[str]) -> dict[str, list[str]]:
    """The passages of each, in their order."""
    texts: dict[str, list[str]] = defaultdict(list)
    if references:
        for reference, passage in await session.execute(_LIST_TEXTS, {"references": list(references)}):
            texts[reference].append(passage)
    return dict(texts)
