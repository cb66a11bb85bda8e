"""The queries of vectors: the models they are made with, those that are awaited, and the index over them."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from kunak.features.search.schemas import EmbedderCheck, VectorState

_LOCK_MODELS = text("SELECT pg_advisory_xact_lock(hashtext('embedding_models'))")
_GET_CURRENT = text("SELECT id, name, dimensions FROM embedding_models WHERE is_current")
_UNSET_CURRENT = text("UPDATE embedding_models SET is_current = false WHERE is_current")
_KEEP_CURRENT = text("""
INSERT INTO embedding_models (name, dimensions, is_current) VALUES (:name, :dimensions, true)
ON CONFLICT (name) DO UPDATE SET is_current = true
RETURNING id, name, dimensions
""")
_AWAIT_MISSING = text("""
INSERT INTO search_awaited_vectors (entry_id)
SELECT id FROM search_entries AS entry
WHERE NOT EXISTS (SELECT FROM search_vectors WHERE entry_id = entry.id AND model_id = :model_id)
ON CONFLICT DO NOTHING
""")
_FORGET_AWAITED = text("DELETE FROM search_awaited_vectors")


@dataclass(frozen=True)
class Model:
    """A model as the database knows it."""

    id: int
    name: str
    dimensions: int


@dataclass(frozen=True)
class Awaiting:
    """An entry without a vector."""

    id: int
    title: str
    text: str


async def get_current(session: AsyncSession) -> Model | None:
    """The model that new entries are embedded with."""
    row = (await session.execute(_GET_CURRENT)).one_or_none()
    return Model(*row) if row else None


async def set_current(session: AsyncSession, name: str, dimensions: int) -> Model:
    """Make it the current one; the entries without a vector of it wait for one from now on."""
    await session.execute(_LOCK_MODELS)
    current = await get_current(session)
    if current is not None and current.name == name:
        return current
    await session.execute(_UNSET_CURRENT)
    model = Model(*(await session.execute(_KEEP_CURRENT, {"name": name, "dimensions": dimensions})).one())
    await session.execute(_FORGET_AWAITED)
    await session.execute(_AWAIT_MISSING, {"model_id": model.id})
    return model


async def unset_current(session: AsyncSession) -> None:
    """New entries get no vector any more; those that are there stay."""
    await session.execute(_LOCK_MODELS)
    if await get_current(session) is None:
        return  # to write nothing is a change too: what was found before would be forgotten
    await session.execute(_UNSET_CURRENT)
    await session.execute(_FORGET_AWAITED)


async def list_awaited(session: AsyncSession, *, after: int, limit: int) -> list[Awaiting]:
    """Entries that wait for a vector, in the order of their ids."""
    statement = text("""
        SELECT id, title, text FROM search_awaited_vectors JOIN search_entries ON id = entry_id
        WHERE entry_id > :after ORDER BY entry_id LIMIT :limit
    """)
    return [Awaiting(*row) for row in await session.execute(statement, {"after": after, "limit": limit})]


# An entry may have been rewritten or removed while its vector was made: then it waits on, or there is nothing to keep.
_KEEP = text("""
WITH made AS MATERIALIZED (
    SELECT id, title, text,
           (CAST(:numbers AS real[]))[(place - 1) * :dimensions + 1 \\: place * :dimensions] AS vector
    FROM unnest(CAST(:ids AS bigint[]), CAST(:titles AS text[]), CAST(:texts AS text[]))
        WITH ORDINALITY AS made (id, title, text, place)
), current AS MATERIALIZED (
    SELECT entry.id, vector FROM made JOIN search_entries AS entry USING (id, title, text) FOR SHARE OF entry
), kept AS (
    INSERT INTO search_vectors (entry_id, model_id, embedding)
    SELECT id, :model_id, CAST(vector AS halfvec) FROM current ORDER BY id
    ON CONFLICT (entry_id, model_id) DO UPDATE SET embedding = excluded.embedding
    RETURNING entry_id
)
DELETE FROM search_awaited_vectors WHERE entry_id IN (SELECT entry_id FROM kept)
""")


async def keep_vectors(
    session: AsyncSession, model: Model, entries: Sequence[Awaiting], vectors: Sequence[Sequence[float]]
) -> None:
    """The vectors of `entries`, in the same order; what was rewritten meanwhile waits on."""
    values = {
        "model_id": model.id,
        "ids": [each.id for each in entries],
        "titles": [each.title for each in entries],
        "texts": [each.text for each in entries],
        "numbers": array("f", chain.from_iterable(vectors)),
        "dimensions": model.dimensions,
    }
    await session.execute(_KEEP, values)


async def give_up(session: AsyncSession, entry_id: int) -> None:
    """The entry waits no longer; it stays findable by its words."""
    await session.execute(text("DELETE FROM search_awaited_vectors WHERE entry_id = :id"), {"id": entry_id})


_STATE = text("""
SELECT name, dimensions,
       (SELECT count(*) FROM search_vectors WHERE model_id = embedding_models.id) AS vectors,
       (SELECT count(*) FROM search_awaited_vectors) AS awaited
FROM embedding_models WHERE is_current
""")
_LIST_CHECKS = text("""
SELECT language, is_helpful, questions, lexical_ndcg, vector_ndcg, hybrid_ndcg, near, checked_at
FROM embedding_checks JOIN embedding_models ON id = model_id WHERE is_current ORDER BY language
""")


async def get_state(session: AsyncSession) -> VectorState | None:
    """How far the current model has come; None when there is none."""
    row = (await session.execute(_STATE)).mappings().one_or_none()
    if row is None:
        return None
    checks = tuple(EmbedderCheck(**each) for each in (await session.execute(_LIST_CHECKS)).mappings())
    return VectorState(**row, index=await get_index(session, row["name"]), checks=checks)


async def count_awaited(session: AsyncSession) -> int:
    return int((await session.execute(text("SELECT count(*) FROM search_awaited_vectors"))).scalar_one())


_KEEP_CHECK = text("""
INSERT INTO embedding_checks
    (model_id, language, is_helpful, questions, lexical_ndcg, vector_ndcg, hybrid_ndcg, near)
VALUES (:model_id, :language, :is_helpful, :questions, :lexical_ndcg, :vector_ndcg, :hybrid_ndcg, :near)
ON CONFLICT (model_id, language) DO UPDATE SET
    is_helpful = excluded.is_helpful, questions = excluded.questions, lexical_ndcg = excluded.lexical_ndcg,
    vector_ndcg = excluded.vector_ndcg, hybrid_ndcg = excluded.hybrid_ndcg, near = excluded.near, checked_at = now()
""")


_IS_CHECK_DUE = text("""
SELECT count(entry_id) > 0 AND (checked_vectors IS NULL OR count(entry_id) > 2 * checked_vectors)
FROM embedding_models LEFT JOIN search_vectors ON model_id = id
WHERE is_current AND NOT EXISTS (SELECT FROM search_awaited_vectors)
GROUP BY id
""")
_NOTE_CHECK = text("""
UPDATE embedding_models SET checked_vectors = (SELECT count(*) FROM search_vectors WHERE model_id = id) WHERE id = :id
""")


async def is_check_due(session: AsyncSession) -> bool:
    """Whether all vectors are made, and more than twice as many as when the current model was checked."""
    return bool(await session.scalar(_IS_CHECK_DUE))


async def note_check(session: AsyncSession, model: Model) -> None:
    """The model was checked with the vectors that there are."""
    await session.execute(_NOTE_CHECK, {"id": model.id})


async def keep_check(session: AsyncSession, model: Model, check: EmbedderCheck) -> None:
    values = {name: getattr(check, name) for name in EmbedderCheck.__annotations__ if name != "checked_at"}
    await session.execute(_KEEP_CHECK, {"model_id": model.id, **values})


async def get_index(session: AsyncSession, name: str) -> str | None:
    """`hnsw` or `ivfflat`, when the model's vectors have an index that is ready."""
    statement = text("""
        SELECT amname FROM embedding_models
        JOIN pg_class AS index ON relname = 'search_vectors_' || embedding_models.id || '_idx'
        JOIN pg_index ON indexrelid = index.oid AND indisvalid
        JOIN pg_am ON pg_am.oid = relam
        WHERE name = :name AND relnamespace = CAST(current_schema() AS regnamespace)
    """)
    found: str | None = await session.scalar(statement, {"name": name})
    return found


async def build_index(connection: AsyncConnection, model: Model, *, kind: str, vectors: int, memory_mb: int) -> None:
    """Make the index of the model's vectors, while searches and writes go on; `connection` commits by itself.

    `memory_mb`: a graph that fits into it is built many times faster.
    """
    name = f"search_vectors_{model.id}_idx"
    await connection.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS {name}"))
    await connection.execute(text(f"SET maintenance_work_mem = '{memory_mb}MB'"))
    lists = max(10, round(min(vectors / 1000, vectors**0.5)))
    options = "(m = 16, ef_construction = 100)" if kind == "hnsw" else f"(lists = {lists})"
    await connection.execute(
        text(f"""
            CREATE INDEX CONCURRENTLY {name} ON search_vectors
            USING {kind} (CAST(embedding AS halfvec({model.dimensions})) halfvec_cosine_ops)
            WITH {options} WHERE model_id = {model.id}
        """)
    )
    await connection.execute(text("RESET maintenance_work_mem"))


async def forget_former(session: AsyncSession) -> list[str]:
    """Forget the models that are not the current one, and their vectors; their names."""
    await session.execute(_LOCK_MODELS)
    gone = await session.scalars(text("DELETE FROM embedding_models WHERE NOT is_current RETURNING name"))
    return sorted(gone)
