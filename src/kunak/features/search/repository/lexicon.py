"""The queries of the lexicon: how common words are, and which words there are at all."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.query import Query

# The `russian` configuration stems words in Latin letters as English ones: it serves both languages.
CONFIGURATION = "pg_catalog.russian"
_MANY = 300_000
"""Entries; among more an HNSW index must keep more neighbours in mind (`ef_search`) to miss as few."""


@dataclass(frozen=True)
class Asked:
    """A lexeme of a question."""

    word: str
    """As it was written."""
    lexeme: str
    entries: int
    """In how many it stood at the last count; 0 when the lexicon does not know it."""


@dataclass(frozen=True)
class Vectors:
    """The vectors of one model."""

    model_id: int
    dimensions: int
    near: float | None = None
    """The similarity from which on a passage is near for sure, where the model was checked."""


@dataclass(frozen=True)
class Embedding:
    """Whose vectors are wanted, for which language; `unchecked`: whether or not they proved helpful."""

    model: str
    language: str
    unchecked: bool = False


@dataclass(frozen=True)
class Question:
    """A question in PostgreSQL's words, and the size of what it is put to."""

    corpus_entries: int
    average_length: float
    asked: list[Asked]
    """The rarest first."""
    phrases: list[str]
    excluded: list[str]
    """As `tsquery`s."""
    vectors: Vectors | None = None
    """Those that may have a say."""


def _tsqueries(parameter: str) -> str:
    return f"""ARRAY(SELECT CAST(phraseto_tsquery('{CONFIGURATION}', given) AS text)
                     FROM unnest(CAST(:{parameter} AS text[])) AS given)"""  # noqa: S608  built from constants


# The lexicon is asked word by word: a join might read it whole when the planner expects many words.
_READING = f"""
SELECT {{vectors}} AS vectors, corpus.entries AS corpus_entries, corpus.average_length, words, lexemes, entries_of,
       {_tsqueries("phrases")} AS phrases, {_tsqueries("excluded")} AS excluded
FROM search_corpus AS corpus CROSS JOIN (
    SELECT array_agg(word) AS words, array_agg(lexeme) AS lexemes, array_agg(entries) AS entries_of FROM (
        SELECT word, lexeme COLLATE "C" AS lexeme, coalesce(
                   (SELECT entries FROM search_lexicon AS known WHERE known.lexeme = each.lexeme COLLATE "C"), 0
               ) AS entries
        FROM (
            SELECT min(word) AS word, lexeme
            FROM unnest(CAST(:words AS text[])) AS word
            CROSS JOIN LATERAL unnest(to_tsvector('{CONFIGURATION}', word)) AS stemmed
            GROUP BY lexeme
        ) AS each
        ORDER BY entries, lexeme
        LIMIT :most
    ) AS counted
) AS asked
"""  # noqa: S608  built from constants
_READ = text(_READING.format(vectors="NULL"))
# An index for nearest neighbours forgets those that a filter lets pass unless it may go on looking. The settings stay
# with the connection: the next statement may be in a transaction of its own.
_EFFORT = f"CASE WHEN corpus.entries > {_MANY} THEN '200' ELSE '80' END"
_SETTINGS = {
    "hnsw.iterative_scan": "'relaxed_order'",
    "hnsw.ef_search": _EFFORT,
    "ivfflat.iterative_scan": "'relaxed_order'",
    "ivfflat.probes": "'10'",
}
_IS_SET = " AND ".join(f"set_config('{name}', {value}, false) <> ''" for name, value in _SETTINGS.items())
_VECTORS = f"""(
    SELECT json_build_object('model_id', id, 'dimensions', dimensions, 'near', near)
    FROM embedding_models LEFT JOIN embedding_checks ON model_id = id AND language = :language
    WHERE name = :model AND (:unchecked OR is_helpful) AND {_IS_SET}
)"""  # noqa: S608  built from constants
_READ_WITH_VECTORS = text(_READING.format(vectors=_VECTORS))


async def read_question(
    session: AsyncSession, query: Query, *, most: int, embedding: Embedding | None = None
) -> Question:
    """The lexemes of a query, `most` of them at most."""
    values: dict[str, Any] = {"words": query.words, "phrases": query.phrases, "excluded": query.excluded}
    values = {name: list(each) for name, each in values.items()} | {"most": most}
    if embedding is None:
        row = (await session.execute(_READ, values)).one()
    else:
        row = (await session.execute(_READ_WITH_VECTORS, values | asdict(embedding))).one()
    asked = [Asked(*each) for each in zip(row.words or (), row.lexemes or (), row.entries_of or (), strict=True)]
    return Question(
        row.corpus_entries,
        row.average_length,
        asked,
        [each for each in row.phrases if each],
        [each for each in row.excluded if each],
        Vectors(**row.vectors) if row.vectors else None,
    )


_LIST_KNOWN = text("""
SELECT word, stemmed.lexeme, known.entries
FROM unnest(CAST(:words AS text[])) AS word
CROSS JOIN LATERAL (
    SELECT (ts_lexize(
        CASE WHEN word COLLATE "C" < '{' THEN CAST('english_stem' AS regdictionary) ELSE 'russian_stem' END, word
    ))[1]
) AS stemmed (lexeme)
CROSS JOIN LATERAL (SELECT entries FROM search_lexicon WHERE lexeme = stemmed.lexeme COLLATE "C" LIMIT 1) AS known
""")


async def list_known(session: AsyncSession, words: Sequence[str]) -> list[Asked]:
    """Those of `words` (lower case, letters of one alphabet) whose stem the lexicon knows."""
    return [Asked(*row) for row in await session.execute(_LIST_KNOWN, {"words": list(words)})]


_LIST_BEGINNING = text("""
SELECT lexeme, entries FROM search_lexicon
WHERE lexeme >= :beginning AND lexeme < :beginning || chr(1114111) AND length(lexeme) BETWEEN :shortest AND :longest
ORDER BY entries DESC LIMIT 500
""")


async def list_beginning(session: AsyncSession, beginning: str, lengths: tuple[int, int]) -> list[Asked]:
    """Known lexemes that begin so, the most common ones."""
    values = {"beginning": beginning, "shortest": lengths[0], "longest": lengths[1]}
    return [Asked(lexeme, lexeme, entries) for lexeme, entries in await session.execute(_LIST_BEGINNING, values)]


_COUNT_LEXEMES = text("""
CREATE TEMPORARY TABLE counted_lexemes AS
SELECT word AS lexeme, ndoc AS entries FROM ts_stat('SELECT words FROM search_words')
""")
_FORGET_LEXEMES = text("""
DELETE FROM search_lexicon AS known
WHERE NOT EXISTS (SELECT FROM counted_lexemes AS counted WHERE counted.lexeme = known.lexeme COLLATE "C")
""")
_KEEP_LEXEMES = text("""
INSERT INTO search_lexicon AS known (lexeme, entries) SELECT lexeme, entries FROM counted_lexemes
ON CONFLICT (lexeme) DO UPDATE SET entries = excluded.entries WHERE known.entries <> excluded.entries
""")
_KEEP_CORPUS = text("""
UPDATE search_corpus SET (entries, average_length) =
    (SELECT count(*), coalesce(greatest(avg(length), 1), 1) FROM search_words)
""")
_DROP_COUNTED = text("DROP TABLE counted_lexemes")


async def lock_lexicon(session: AsyncSession) -> None:
    """One transaction at a time counts; another waits here until it has."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('search_lexicon'))"))


async def rebuild_lexicon(session: AsyncSession) -> None:
    """Count anew in how many entries each lexeme stands; searches go on meanwhile with the old figures."""
    for statement in (_COUNT_LEXEMES, _FORGET_LEXEMES, _KEEP_LEXEMES, _KEEP_CORPUS, _DROP_COUNTED):
        await session.execute(statement)


async def get_corpus_entries(session: AsyncSession) -> int:
    """How many entries the lexicon was built from."""
    return int((await session.execute(text("SELECT entries FROM search_corpus"))).scalar_one())


async def get_growth(session: AsyncSession) -> tuple[int, int]:
    """How many entries the lexicon was built from, and how many there are."""
    row = await session.execute(
        text("SELECT corpus.entries, (SELECT count(*) FROM search_words) FROM search_corpus AS corpus")
    )
    counted, present = row.one()
    return counted, present
