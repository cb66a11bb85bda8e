"""The front door of ingestion: sources are looked after and read, documents are kept once and become findable."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.ingestion.compare import KIND, compare_texts
from kunak.features.ingestion.fetch import Outside
from kunak.features.ingestion.follow_account import follow_account
from kunak.features.ingestion.manage import (
    add_source,
    find_source,
    get_health,
    get_source,
    list_due_sources,
    list_sources,
    pause_source,
    read_soon,
    resume_source,
    wake_account_sources,
    wake_due_sources,
)
from kunak.features.ingestion.preview import KINDS, as_wished, preview
from kunak.features.ingestion.read import read_batches
from kunak.features.ingestion.read_on import Watching, read_source
from kunak.features.ingestion.remove import begin_removing, go_on_removing, remove_source
from kunak.features.ingestion.repository import documents as repository
from kunak.features.ingestion.repository.hosts import forget_hosts
from kunak.features.ingestion.store import find_refused, forget_old, list_entries, store
from kunak.features.ingestion.turns import SharedTurns

__all__ = [
    "KIND",
    "KINDS",
    "Outside",
    "SharedTurns",
    "Watching",
    "add_source",
    "as_wished",
    "begin_removing",
    "compare_texts",
    "count_documents",
    "find_refused",
    "find_source",
    "follow_account",
    "forget_hosts",
    "forget_old",
    "get_health",
    "get_source",
    "get_source_titles",
    "go_on_removing",
    "list_due_sources",
    "list_entries",
    "list_sources",
    "pause_source",
    "preview",
    "read_batches",
    "read_soon",
    "read_source",
    "remove_source",
    "resume_source",
    "store",
    "wake_account_sources",
    "wake_due_sources",
]


async def count_documents(session: AsyncSession, *, up_to: int) -> tuple[int, int]:
    """How many documents have ids up to this one, and how many there are."""
    return await repository.count_documents(session, up_to=up_to)


async def get_source_titles(session: AsyncSession, keys: Sequence[str]) -> dict[str, str]:
    """What people call these sources, by key; of one that is not known nothing is told."""
    return await repository.get_source_titles(session, keys)
