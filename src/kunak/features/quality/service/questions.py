"""Golden questions are written down, made, shown and removed."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.quality.figures import name_question
from kunak.features.quality.fold import fold_text
from kunak.features.quality.repository import questions as repository
from kunak.features.quality.schemas import Expected, GoldenQuestion, Kept, NewQuestion, Origin
from kunak.features.search import service as search
from kunak.foundation.errors import InvalidInputError, NotFoundError
from kunak.foundation.language.languages import Language

LONGEST_QUESTION = 2000
"""Characters; search reads no more of a question either."""
_LONGEST_ANSWER = 1000
_LONGEST_REFERENCE = 500
_LONGEST_NOTE = 2000
_MOST = 100
"""References, and answers, of one question."""
_MOST_MADE = 10_000


async def add_questions(session: AsyncSession, questions: Sequence[NewQuestion]) -> Kept:
    """Keep `questions`, each once, in the caller's transaction; what is expected of a known one is replaced.

    Raises:
        InvalidInputError: one of them cannot be used; the sentence says which and why.
    """
    unique = _once_each(check_question(each) for each in questions)
    await repository.lock_questions(session)
    became = [await repository.keep_question(session, digest, each) for digest, each in unique.items()]
    expected = sorted({reference for each in unique.values() for reference in each.expected.references})
    present = await search.list_texts(session, expected)
    return Kept(
        added=became.count(True),
        changed=became.count(False),
        unchanged=became.count(None),
        missing=tuple(each for each in expected if each not in present),
    )


async def make_questions(session: AsyncSession, *, count: int, seed: int, language: Language | None = None) -> Kept:
    """Make golden questions from the corpus, without a model, and keep them.

    Raises:
        InvalidInputError: `count` is none, or too many.
    """
    if not 1 <= count <= _MOST_MADE:
        raise InvalidInputError(f"Between 1 and {_MOST_MADE:,} questions can be made at once.")
    made = await search.make_questions(session, count=count, seed=seed, language=language)
    questions = [
        NewQuestion(
            each.text,
            each.language,
            Expected((each.reference,), (each.answer,) if each.answer else ()),
            Origin.CORPUS,
            way=each.way.value,
        )
        for each in made
    ]
    return await add_questions(session, questions)


async def list_questions(session: AsyncSession, origin: Origin | None = None) -> list[GoldenQuestion]:
    """Those of one origin, or of all; the inactive too."""
    return await repository.list_questions(session, origin, only_active=False)


async def remove_questions(session: AsyncSession, ids: Sequence[int]) -> None:
    """Forget these questions; the results of past runs stay.

    Raises:
        NotFoundError: one is not there; then none may be removed: roll back.
    """
    missing = sorted(set(ids) - await repository.remove_questions(session, ids))
    if missing:
        raise NotFoundError(f"There is no golden question {missing[0]}; nothing was removed.")


def check_question(question: NewQuestion) -> NewQuestion:
    """It, without blanks at the ends of its texts.

    Raises:
        InvalidInputError: it cannot be used; the sentence says why.
    """
    expected = question.expected
    if expected.unanswerable and (expected.references or expected.answers):
        raise InvalidInputError("A question is either unanswerable or has an expected answer, not both.")
    if max(len(expected.references), len(expected.answers)) > _MOST:
        raise InvalidInputError(f"A question may have at most {_MOST} references and as many answers.")
    if not fold_text(question.text).strip(" ?!.-"):
        raise InvalidInputError("The question is empty.")
    return replace(
        question,
        text=_check_text("question", question.text, LONGEST_QUESTION),
        note=_check_text("note", question.note, _LONGEST_NOTE),
        expected=Expected(
            tuple(sorted({_check_given("reference", each, _LONGEST_REFERENCE) for each in expected.references})),
            tuple(sorted({_check_given("answer", each, _LONGEST_ANSWER) for each in expected.answers})),
            expected.unanswerable,
        ),
    )


def _check_given(name: str, value: str, longest: int) -> str:
    if not fold_text(value):
        raise InvalidInputError(f"An expected {name} is empty.")
    return _check_text(name, value, longest)


def _check_text(name: str, value: str, longest: int) -> str:
    value = value.strip()
    if len(value) > longest:
        raise InvalidInputError(f"The {name} is longer than {longest:,} characters.")
    if "\0" in value or value.encode("utf-8", "ignore").decode() != value:
        raise InvalidInputError(f"The {name} holds a character that no text may hold.")
    return value


def _once_each(questions: Iterable[NewQuestion]) -> dict[bytes, NewQuestion]:
    """One that is given twice expects what either expects: sets of questions repeat some for several documents."""
    unique: dict[bytes, NewQuestion] = {}
    for each in questions:
        digest = name_question(each.text)
        if (known := unique.get(digest)) is not None:
            references = known.expected.references + each.expected.references
            answers = known.expected.answers + each.expected.answers
            unanswerable = known.expected.unanswerable or each.expected.unanswerable
            unique[digest] = check_question(replace(known, expected=Expected(references, answers, unanswerable)))
        else:
            unique[digest] = each
    return unique
