"""The queries about the pages of sites."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# A page that its sitemap says has changed since it was read is due at once; so is a new one.
_ADD = text("""
INSERT INTO source_pages AS known (source_id, address, changed_at)
SELECT :source_id, address, changed_at
FROM unnest(CAST(:addresses AS text[]), CAST(:changed AS timestamptz[])) AS listed (address, changed_at)
ORDER BY address
ON CONFLICT (source_id, address) DO UPDATE SET changed_at = excluded.changed_at, due_at = now()
WHERE known.changed_at IS DISTINCT FROM excluded.changed_at AND excluded.changed_at IS NOT NULL
""")
_MAKE_DUE = text("UPDATE source_pages SET due_at = now() WHERE source_id = :source_id AND address = :address")
_LIST_DUE = text("""
SELECT address, external_id, etag, modified, read_at, failures FROM source_pages
WHERE source_id = :source_id AND due_at <= now()
ORDER BY read_at IS NOT NULL, changed_at DESC NULLS LAST, due_at, address LIMIT :limit
""")
_IS_SHARED = text("""
SELECT EXISTS (
    SELECT FROM source_pages WHERE source_id = :source_id AND external_id = :external_id AND address <> :address
)
""")
_GET_SHARED_TEXT = text("""
SELECT documents.text FROM documents JOIN source_pages USING (source_id, external_id)
WHERE source_id = :source_id AND external_id = :external_id AND address <> :address LIMIT 1
""")
_KEEP = text("""
UPDATE source_pages SET
    external_id = :external_id, etag = :etag, modified = :modified, read_at = now(), due_at = now() + :due_in,
    failures = 0, error_text = NULL
WHERE source_id = :source_id AND address = :address
""")
_FAIL = text("""
UPDATE source_pages SET
    external_id = CASE WHEN :is_gone THEN NULL ELSE external_id END, etag = NULL, modified = NULL, read_at = now(),
    due_at = now() + :due_in, failures = failures + 1, error_text = :error
WHERE source_id = :source_id AND address = :address
""")


@dataclass(frozen=True)
class PageRow:
    """A page to be read."""

    address: str
    external_id: str | None
    """Of the document it became."""
    etag: str | None
    modified: str | None
    read_at: datetime | None
    failures: int


async def add_pages(session: AsyncSession, source_id: int, pages: Sequence[tuple[str, datetime | None]]) -> None:
    """Know these pages, by address and the time of their last change."""
    once = dict(pages)
    values = {"source_id": source_id, "addresses": list(once), "changed": list(once.values())}
    await session.execute(_ADD, values)


async def make_page_due(session: AsyncSession, source_id: int, address: str) -> None:
    await session.execute(_MAKE_DUE, {"source_id": source_id, "address": address})


async def list_due_pages(session: AsyncSession, source_id: int, *, limit: int) -> list[PageRow]:
    """The pages to be read now: new ones first."""
    rows = (await session.execute(_LIST_DUE, {"source_id": source_id, "limit": limit})).mappings()
    return [PageRow(**row) for row in rows]


async def is_shared(session: AsyncSession, source_id: int, address: str, external_id: str) -> bool:
    """Whether another page became the same document: two addresses, one article."""
    values = {"source_id": source_id, "address": address, "external_id": external_id}
    return bool(await session.scalar(_IS_SHARED, values))


async def get_shared_text(session: AsyncSession, source_id: int, address: str, external_id: str) -> str | None:
    """The text of this document, if another page became it."""
    values = {"source_id": source_id, "address": address, "external_id": external_id}
    shared: str | None = await session.scalar(_GET_SHARED_TEXT, values)
    return shared


async def keep_page(
    session: AsyncSession,
    source_id: int,
    address: str,
    *,
    external_id: str | None,
    etag: str | None,
    modified: str | None,
    due_in: timedelta,
) -> None:
    """The page was read."""
    values = {"source_id": source_id, "address": address, "external_id": external_id, "etag": etag}
    await session.execute(_KEEP, values | {"modified": modified, "due_in": due_in})


async def fail_page(
    session: AsyncSession, source_id: int, address: str, *, error: str, due_in: timedelta, is_gone: bool
) -> None:
    """The page could not be read; `is_gone`: there is no such page any more."""
    values = {"source_id": source_id, "address": address, "error": error, "due_in": due_in, "is_gone": is_gone}
    await session.execute(_FAIL, values)
