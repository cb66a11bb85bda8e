"""Every query of search."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.schemas import Hit

# The `russian` configuration stems words in Latin letters as English ones: it serves both languages.
_CONFIGURATION = "pg_catalog.russian"


@dataclass(frozen=True)
class Passage:
    """One row of the index to be written. The `folded_…` texts are what is searched, the others what is shown."""

    thing_id: int
    passage: int
    reference: str
    title: str
    text: str
    language: str
    url: str | None
    published_at: datetime | None
    folded_title: str
    folded_text: str


_PASSAGE_TYPES = {
    "thing_id": "bigint",
    "passage": "integer",
    "reference": "text",
    "title": "text",
    "text": "text",
    "language": "text",
    "url": "text",
    "published_at": "timestamptz",
    "folded_title": "text",
    "folded_text": "text",
}

_ADD_PASSAGES = text(f"""
WITH incoming AS MATERIALIZED (
    SELECT * FROM unnest({", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _PASSAGE_TYPES.items())})
        AS incoming ({", ".join(_PASSAGE_TYPES)})
), added AS (
    INSERT INTO search_entries (kind, thing_id, passage, reference, title, text, language, url, published_at)
    SELECT :kind, thing_id, passage, reference, title, text, language, url, published_at FROM incoming
    RETURNING id, thing_id, passage
), parsed AS MATERIALIZED (
    SELECT added.id,
           setweight(to_tsvector('{_CONFIGURATION}', folded_title), 'A')
               || to_tsvector('{_CONFIGURATION}', folded_text) AS words
    FROM added JOIN incoming USING (thing_id, passage)
)
INSERT INTO search_words (entry_id, length, words)
SELECT id, (SELECT coalesce(sum(cardinality(positions)), 0) FROM unnest(words)), words FROM parsed
""")  # noqa: S608  built from constants

_REMOVE = text("DELETE FROM search_entries WHERE kind = :kind AND thing_id = ANY (CAST(:thing_ids AS bigint[]))")


async def add_passages(session: AsyncSession, kind: str, passages: Sequence[Passage]) -> None:
    columns = {name: [getattr(passage, name) for passage in passages] for name in _PASSAGE_TYPES}
    await session.execute(_ADD_PASSAGES, {"kind": kind, **columns})


async def remove_things(session: AsyncSession, kind: str, thing_ids: Sequence[int]) -> None:
    await session.execute(_REMOVE, {"kind": kind, "thing_ids": list(thing_ids)})


# A word of the question that the lexicon does not know stands in no entry, or only in new ones: it counts as rarest.
# `reach`: how many entries this word and all rarer ones touch at most. `weight`: its part in what the question is
# about; less for an unknown word, which may be a slip of the finger.
_TERMS = f"""
terms AS MATERIALIZED (
    SELECT lexeme,
           CAST('''' || replace(replace(lexeme, '\\', '\\\\'), '''', '''''') || '''' AS tsquery) AS query,
           idf,
           idf * idf * CASE WHEN entries = 0 THEN 0.6 ELSE 1 END AS weight,
           reach
    FROM (
        SELECT lexeme, entries,
               ln(1 + (greatest((SELECT entries FROM search_corpus) - entries, 0) + 0.5) / (greatest(entries, 1) + 0.5))
                   AS idf,
               sum(entries) OVER (ORDER BY entries, lexeme) AS reach
        FROM (
            SELECT asked.lexeme COLLATE "C" AS lexeme, CAST(coalesce(known.entries, 0) AS double precision) AS entries
            FROM unnest(to_tsvector('{_CONFIGURATION}', :question)) AS asked
            LEFT JOIN search_lexicon AS known ON known.lexeme = asked.lexeme COLLATE "C"
            ORDER BY entries, lexeme
            LIMIT :most_terms
        ) AS counted
    ) AS ranked
)"""  # noqa: S608  built from constants

# Only entries that hold one of the rarest words are looked at, so that the cost does not grow with the corpus: words
# are taken, rarest first, until together they touch `budget` entries. Of those the best 100 by saturated term frequency
# (what ts_rank gives for a single word) are scored by BM25 with k1 = 1.2, b = 0.4; a word of the title counts twice.
_SEARCH = text(f"""
WITH {_TERMS}, candidates AS (
    SELECT entry_id, words,
           1 - 0.4 + 0.4 * CAST(length AS double precision) / (SELECT average_length FROM search_corpus)
               AS relative_length
    FROM search_words
    WHERE words @@ (SELECT CAST(string_agg(CAST(query AS text), ' | ') AS tsquery) FROM terms
                    WHERE reach <= :budget OR reach = (SELECT min(reach) FROM terms WHERE reach > 0))
    LIMIT :most_candidates
), best AS MATERIALIZED (
    SELECT entry_id, words, relative_length FROM candidates
    ORDER BY (SELECT sum(idf * ts_rank('{{1,1,1,1}}', words, query)) FROM terms) / relative_length DESC
    LIMIT 100
), held AS (
    SELECT entry_id, idf, weight, relative_length,
           CAST(cardinality(positions) + cardinality(array_positions(weights, 'A')) AS double precision) AS frequency
    FROM best CROSS JOIN LATERAL unnest(words) AS word JOIN terms ON terms.lexeme = word.lexeme COLLATE "C"
), scored AS (
    SELECT entry_id,
           sum(idf * (1.2 + 1) * frequency / (frequency + 1.2 * relative_length)) AS score,
           sum(weight) / (SELECT sum(weight) FROM terms) AS coverage
    FROM held
    GROUP BY entry_id
    ORDER BY score DESC, entry_id
    LIMIT :limit
)
SELECT kind, thing_id, passage, reference, title, text, url, published_at, score, coverage
FROM scored JOIN search_entries ON search_entries.id = scored.entry_id
ORDER BY score DESC, search_entries.id
""")  # noqa: S608  built from constants


async def list_hits(
    session: AsyncSession, question: str, *, limit: int, budget: int, most_terms: int, most_candidates: int
) -> list[Hit]:
    """The best passages for a folded question."""
    values: dict[str, Any] = {
        "question": question,
        "limit": limit,
        "budget": budget,
        "most_terms": most_terms,
        "most_candidates": most_candidates,
    }
    return [Hit(**row) for row in (await session.execute(_SEARCH, values)).mappings()]


_SENTENCE_TERMS = text(f"""
WITH {_TERMS}
SELECT CAST(number AS integer) AS number, lexeme, CAST(idf AS double precision) AS idf
FROM unnest(CAST(:sentences AS text[])) WITH ORDINALITY AS sentence (sentence, number)
CROSS JOIN LATERAL unnest(tsvector_to_array(to_tsvector('{_CONFIGURATION}', sentence))) AS held (lexeme)
JOIN terms USING (lexeme)
""")  # noqa: S608  built from constants


async def list_shared_terms(
    session: AsyncSession, question: str, sentences: Sequence[str], *, most_terms: int
) -> list[dict[str, float]]:
    """For each folded sentence, the lexemes it shares with the folded question, and the weight of each."""
    values = {"question": question, "sentences": list(sentences), "most_terms": most_terms}
    shared: list[dict[str, float]] = [{} for _ in sentences]
    for number, lexeme, idf in await session.execute(_SENTENCE_TERMS, values):
        shared[number - 1][lexeme] = idf
    return shared


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


async def get_growth(session: AsyncSession) -> tuple[int, int]:
    """How many entries the lexicon was built from, and how many there are."""
    row = await session.execute(
        text("SELECT corpus.entries, (SELECT count(*) FROM search_words) FROM search_corpus AS corpus")
    )
    counted, present = row.one()
    return counted, present
