"""The queries that tell what a period was about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.repository.filtering import conditions, values_of
from kunak.features.search.repository.telling import list_further
from kunak.features.search.schemas import Filters, Telling

_TOLD_WELL = 400
"""Bytes, some 200 letters of Cyrillic; a longer text is not told better for it."""
_TALKED_OF = 3_000
"""Stems: those of what many tell, and not all the time."""
_LN = "ln(CAST({} AS double precision))"
"""Of numerics it would take as long as all the rest."""
_FURTHER_SOURCE = 5.0
"""A further source of a linked story weighs like so many rare words that a text shares with other sources."""
_TOO_COMMON = 0.02
"""Part of the period's posts; a stem that more of them have tells nothing."""
_RARE_ENOUGH = 25
"""Posts; a stem that so many have tells something in any period."""


@dataclass(frozen=True)
class Post:
    """A text of the period that may belong into its digest."""

    kind: str
    thing_id: int
    reference: str
    title: str
    text: str
    """Its first passage."""
    url: str | None
    published_at: datetime
    source: str | None
    story_id: int | None
    marks: dict[int, float]
    """The stems that it shares with others of the period, and how rare each is: 1 is one that only two have."""
    unshared: int
    """How many more it has."""
    also: tuple[Telling, ...] = ()
    """Who else says it in the same words."""


def _list_central(filtering: str) -> TextClause:
    return text(f"""
WITH period AS MATERIALIZED (
    SELECT id, hashtext(coalesce(source, '')) AS source, story_id, marks, octet_length(text) AS length
    FROM search_entries AS entry
    WHERE passage = 0 AND {filtering}
), common AS (
    SELECT CAST(greatest({_RARE_ENOUGH}, {_TOO_COMMON} * count(*)) AS bigint) AS entries FROM period
), marked AS MATERIALIZED (
    SELECT id, source, mark FROM period CROSS JOIN unnest(marks) AS mark
), counted AS MATERIALIZED (
    SELECT mark, count(*) AS entries, min(source) <> max(source) AS is_shared
    FROM marked GROUP BY mark HAVING count(*) BETWEEN 2 AND (SELECT entries FROM common)
), rare AS MATERIALIZED (
    SELECT mark, entries, is_shared,
           1 - {_LN.format("entries / 2.0")} / {_LN.format("(SELECT entries FROM common)")} AS rarity
    FROM counted
), talked_of AS MATERIALIZED (
    SELECT mark, rarity * {_LN.format("entries")} AS weight FROM rare WHERE is_shared
    ORDER BY weight DESC LIMIT {_TALKED_OF}
), central AS (
    SELECT id, sum(weight) AS weight FROM marked JOIN talked_of USING (mark) GROUP BY id
), told AS (
    SELECT story_id, count(DISTINCT source) AS sources FROM (
        SELECT story_id, source FROM period WHERE story_id IS NOT NULL
        UNION ALL
        SELECT period.story_id, hashtext(further.source)
        FROM period JOIN search_entries AS entry USING (id) JOIN search_tellings AS further USING (kind, thing_id)
        WHERE period.story_id IS NOT NULL
    ) AS each GROUP BY story_id
), chosen AS MATERIALIZED (
    SELECT id, marks, coalesce(weight, 0) + {_FURTHER_SOURCE} * (coalesce(sources, 1) - 1)
               + least(length, {_TOLD_WELL}) / {_TOLD_WELL}.0 AS weight
    FROM period LEFT JOIN central USING (id) LEFT JOIN told USING (story_id)
    ORDER BY weight DESC, id DESC LIMIT :most
), shared AS (
    SELECT id, array_agg(mark) AS marks, array_agg(rarity) AS rarities
    FROM (SELECT id, unnest(marks) AS mark FROM chosen) AS each JOIN rare USING (mark) GROUP BY id
)
SELECT kind, thing_id, reference, title, text, url, published_at, source, story_id,
       shared.marks, rarities, coalesce(cardinality(chosen.marks), 0) AS all_marks
FROM chosen JOIN search_entries AS entry USING (id) LEFT JOIN shared USING (id)
ORDER BY chosen.weight DESC, id DESC
""")  # noqa: S608  built from constants


async def list_central(
    session: AsyncSession, filters: Filters, *, things: Sequence[tuple[str, int]] | None = None, most: int
) -> list[Post]:
    """Of the things that pass the filters (with a period), those whose words are most shared with other sources.

    Only `things` (kind and id) are looked at when they are given.
    """
    filtering, values = conditions(filters), {**values_of(filters), "most": most}
    if things is not None:
        filtering += _AMONG_THINGS
        values |= {"kinds_of_things": [kind for kind, _ in things], "thing_ids": [number for _, number in things]}
    posts = [_post(dict(row)) for row in (await session.execute(_list_central(filtering), values)).mappings()]
    further = await list_further(session, [(post.kind, post.thing_id) for post in posts])
    return [replace(post, also=tuple(further.get((post.kind, post.thing_id), ()))) for post in posts]


_AMONG_THINGS = """ AND (kind, thing_id) IN (
    SELECT * FROM unnest(CAST(:kinds_of_things AS text[]), CAST(:thing_ids AS bigint[]))
)"""


def _post(row: dict[str, object]) -> Post:
    marks, rarities, all_marks = row.pop("marks") or [], row.pop("rarities") or [], row.pop("all_marks")
    shared = dict(zip(marks, rarities, strict=True))  # type: ignore[call-overload]  # two arrays of one length
    return Post(**row, marks=shared, unshared=all_marks - len(shared))  # type: ignore[arg-type,operator]  # as selected


async def get_newest(session: AsyncSession, filters: Filters) -> datetime | None:
    """When the newest thing that passes the filters (one must be given) was published."""
    statement = text(f"SELECT max(published_at) FROM search_entries AS entry WHERE {conditions(filters)}")  # noqa: S608  built from constants
    newest: datetime | None = await session.scalar(statement, values_of(filters))
    return newest
