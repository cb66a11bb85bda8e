"""The queries that say who tells a story."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

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
    UNION ALL
    SELECT further.reference, further.title, further.url, further.published_at, further.source
    FROM search_entries AS entry JOIN search_tellings AS further USING (kind, thing_id)
    WHERE entry.story_id = story.id AND entry.passage = 0
    ORDER BY published_at NULLS FIRST, reference LIMIT :most
) AS telling
""")


async def list_tellings(session: AsyncSession, story_ids: Sequence[int]) -> dict[int, list[Telling]]:
    """All tellings of each story, the oldest first."""
    tellings: dict[int, list[Telling]] = {}
    for story_id, *told in await session.execute(_LIST_TELLINGS, {"story_ids": list(story_ids), "most": _MOST}):
        tellings.setdefault(story_id, []).append(Telling(*told))
    return tellings


_LIST_FURTHER = text("""
SELECT kind, thing_id, reference, title, url, published_at, source
FROM unnest(CAST(:kinds AS text[]), CAST(:thing_ids AS bigint[])) AS given (kind, thing_id)
JOIN search_tellings USING (kind, thing_id)
ORDER BY published_at NULLS FIRST, reference
""")
_FORGET_FURTHER = text(
    "DELETE FROM search_tellings WHERE kind = :kind AND thing_id = ANY (CAST(:thing_ids AS bigint[]))"
)
_ADD_FURTHER = text("""
INSERT INTO search_tellings (kind, thing_id, reference, title, url, published_at, source)
SELECT :kind, * FROM unnest(
    CAST(:thing_ids AS bigint[]), CAST(:references AS text[]), CAST(:titles AS text[]), CAST(:urls AS text[]),
    CAST(:times AS timestamptz[]), CAST(:sources AS text[])
)
ON CONFLICT DO NOTHING
""")
_PUT_STORIES = text("""
UPDATE search_entries AS entry SET story_id = given.story_id
FROM unnest(CAST(:thing_ids AS bigint[]), CAST(:story_ids AS bigint[])) AS given (thing_id, story_id)
WHERE kind = :kind AND entry.thing_id = given.thing_id AND entry.story_id IS DISTINCT FROM given.story_id
""")


async def list_further(
    session: AsyncSession, things: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], list[Telling]]:
    """Who else says what these things (kind and id) say, in the same words."""
    further: defaultdict[tuple[str, int], list[Telling]] = defaultdict(list)
    values = {"kinds": [kind for kind, _ in things], "thing_ids": [thing_id for _, thing_id in things]}
    for kind, thing_id, *told in await session.execute(_LIST_FURTHER, values):
        further[kind, thing_id].append(Telling(*told))
    return dict(further)


async def put_further(session: AsyncSession, kind: str, tellings: Mapping[int, Sequence[Telling]]) -> None:
    """Who else says what these things say, from now on."""
    await session.execute(_FORGET_FURTHER, {"kind": kind, "thing_ids": list(tellings)})
    rows = [(thing_id, each) for thing_id, told in tellings.items() for each in told]
    if rows:
        values = {
            "kind": kind,
            "thing_ids": [thing_id for thing_id, _ in rows],
            "references": [each.id for _, each in rows],
            "titles": [each.title for _, each in rows],
            "urls": [each.url for _, each in rows],
            "times": [each.published_at for _, each in rows],
            "sources": [each.source or each.id for _, each in rows],
        }
        await session.execute(_ADD_FURTHER, values)


async def put_stories(session: AsyncSession, kind: str, stories: Mapping[int, int | None]) -> None:
    """Which stories these things tell, from now on."""
    values = {"kind": kind, "thing_ids": list(stories), "story_ids": list(stories.values())}
    await session.execute(_PUT_STORIES, values)
