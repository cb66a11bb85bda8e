"""The queries about what is compared of documents, and what came of comparing."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.ingestion.leaders import Thing, Wanted
from kunak.features.ingestion.schemas import SourceKind

T = TypeVar("T")

_DAYS_OF_A_MARK = 4
_MARK = 1 << 32
_NAMED_AFTER_THEIR_CHANNEL = [SourceKind.CHANNEL, SourceKind.TELEGRAM, SourceKind.TELEGRAM_EXPORT]


@dataclass(frozen=True)
class Traits:
    """What is compared of a document."""

    document_id: int
    simhash: int
    bands: Sequence[int]
    marks: Collection[int]


# The locks are not for rows: two transactions that each bring one of two copies would not see each other's. The tables
# grow while a connection lives, so its plans must not be those of the beginning.
_LOCK = text("""
SELECT pg_advisory_xact_lock(hashtext('documents')), set_config('plan_cache_mode', 'force_custom_plan', true)
""")

_TITLE = "CASE WHEN kind = ANY (CAST(:channels AS text[])) THEN '' ELSE documents.title END"
_LIST_TEXTS = text(f"""
SELECT documents.id, {_TITLE} AS title, left(text, :most) FROM documents JOIN sources ON sources.id = source_id
WHERE documents.id = ANY (CAST(:ids AS bigint[]))
""")  # noqa: S608  built from constants

# A mark bears the days it stands for: so the index leads to what is of the same days alone, however much there is. What
# `most` documents bear already is not borne by further ones: a feed of a thousand alike items would lead each to all.
_DAY_OF = f"CAST(floor(extract(epoch FROM {{}}) / {86_400 * _DAYS_OF_A_MARK}) AS bigint)"
_PUT = text(f"""
WITH given AS (
    SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:simhashes AS bigint[]), CAST(:bands AS jsonb[]),
                         CAST(:marks AS jsonb[])) AS given (id, simhash, bands, marks)
), wished AS MATERIALIZED (
    SELECT id, mark, row_number() OVER (PARTITION BY mark ORDER BY id) AS place
    FROM given JOIN documents USING (id) CROSS JOIN LATERAL (
        SELECT CAST(each AS bigint) + {_MARK} * {_DAY_OF.format("published_at")} AS mark
        FROM jsonb_array_elements_text(given.marks) AS each WHERE published_at IS NOT NULL
    ) AS dated
), borne AS MATERIALIZED (
    SELECT mark, (SELECT count(*) FROM document_traits WHERE marks @> ARRAY[mark] AND copy_of IS NULL
                  AND document_id <> ALL (CAST(:ids AS bigint[]))) AS times
    FROM (SELECT DISTINCT mark FROM wished) AS wished
), kept AS (
    SELECT id, array_agg(mark) AS marks FROM wished JOIN borne USING (mark) WHERE times + place <= :most GROUP BY id
)
INSERT INTO document_traits AS known (document_id, told_at, tie, simhash, bands, marks)
SELECT documents.id, published_at,
       hashtextextended(concat_ws(' ', sources.kind, sources.key, external_id), 0),
       given.simhash,
       ARRAY(SELECT CAST(each AS integer) FROM jsonb_array_elements_text(given.bands) AS each),
       coalesce(kept.marks, '{{}}')
FROM given JOIN documents USING (id) JOIN sources ON sources.id = source_id LEFT JOIN kept ON kept.id = given.id
ORDER BY documents.id
ON CONFLICT (document_id) DO UPDATE SET
    told_at = excluded.told_at, simhash = excluded.simhash, bands = excluded.bands, marks = excluded.marks
""")  # noqa: S608  built from constants

# Things follow leaders: of what is before only these count, and what is after concerns only what leads.
# Those of `fresh` that lead tell what is after them, which need not ask.
_ORDER = "(coalesce({0}.told_at, '-infinity'), {0}.tie, {0}.document_id)"
_IS_LATER = f"{_ORDER.format('near')} > {_ORDER.format('own')}"


def _counts(follows: str) -> str:
    return f"""
    CASE WHEN {_IS_LATER} THEN own.{follows} IS NULL OR own.document_id = ANY (CAST(:leading AS bigint[]))
    ELSE near.{follows} IS NULL AND near.document_id <> ALL (CAST(:fresh AS bigint[])) END
    """


def _list_near(follows: str, finding: str) -> TextClause:
    return text(f"""
SELECT own.document_id AS of, near.document_id, source_id, near.told_at, near.tie, near.{follows} AS follows
FROM unnest(CAST(:ids AS bigint[])) AS given (id) JOIN document_traits AS own ON own.document_id = given.id
CROSS JOIN LATERAL (
    SELECT own.document_id, own.told_at, own.tie, own.{follows}
    UNION ALL
    ({finding})
) AS near
JOIN documents ON documents.id = near.document_id
""")  # noqa: S608  built from constants


_LIST_NEAR_COPIES = _list_near(
    "copy_of",
    f"""
    SELECT near.document_id, near.told_at, near.tie, near.copy_of FROM document_traits AS near
    WHERE near.bands && own.bands AND near.document_id <> own.document_id
      AND bit_count(CAST(near.simhash # own.simhash AS bit(64))) <= :bits
      AND (near.told_at BETWEEN own.told_at - CAST(:longest AS interval) AND own.told_at + CAST(:longest AS interval)
           OR (near.told_at IS NULL AND own.told_at IS NULL))
      AND {_counts("copy_of")}
    """,  # noqa: S608  built from constants
)
_LIST_NEAR_EVENTS = _list_near(
    "story_of",
    f"""
    SELECT near.document_id, near.told_at, near.tie, near.story_of
    FROM (
        SELECT array_agg(mark + {_MARK} * (day - {_DAY_OF.format("own.told_at")})) AS marks
        FROM unnest(own.marks) AS mark CROSS JOIN generate_series(
            {_DAY_OF.format("own.told_at - CAST(:longest AS interval)")},
            {_DAY_OF.format("own.told_at + CAST(:longest AS interval)")}
        ) AS day
    ) AS wanted
    JOIN document_traits AS near ON near.marks && wanted.marks
    CROSS JOIN LATERAL (SELECT count(*) FROM unnest(near.marks) AS mark WHERE mark = ANY (wanted.marks)) AS shared
    WHERE near.copy_of IS NULL AND near.document_id <> own.document_id AND shared.count >= :least_shared
      AND near.told_at BETWEEN own.told_at - CAST(:longest AS interval) AND own.told_at + CAST(:longest AS interval)
      AND {_counts("story_of")}
    """,  # noqa: S608  built from constants
)

_LIST_FOLLOWERS = {
    "copy_of": text("SELECT document_id FROM document_traits WHERE copy_of = ANY (CAST(:ids AS bigint[]))"),
    "story_of": text("SELECT document_id FROM document_traits WHERE story_of = ANY (CAST(:ids AS bigint[]))"),
}
_FOLLOW = {
    column: text(f"""
        UPDATE document_traits SET {column} = given.leader
        FROM unnest(CAST(:ids AS bigint[]), CAST(:leaders AS bigint[])) AS given (id, leader)
        WHERE document_id = given.id
    """)  # noqa: S608  built from constants
    for column in ("copy_of", "story_of")
}
_UNLINK = text("""
UPDATE document_traits AS own SET story_of = NULL FROM document_traits AS old
WHERE own.document_id = ANY (CAST(:ids AS bigint[])) AND old.document_id = own.document_id AND old.story_of IS NOT NULL
RETURNING old.story_of
""")
_LIST_LEADERS = text("""
SELECT leader FROM document_traits CROSS JOIN LATERAL (VALUES (copy_of), (story_of)) AS followed (leader)
WHERE document_id = ANY (CAST(:ids AS bigint[])) AND leader IS NOT NULL
""")
_LIST_COPIES = text(
    "SELECT document_id FROM document_traits WHERE copy_of IS NOT NULL AND document_id = ANY (CAST(:ids AS bigint[]))"
)
_LIST_UNREAD = text("""
SELECT id FROM documents WHERE id > :after AND NOT EXISTS (SELECT FROM document_traits WHERE document_id = id)
ORDER BY id LIMIT :limit
""")


async def lock_comparing(session: AsyncSession) -> None:
    """One transaction at a time compares documents. Take this lock before any lock on a document."""
    await session.execute(_LOCK)


async def list_texts(session: AsyncSession, ids: Collection[int], *, most: int) -> dict[int, tuple[str, str]]:
    """Title and `most` characters of text of each; what is named after its channel has no title."""
    values = {"ids": list(ids), "most": most, "channels": [each.value for each in _NAMED_AFTER_THEIR_CHANNEL]}
    return {id_: (title, said) for id_, title, said in await session.execute(_LIST_TEXTS, values)}


async def put_traits(session: AsyncSession, traits: Sequence[Traits], *, most: int) -> None:
    """A mark that `most` documents of the same days bear is not kept of further ones."""
    values = {
        "most": most,
        "ids": [each.document_id for each in traits],
        "simhashes": [_signed(each.simhash) for each in traits],
        "bands": [str(list(each.bands)) for each in traits],
        "marks": [str(sorted(each.marks)) for each in traits],
    }
    await session.execute(_PUT, values)


async def list_near_copies(
    session: AsyncSession,
    wanted: Wanted,
    read: Callable[[str, str], T],
    *,
    bits: int,
    longest: timedelta,
    most: int,
) -> list[tuple[Thing[T], list[Thing[T]]]]:
    """Each of the documents, with those whose simhash differs by `bits` at most."""
    rows = await session.execute(_LIST_NEAR_COPIES, {**_ids(wanted), "bits": bits, "longest": longest})
    return await _things(session, rows.all(), read, most)


async def list_near_events(
    session: AsyncSession,
    wanted: Wanted,
    read: Callable[[str, str], T],
    *,
    least_shared: int,
    longest: timedelta,
    most: int,
) -> list[tuple[Thing[T], list[Thing[T]]]]:
    """Each of the documents, with those of the same days that share as many marks."""
    values = {**_ids(wanted), "least_shared": least_shared, "longest": longest}
    return await _things(session, (await session.execute(_LIST_NEAR_EVENTS, values)).all(), read, most)


def _ids(wanted: Wanted) -> dict[str, list[int]]:
    return {"ids": list(wanted.ids), "fresh": list(wanted.fresh), "leading": list(wanted.leading)}


async def _things(
    session: AsyncSession, rows: Sequence[Any], read: Callable[[str, str], T], most: int
) -> list[tuple[Thing[T], list[Thing[T]]]]:
    texts = await list_texts(session, {row.document_id for row in rows}, most=most)
    contents = {id_: read(*told) for id_, told in texts.items()}
    near: dict[int, list[Thing[T]]] = {row.of: [] for row in rows}
    own: dict[int, Thing[T]] = {}
    for of, id_, source_id, at, tie, follows in rows:
        thing = Thing(id_, source_id, at, tie, follows, contents[id_])
        if id_ == of:
            own[of] = thing
        else:
            near[of].append(thing)
    return [(own[of], each) for of, each in near.items()]


async def list_copied(session: AsyncSession, ids: Collection[int]) -> list[int]:
    """The copies of these documents."""
    return list(await session.scalars(_LIST_FOLLOWERS["copy_of"], {"ids": list(ids)}))


async def list_linked(session: AsyncSession, ids: Collection[int]) -> list[int]:
    """What follows these documents in a story."""
    return list(await session.scalars(_LIST_FOLLOWERS["story_of"], {"ids": list(ids)}))


async def keep_copies(session: AsyncSession, follows: Mapping[int, int | None]) -> None:
    """Of which document each is a copy from now on."""
    await session.execute(_FOLLOW["copy_of"], {"ids": list(follows), "leaders": list(follows.values())})


async def keep_links(session: AsyncSession, follows: Mapping[int, int | None]) -> None:
    """Which document's story each belongs to from now on."""
    await session.execute(_FOLLOW["story_of"], {"ids": list(follows), "leaders": list(follows.values())})


async def unlink(session: AsyncSession, ids: Collection[int]) -> set[int]:
    """These documents belong to no story any more; returns those that they followed."""
    return set(await session.scalars(_UNLINK, {"ids": list(ids)}))


async def list_leaders(session: AsyncSession, ids: Collection[int]) -> set[int]:
    """All that these documents follow."""
    return set(await session.scalars(_LIST_LEADERS, {"ids": list(ids)}))


async def list_are_copies(session: AsyncSession, ids: Collection[int]) -> set[int]:
    """Those of these documents that are copies."""
    return set(await session.scalars(_LIST_COPIES, {"ids": list(ids)}))


async def list_unread(session: AsyncSession, *, after: int, limit: int) -> list[int]:
    """The next documents that were never compared with others."""
    return list(await session.scalars(_LIST_UNREAD, {"after": after, "limit": limit}))


def _signed(number: int) -> int:
    """64 bits as PostgreSQL's bigint."""
    return number - (1 << 64) if number >= 1 << 63 else number
