"""The queries of golden questions."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.quality.schemas import Expected, GoldenQuestion, NewQuestion, Origin
from kunak.foundation.language.languages import Language

_COLUMNS = "digest, question, language, expected_references, accepted_answers, unanswerable, origin, way, note, active"
# What is expected is only replaced by what is expected: a question that somebody disliked forgets no right answer. Nor
# does what a person wrote give way to what was made.
_KEEP = text(f"""
INSERT INTO golden_questions AS known ({_COLUMNS})
VALUES (:digest, :question, :language, CAST(:references AS text[]), CAST(:answers AS text[]), :unanswerable,
        :origin, :way, :note, :active)
ON CONFLICT (digest) DO UPDATE SET
    question = excluded.question, language = excluded.language,
    expected_references = excluded.expected_references, accepted_answers = excluded.accepted_answers,
    unanswerable = excluded.unanswerable, origin = excluded.origin, way = excluded.way, note = excluded.note,
    active = excluded.active, updated_at = now()
WHERE excluded.active AND (excluded.origin <> 'corpus' OR known.origin = 'corpus')
  AND (known.question, known.language, known.expected_references, known.accepted_answers, known.unanswerable,
       known.origin, known.way, known.note, known.active)
      IS DISTINCT FROM
      (excluded.question, excluded.language, excluded.expected_references, excluded.accepted_answers,
       excluded.unanswerable, excluded.origin, excluded.way, excluded.note, excluded.active)
RETURNING created_at = updated_at AS is_new
""")  # noqa: S608  built from constants
_LIST = text("""
SELECT id, question, language, expected_references, accepted_answers, unanswerable, origin, way, note, active
FROM golden_questions
WHERE (CAST(:origin AS text) IS NULL OR origin = :origin) AND (active OR NOT :only_active)
ORDER BY id
""")
_REMOVE = text("DELETE FROM golden_questions WHERE id = ANY (CAST(:ids AS bigint[])) RETURNING id")


async def lock_questions(session: AsyncSession) -> None:
    """One at a time writes many of them: two, in other orders, would wait for each other."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('golden_questions'))"))


async def keep_question(session: AsyncSession, digest: bytes, question: NewQuestion) -> bool | None:
    """Write it down once; tells whether it is new, and None when all of it was known."""
    values: dict[str, Any] = {
        "digest": digest,
        "question": question.text,
        "language": question.language.value,
        "references": list(question.expected.references),
        "answers": list(question.expected.answers),
        "unanswerable": question.expected.unanswerable,
        "origin": question.origin.value,
        "way": question.way,
        "note": question.note,
        "active": question.expected.is_known,
    }
    is_new: bool | None = await session.scalar(_KEEP, values)
    return is_new


async def list_questions(session: AsyncSession, origin: Origin | None, *, only_active: bool) -> list[GoldenQuestion]:
    """Those of one origin, or of all, in the order in which they came."""
    rows = await session.execute(_LIST, {"origin": origin and origin.value, "only_active": only_active})
    return [
        GoldenQuestion(
            row.id,
            row.question,
            Language(row.language),
            Expected(tuple(row.expected_references), tuple(row.accepted_answers), row.unanswerable),
            Origin(row.origin),
            row.way,
            row.note,
            row.active,
        )
        for row in rows
    ]


async def remove_questions(session: AsyncSession, ids: Sequence[int]) -> set[int]:
    """Returns those that were there."""
    return set(await session.scalars(_REMOVE, {"ids": list(ids)}))
