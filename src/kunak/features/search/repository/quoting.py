"""The query that says which sentences are worth quoting."""

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.repository.lexicon import CONFIGURATION

_SHARED_TERMS = text(f"""
SELECT CAST(number AS integer), lexeme
FROM unnest(CAST(:sentences AS text[])) WITH ORDINALITY AS sentence (sentence, number)
CROSS JOIN LATERAL unnest(tsvector_to_array(to_tsvector('{CONFIGURATION}', sentence))) AS held (lexeme)
WHERE lexeme = ANY (CAST(:lexemes AS text[]))
""")  # noqa: S608  built from constants


async def list_shared_terms(
    session: AsyncSession, terms: Mapping[str, float], sentences: Sequence[str]
) -> list[dict[str, float]]:
    """For each folded sentence, those of the terms (lexemes with their weights) that it holds."""
    shared: list[dict[str, float]] = [{} for _ in sentences]
    values = {"sentences": list(sentences), "lexemes": list(terms)}
    for number, lexeme in await session.execute(_SHARED_TERMS, values):
        shared[number - 1][lexeme] = terms[lexeme]
    return shared
