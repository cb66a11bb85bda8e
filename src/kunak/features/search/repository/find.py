"""The statement that finds passages, by words and, where vectors are wanted, by meaning."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.repository.filtering import conditions, values_of
from kunak.features.search.repository.lexicon import Vectors
from kunak.features.search.schemas import Filters, Hit, PassageKey
from kunak.integrations.vector_index.interface import Near

_K1 = 0.9
_B = 0.4
_STEP = 4
"""Statements are made for a multiple of this many terms: fewer of them are planned and kept."""
NEIGHBOURS = 50
"""Passages whose nearness counts."""
_BY_MEANING = 0.35
"""What nearness counts for in the score of a passage; the rest are its words."""
_STANDING_OUT = 3
"""The power that nearness is raised to: only what is much nearer than the other neighbours has a say. With vectors that
mean nothing hardly anything is (docs/decisions/0008-only-what-is-much-nearer-counts.md)."""


@dataclass(frozen=True)
class Nearness:
    """What is meant, as a vector. `operators` is a `tsquery` that what is near must fulfil; empty asks nothing.

    `known`: what is near, when somebody else has found it; then nobody looks for it here. `few_pass`: the filters leave
    so few entries that the vector of each is looked at.
    """

    vectors: Vectors
    vector: Sequence[float]
    operators: str = ""
    known: Sequence[Near] | None = None
    few_pass: bool = False


@dataclass(frozen=True)
class Wanted:
    """What is looked for. `candidates` is a `tsquery`: the passages worth looking at.

    `few_pass`: the filters leave few entries, so these are looked through, not those that the words lead to.
    """

    candidates: str
    few_pass: bool
    lexemes: Sequence[str]
    weights: Sequence[float]
    average_length: float
    near: Nearness | None = None


@dataclass(frozen=True)
class Found:
    """A passage, and which of the lexemes it holds."""

    shown: dict[str, Any]
    holds: list[bool]
    similarity: float | None = None
    """Cosine of what it means and what is meant; of neighbours."""

    def hit(self, coverage: float, *, is_near: bool) -> Hit:
        return Hit(**self.shown, coverage=coverage, is_near=is_near)


def quote(lexeme: str) -> str:
    """`lexeme` as a `tsquery`."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


async def list_best(
    session: AsyncSession, wanted: Wanted, filters: Filters, *, limit: int, most_candidates: int
) -> list[Found]:
    """The best passages by BM25 (k1 0.9, b 0.4) among the candidates that pass the filters.

    With `near` the nearest by meaning are candidates too, and a score is 0.65 of the part of the best BM25 and 0.35 of
    how much nearer a passage is than the last of the neighbours, as a part of the nearest one's, cubed.
    """
    terms = -(-len(wanted.lexemes) // _STEP) * _STEP
    missing = terms - len(wanted.lexemes)
    values: dict[str, Any] = {
        "candidates": wanted.candidates,
        "queries": [*map(quote, wanted.lexemes), *[""] * missing],
        "weights": [*wanted.weights, *[0.0] * missing],
        "average_length": wanted.average_length,
        "limit": limit,
        "most": most_candidates,
        **values_of(filters),
    }
    if (near := wanted.near) is None:
        statement = _by_words(terms, conditions(filters), few_pass=wanted.few_pass)
    else:
        nearest = _nearest(near, conditions(filters))
        statement = _by_both(terms, conditions(filters), near.vectors.dimensions, nearest, few_pass=wanted.few_pass)
        values |= {**_values_of(near), "operators": near.operators}
    rows = (await session.execute(statement, values)).mappings()
    return [_found(dict(row), len(wanted.lexemes)) for row in rows]


async def list_nearest(
    session: AsyncSession, near: Nearness, filters: Filters, *, limit: int
) -> list[tuple[PassageKey, float]]:
    """The passages nearest by meaning that pass the filters, the nearest first, NEIGHBOURS at most; their cosines."""
    statement = _by_meaning(near.vectors.dimensions, _nearest(near, conditions(filters)))
    values = {**_values_of(near), "limit": limit, **values_of(filters)}
    return [(PassageKey(*key), 1 - distance) for *key, distance in await session.execute(statement, values)]


def _values_of(near: Nearness) -> dict[str, Any]:
    values: dict[str, Any] = {"vector": near.vector}
    return values if near.known is None else values | {"known": [each.entry_id for each in near.known]}


def _found(row: dict[str, Any], terms: int) -> Found:
    holds = row.pop("holds")[:terms]
    return Found(row, holds, row.pop("similarity", None))


# ts_rank of a single word without weights is the sum of 1/j² over its occurrences, as a part of π²/6. The sum falls
# short of π²/6 by 1/(n + ½) almost exactly: so the number of occurrences n is had without unpacking the vector, and
# BM25 is exact for every candidate.
_OCCURRENCES = "round(1 / (1.64493406684823 * (1 - ts_rank('{{1,1,1,1}}', words, {query}))) - 0.5)"
_DAMPED = f"{_K1} * ({1 - _B} + {_B} * length / CAST(:average_length AS double precision)) AS damping"
_CANDIDATES = "(SELECT CAST(CAST(:candidates AS text) AS tsquery))"
_MATCHES = f"words @@ {_CANDIDATES}"
_OPERATORS = "(SELECT CAST(CAST(:operators AS text) AS tsquery))"
_ASKED = "asked AS MATERIALIZED (SELECT CAST(CAST(:queries AS text[]) AS tsquery[]) AS queries)"
_SHOWN = "kind, thing_id, passage, reference, title, text, url, published_at, source, story_id, score"


@lru_cache(maxsize=500)  # sources stand in the statement: there is no end to what may be asked for
def _by_words(terms: int, filtering: str, *, few_pass: bool) -> TextClause:
    return text(f"""
WITH {_ASKED}, candidates AS (
    SELECT entry_id, words, {_DAMPED} FROM {_led_to(filtering, few_pass=few_pass)} LIMIT :most
), best AS MATERIALIZED (
    SELECT entry_id, words, {_bm25(terms)} AS score FROM candidates ORDER BY score DESC, entry_id LIMIT :limit
)
SELECT {_SHOWN}, {_holds(terms)} AS holds
FROM best JOIN search_entries ON search_entries.id = entry_id
ORDER BY score DESC, entry_id
""")  # noqa: S608  built from constants


@lru_cache(maxsize=500)  # sources stand in the statement: there is no end to what may be asked for
def _by_both(terms: int, filtering: str, dimensions: int, nearest: str, *, few_pass: bool) -> TextClause:
    return text(f"""
WITH {_ASKED}, {_meant(dimensions)}, near AS MATERIALIZED (
    {nearest}
), standing_out AS MATERIALIZED (
    SELECT entry_id, 1 - distance AS similarity, coalesce(((max(distance) OVER () - distance)
                               / nullif(max(distance) OVER () - min(distance) OVER (), 0)) ^ {_STANDING_OUT}, 1)
           AS nearness
    FROM near
), candidates AS (
    (SELECT entry_id, words, {_DAMPED} FROM {_led_to(filtering, few_pass=few_pass)} LIMIT :most)
    UNION ALL
    SELECT entry_id, words, {_DAMPED} FROM near JOIN search_words USING (entry_id)
    WHERE NOT {_MATCHES} AND (CAST(:operators AS text) = '' OR words @@ {_OPERATORS})
), scored AS MATERIALIZED (
    SELECT entry_id, {_bm25(terms)} AS score FROM candidates
), best AS MATERIALIZED (
    SELECT entry_id, {1 - _BY_MEANING} * coalesce(score / nullif(max(score) OVER (), 0), 0)
                     + {_BY_MEANING} * coalesce(nearness, 0) AS score, similarity
    FROM scored LEFT JOIN standing_out USING (entry_id) ORDER BY score DESC, entry_id LIMIT :limit
)
SELECT {_SHOWN}, {_holds(terms)} AS holds, similarity
FROM best JOIN search_words USING (entry_id) JOIN search_entries ON search_entries.id = entry_id
ORDER BY score DESC, entry_id
""")  # noqa: S608  built from constants


@lru_cache(maxsize=500)  # sources stand in the statement: there is no end to what may be asked for
def _by_meaning(dimensions: int, nearest: str) -> TextClause:
    return text(f"""
WITH {_meant(dimensions)}, near AS MATERIALIZED (
    {nearest}
)
SELECT kind, thing_id, passage, distance FROM near JOIN search_entries ON id = entry_id
ORDER BY distance, entry_id LIMIT :limit
""")  # noqa: S608  built from constants


def _queries(terms: int) -> list[str]:
    return [f"(SELECT queries[{number}] FROM asked)" for number in range(1, terms + 1)]  # noqa: S608  numbers


def _bm25(terms: int) -> str:
    """Weight × n / (n + damping), written so that n is computed once."""
    scores = [
        f"(CAST(:weights AS double precision[]))[{number}]"
        f" * (1 - damping / ({_OCCURRENCES.format(query=query)} + damping))"
        for number, query in enumerate(_queries(terms), start=1)
    ]
    return f"{1 + _K1} * ({' + '.join(scores)})"


def _holds(terms: int) -> str:
    return f"ARRAY[{', '.join(f'words @@ {query}' for query in _queries(terms))}]"


def _led_to(filtering: str, *, few_pass: bool) -> str:
    return _from_few(filtering) if few_pass else _from_words(filtering)


def _from_words(filtering: str) -> str:
    return f"search_words WHERE {_MATCHES} {_passing(filtering)}"


def _from_few(filtering: str) -> str:
    """OFFSET 0 keeps the planner, which cannot know how common the words are, from starting with them."""
    own = f"SELECT * FROM search_words WHERE entry_id = entry.id AND {_MATCHES} OFFSET 0"  # noqa: S608  built from constants
    return f"search_entries AS entry CROSS JOIN LATERAL ({own}) AS own WHERE {filtering}"


def _passing(filtering: str) -> str:
    passes = f"AND EXISTS (SELECT FROM search_entries AS entry WHERE entry.id = entry_id AND {filtering})"
    return passes if filtering else ""


def _meant(dimensions: int) -> str:
    """Read once: in place of it, each row would read the vector anew."""
    return f"meant AS MATERIALIZED (SELECT CAST(CAST(:vector AS real[]) AS halfvec({dimensions})) AS vector)"


def _distance(vectors: Vectors) -> str:
    """As the index over the model's vectors has it."""
    return f"CAST(embedding AS halfvec({vectors.dimensions})) <=> (SELECT vector FROM meant)"  # noqa: S608  a number


def _known(vectors: Vectors, filtering: str) -> str:
    """Measured and filtered here again: the other place may not have heard of the last changes."""
    return f"""
    SELECT entry_id, {_distance(vectors)} AS distance FROM search_vectors
    WHERE model_id = {vectors.model_id} AND entry_id = ANY (CAST(:known AS bigint[])) {_passing(filtering)}
    """  # noqa: S608  built from constants


def _nearest(near: Nearness, filtering: str) -> str:
    """Where few pass, each of them is measured: an index would have to look through half of itself to find them."""
    vectors = near.vectors
    if near.known is not None:
        return _known(vectors, filtering)
    if near.few_pass:
        return f"""
    SELECT entry_id, {_distance(vectors)} AS distance
    FROM (SELECT entry_id, embedding FROM search_entries AS entry JOIN search_vectors ON entry_id = entry.id
          WHERE model_id = {vectors.model_id} AND {filtering} OFFSET 0) AS passing
    ORDER BY distance LIMIT {NEIGHBOURS}"""  # noqa: S608  built from constants
    return f"""
    SELECT entry_id, {_distance(vectors)} AS distance FROM search_vectors
    WHERE model_id = {vectors.model_id} {_passing(filtering)}
    ORDER BY {_distance(vectors)} LIMIT {NEIGHBOURS}"""  # noqa: S608  built from constants
