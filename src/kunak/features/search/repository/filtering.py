"""Filters as SQL."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.schemas import Filters

_CONDITIONS: dict[str, str] = {
    "kinds": "entry.kind = ANY (CAST(:kinds AS text[]))",
    # The ids of what a source copied are gathered once, and both halves are looked up in an index.
    "sources": """(entry.source = ANY ({sources}) OR entry.id = ANY (ARRAY(
        SELECT told.id FROM search_tellings AS further JOIN search_entries AS told USING (kind, thing_id)
        WHERE further.source = ANY ({sources}))))""",
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
    "languages": lambda given: [language.value for language in given],
    "places": lambda given: [place.lower().replace("ё", "е") for place in given],
    "categories": list,
}
_WRITTEN = "sources"
"""Stands in the statement itself: how much a source has differs by thousands, and PostgreSQL, which plans a statement
anew only the first five times, would look through everything from the sixth on.
"""


def conditions(filters: Filters) -> str:
    """What `entry`, a row of search_entries, must fulfil; empty when it need not fulfil anything."""
    given = (condition for name, condition in _CONDITIONS.items() if _is_given(filters, name))
    return " AND ".join(given).format(sources=_written(filters.sources))


def values_of(filters: Filters) -> dict[str, Any]:
    """The parameters of `conditions`."""
    names = [name for name in _CONDITIONS if name != _WRITTEN and _is_given(filters, name)]
    return {name: _VALUES.get(name, _as_it_is)(getattr(filters, name)) for name in names}


async def count_entries(session: AsyncSession, filters: Filters, *, most: int) -> int:
    """How many entries pass, `most` at most."""
    counted = text(f"""
        SELECT count(*) FROM (SELECT FROM search_entries AS entry WHERE {conditions(filters)} LIMIT :most) AS passing
    """)  # noqa: S608  built from constants
    return int((await session.execute(counted, {**values_of(filters), "most": most})).scalar_one())


def _written(sources: Sequence[str]) -> str:
    """An array of these texts, as SQL; of letters and digits alone, so that nothing can be taken for anything else."""
    texts = (f"U&'{''.join(map(_character, each))}' UESCAPE '!'" for each in sources)
    return f"CAST(ARRAY[{', '.join(texts)}] AS text[])"


def _character(character: str) -> str:
    if character.isascii() and character.isalnum():
        return character
    return f"!+{ord(character) or ord('?'):06x}"  # a text of PostgreSQL holds no NUL, so no source is called by one


def _is_given(filters: Filters, name: str) -> bool:
    return getattr(filters, name) not in (None, ())


def _as_it_is(given: Any) -> Any:
    return given
