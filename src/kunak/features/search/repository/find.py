"""The statement that finds passages."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.repository.filtering import conditions, values_of
from kunak.features.search.schemas import Filters, Hit

_K1 = 0.9
_B = 0.4
_STEP = 4
"""Statements are made for a multiple of this many terms: fewer of them are planned and kept."""


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


@dataclass(frozen=True)
class Found:
    """A passage, and which of the lexemes it holds."""

    hit: Hit
    holds: list[bool]


def quote(lexeme: str) -> str:
    """`lexeme` as a `tsquery`."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


async def list_best(
    session: AsyncSession, wanted: Wanted, filters: Filters, *, limit: int, most_candidates: int
) -> list[Found]:
    """The best passages by BM25 (k1 0.9, b 0.4) among the candidates that pass the filters; `coverage` is left 0."""
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
    rows = (await session.execute(_statement(terms, conditions(filters), few_pass=wanted.few_pass), values)).mappings()
    return [_found(dict(row), len(wanted.lexemes)) for row in rows]


def _found(row: dict[str, Any], terms: int) -> Found:
    holds = row.pop("holds")[:terms]
    return Found(Hit(**row, coverage=0.0), holds)


# ts_rank of a single word without weights is the sum of 1/j² over its occurrences, as a part of π²/6. The sum falls
# short of π²/6 by 1/(n + ½) almost exactly: so the number of occurrences n is had without unpacking the vector, and
# BM25 is exact for every candidate.
_OCCURRENCES = "round(1 / (1.64493406684823 * (1 - ts_rank('{{1,1,1,1}}', words, {query}))) - 0.5)"


@cache
def _statement(terms: int, filtering: str, *, few_pass: bool) -> TextClause:
    queries = [f"(SELECT queries[{number}] FROM asked)" for number in range(1, terms + 1)]  # noqa: S608  numbers
    # weight × n / (n + damping), written so that n is computed once.
    scores = [
        f"(CAST(:weights AS double precision[]))[{number}]"
        f" * (1 - damping / ({_OCCURRENCES.format(query=query)} + damping))"
        for number, query in enumerate(queries, start=1)
    ]
    return text(f"""
WITH asked AS MATERIALIZED (
    SELECT CAST(CAST(:queries AS text[]) AS tsquery[]) AS queries
), candidates AS (
    SELECT entry_id, words,
           {_K1} * ({1 - _B} + {_B} * length / CAST(:average_length AS double precision)) AS damping
    FROM {_from_few(filtering) if few_pass else _from_words(filtering)}
    LIMIT :most
), scored AS MATERIALIZED (
    SELECT entry_id, words, {1 + _K1} * ({" + ".join(scores)}) AS score
    FROM candidates
    ORDER BY score DESC, entry_id
    LIMIT :limit
)
SELECT kind, thing_id, passage, reference, title, text, url, source, published_at, score,
       ARRAY[{", ".join(f"words @@ {query}" for query in queries)}] AS holds
FROM scored JOIN search_entries ON search_entries.id = entry_id
ORDER BY score DESC, entry_id
""")  # noqa: S608  built from constants


_MATCHES = "words @@ (SELECT CAST(CAST(:candidates AS text) AS tsquery))"


def _from_words(filtering: str) -> str:
    passes = f"AND EXISTS (SELECT FROM search_entries AS entry WHERE entry.id = entry_id AND {filtering})"
    return f"search_words WHERE {_MATCHES} {passes if filtering else ''}"


def _from_few(filtering: str) -> str:
    """OFFSET 0 keeps the planner, which cannot know how common the words are, from starting with them."""
    own = f"SELECT * FROM search_words WHERE entry_id = entry.id AND {_MATCHES} OFFSET 0"  # noqa: S608  built from constants
    return f"search_entries AS entry CROSS JOIN LATERAL ({own}) AS own WHERE {filtering}"
