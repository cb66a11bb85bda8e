"""Filters as SQL."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.schemas import Filters

_CONDITIONS: dict[str, str] = {
    "kinds": "entry.kind = ANY (CAST(:kinds AS text[]))",
    # The ids of what a source copied are gathered once, and both halves are looked up in an index.
    "sources": """(entry.source = ANY (CAST(:sources AS text[])) OR entry.id = ANY (ARRAY(
        SELECT told.id FROM search_tellings AS further JOIN search_entries AS told USING (kind, thing_id)
        WHERE further.source = ANY (CAST(:sources AS text[])))))""",
    "languages": "entry.language = ANY (CAST(:languages AS text[]))",
    "places": "replace(lower(entry.place), 'ё', 'е') = ANY (CAST(:places AS text[]))",
    "categories": "entry.category = ANY (CAST(:categories AS text[]))",
    "published_from": "entry.published_at >= CAST(:published_from AS timestamptz)",
    "published_before": "entry.published_at < CAST(:published_before AS timestamptz)",
    "price_from": "entry.price >= CAST(:price_from AS bigint)",
    "price_to": "entry.price <= CAST(:price_to AS bigint)",
}
_VALUES: dict[str, Callable[[Any], Any]] = {
    "kinds": list,
    "sources": list,
    "languages": lambda given: [language.value for language in given],
    "places": lambda given: [place.lower().replace("ё", "е") for place in given],
    "categories": list,
}


def conditions(filters: Filters) -> str:
    """What `entry`, a row of search_entries, must fulfil; empty when it need not fulfil anything."""
    return " AND ".join(condition for name, condition in _CONDITIONS.items() if _is_given(filters, name))


def values_of(filters: Filters) -> dict[str, Any]:
    """The parameters of `conditions`."""
    names = [name for name in _CONDITIONS if _is_given(filters, name)]
    return {name: _VALUES.get(name, _as_it_is)(getattr(filters, name)) for name in names}


async def count_entries(session: AsyncSession, filters: Filters, *, most: int) -> int:
    """How many entries pass, `most` at most."""
    counted = text(f"""
        SELECT count(*) FROM (SELECT FROM search_entries AS entry WHERE {conditions(filters)} LIMIT :most) AS passing
    """)  # noqa: S608  built from constants
    return int((await session.execute(counted, {**values_of(filters), "most": most})).scalar_one())


def _is_given(filters: Filters, name: str) -> bool:
    return getattr(filters, name) not in (None, ())


def _as_it_is(given: Any) -> Any:
    return given
