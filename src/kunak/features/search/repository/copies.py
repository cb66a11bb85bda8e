"""The queries of the copies: which there are, how far each has come, and what it has not heard of yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import BigInteger

from kunak.features.search.repository.vectors import Model
from kunak.features.search.schemas import CopyProgress, CopyState
from kunak.integrations.vector_index.interface import Point

_LEASE = timedelta(seconds=90)
"""Longer than anything that is done between two renewals; a worker that died holds the copy up for so long."""

# Whoever changes vectors holds it too, shared: see the trigger that notes changes.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('vector_copies'))")


@dataclass(frozen=True)
class Copy:
    """A copy that this worker has taken; `lease` proves it."""

    model_id: int
    model: str
    dimensions: int
    owner: str
    state: CopyState
    done_to: int
    """The last entry of the filling."""
    lease: str


@dataclass(frozen=True)
class Change:
    """An entry whose copy may be out of date."""

    id: int
    entry_id: int


_COLUMNS = "model_id, model, dimensions, owner, state, done_to, lease"
_BEGIN = text("""
INSERT INTO vector_copies (model_id, model, dimensions, owner, state)
VALUES (:model_id, :model, :dimensions, :owner, 'filling')
ON CONFLICT (model_id) DO UPDATE SET state = 'filling', done_to = 0, trouble = NULL
WHERE vector_copies.state = 'leaving'
""")
# A new model takes the place of one that was copied.
_GET_UNCOPIED = text("""
SELECT id, name, dimensions FROM embedding_models
WHERE is_current AND id NOT IN (SELECT model_id FROM vector_copies)
  AND EXISTS (SELECT FROM vector_copies WHERE state <> 'leaving')
""")
_LEAVE_OTHERS = text("""
UPDATE vector_copies SET state = 'leaving' WHERE state <> 'leaving' AND (
    NOT EXISTS (SELECT FROM embedding_models WHERE id = model_id)
    OR model_id <> (SELECT model_id FROM vector_copies JOIN embedding_models ON id = model_id
                    WHERE is_current AND state = 'serving')
)
""")


async def begin(session: AsyncSession, model: Model, *, owner: str) -> None:
    """From now on changes of the model's vectors are noted; those that were under way are over."""
    await session.execute(_LOCK)
    values = {"model_id": model.id, "model": model.name, "dimensions": model.dimensions, "owner": owner}
    await session.execute(_BEGIN, values)


async def get_uncopied(session: AsyncSession) -> Model | None:
    """The current model, when another one is copied in its place."""
    row = (await session.execute(_GET_UNCOPIED)).one_or_none()
    return Model(*row) if row else None


async def leave_others(session: AsyncSession) -> None:
    """Copies are given up whose model is gone, or has been followed by one that serves."""
    await session.execute(_LEAVE_OTHERS)


async def leave_all(session: AsyncSession) -> None:
    await session.execute(text("UPDATE vector_copies SET state = 'leaving', trouble = NULL WHERE state <> 'leaving'"))


async def are_there(session: AsyncSession) -> bool:
    return bool(await session.scalar(text("SELECT EXISTS (SELECT FROM vector_copies)")))


_TAKE = text(f"""
UPDATE vector_copies SET lease = :lease, leased_until = now() + :lease_for
WHERE model_id = (
    SELECT model_id FROM vector_copies
    WHERE NOT model_id = ANY (:but) AND (leased_until IS NULL OR leased_until < now())
    ORDER BY model_id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING {_COLUMNS}
""").bindparams(bindparam("but", type_=ARRAY(BigInteger)))  # noqa: S608  built from constants


async def take(session: AsyncSession, lease: str, *, but: Sequence[int] = ()) -> Copy | None:
    """A copy that nobody works on, none of the models `but`."""
    row = (await session.execute(_TAKE, {"lease": lease, "lease_for": _LEASE, "but": list(but)})).one_or_none()
    return Copy(**{**row._mapping, "state": CopyState(row.state)}) if row else None  # noqa: SLF001  its public name


async def give_back(session: AsyncSession, copy: Copy, *, trouble: str | None = None) -> None:
    """Somebody else may work on it; `trouble` is shown to people until it is over."""
    values = {"model_id": copy.model_id, "lease": copy.lease, "trouble": trouble}
    await session.execute(
        text("""
            UPDATE vector_copies SET leased_until = NULL, trouble = :trouble
            WHERE model_id = :model_id AND lease = :lease
        """),
        values,
    )


_RENEW = text("""
UPDATE vector_copies SET leased_until = now() + :lease_for, done_to = greatest(done_to, :done_to)
WHERE model_id = :model_id AND lease = :lease AND state = :state
""")


async def renew(session: AsyncSession, copy: Copy, *, done_to: int = 0) -> bool:
    """Whether the copy is still ours, and as we took it; if so it is for some time to come."""
    values = {"model_id": copy.model_id, "lease": copy.lease, "state": copy.state.value}
    done = await session.execute(_RENEW, {**values, "lease_for": _LEASE, "done_to": done_to})
    return bool(getattr(done, "rowcount", 0))


_SET_STATE = text("""
UPDATE vector_copies SET state = :to, done_to = 0 WHERE model_id = :model_id AND lease = :lease AND state = :state
""")


async def set_state(session: AsyncSession, copy: Copy, to: CopyState) -> None:
    """Of a copy that is still ours, and as we took it."""
    values = {"model_id": copy.model_id, "lease": copy.lease, "state": copy.state.value, "to": to.value}
    await session.execute(_SET_STATE, values)


async def forget(session: AsyncSession, copy: Copy) -> None:
    """That it was ever there; unless somebody began it anew meanwhile."""
    values = {"model_id": copy.model_id, "lease": copy.lease}
    await session.execute(
        text("""
            WITH gone AS (
                DELETE FROM vector_copies WHERE model_id = :model_id AND lease = :lease AND state = 'leaving'
                RETURNING model_id
            )
            DELETE FROM vector_changes WHERE model_id IN (SELECT model_id FROM gone)
        """),
        values,
    )


async def list_changes(session: AsyncSession, copy: Copy, *, limit: int) -> list[Change]:
    """The oldest."""
    statement = text("SELECT id, entry_id FROM vector_changes WHERE model_id = :model_id ORDER BY id LIMIT :limit")
    rows = await session.execute(statement, {"model_id": copy.model_id, "limit": limit})
    return [Change(*row) for row in rows]


async def forget_changes(session: AsyncSession, changes: Sequence[Change]) -> None:
    statement = text("DELETE FROM vector_changes WHERE id = ANY (CAST(:ids AS bigint[]))")
    await session.execute(statement, {"ids": [change.id for change in changes]})


async def note_changes(session: AsyncSession, copy: Copy, entry_ids: Sequence[int]) -> None:
    """Have these looked at again."""
    await session.execute(
        text("""
            INSERT INTO vector_changes (model_id, entry_id)
            SELECT model_id, unnest(CAST(:ids AS bigint[])) FROM vector_copies WHERE model_id = :model_id
        """),
        {"ids": list(entry_ids), "model_id": copy.model_id},
    )


_POINTS = """
SELECT entry_id, CAST(embedding AS text) AS vector, kind, language, source, place, category, published_at, price
FROM search_vectors JOIN search_entries ON id = entry_id
WHERE model_id = :model_id AND
"""
_LIST_POINTS = text(f"{_POINTS} entry_id = ANY (CAST(:ids AS bigint[]))")
_LIST_NEXT = text(f"{_POINTS} entry_id > :after ORDER BY entry_id LIMIT :limit")


async def list_points(session: AsyncSession, copy: Copy, entry_ids: Sequence[int]) -> list[Point]:
    """As they are now; those that have no vector, or are gone, are missing."""
    return await _points(session, _LIST_POINTS, {"model_id": copy.model_id, "ids": list(entry_ids)})


async def list_next_points(session: AsyncSession, copy: Copy, *, after: int, limit: int) -> list[Point]:
    """In the order of their entries."""
    return await _points(session, _LIST_NEXT, {"model_id": copy.model_id, "after": after, "limit": limit})


async def _points(session: AsyncSession, statement: Any, values: dict[str, Any]) -> list[Point]:
    rows = (await session.execute(statement, values)).mappings()
    return [Point(**{**row, "vector": orjson.loads(row["vector"])}) for row in rows]


_PROGRESS = text("""
SELECT model, state, trouble,
       (SELECT count(*) FROM search_vectors AS vector WHERE vector.model_id = copy.model_id) AS vectors,
       (SELECT count(*) FROM search_vectors AS vector
        WHERE vector.model_id = copy.model_id AND (state = 'serving' OR entry_id <= done_to)) AS copied,
       (SELECT count(*) FROM vector_changes AS change WHERE change.model_id = copy.model_id) AS changes
FROM vector_copies AS copy LEFT JOIN embedding_models ON embedding_models.id = copy.model_id
WHERE CAST(:model_id AS smallint) IS NULL OR model_id = :model_id ORDER BY is_current NULLS FIRST, model_id
""")


async def list_progress(session: AsyncSession, model_id: int | None = None) -> list[CopyProgress]:
    """Of all copies, that of the current model last, or of one; counted at one moment."""
    rows = (await session.execute(_PROGRESS, {"model_id": model_id})).mappings()
    return [CopyProgress(**{**row, "state": CopyState(row["state"])}) for row in rows]


async def get_serving(session: AsyncSession, model: str) -> tuple[str, int] | None:
    """Owner and dimensions of the copy that is asked which vectors of this model are near."""
    statement = text("SELECT owner, dimensions FROM vector_copies WHERE model = :model AND state = 'serving'")
    row = (await session.execute(statement, {"model": model})).one_or_none()
    return (row.owner, row.dimensions) if row else None
