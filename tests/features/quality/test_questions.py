"""Golden questions of every origin are kept once; what cannot be used changes nothing."""

from dataclasses import replace

import pytest
from tests.features.search.town import entry, put

from kunak.features.quality import service as quality
from kunak.features.quality.schemas import Expected, GoldenQuestion, Kept, NewQuestion, Origin
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import InvalidInputError, NotFoundError
from kunak.foundation.language.languages import Language

RIGHT = Expected(("doc-1",))


def question(
    text: str = "Когда открыт рынок?", expected: Expected = RIGHT, origin: Origin = Origin.HAND
) -> NewQuestion:
    return NewQuestion(text, Language.RUSSIAN, expected, origin)


async def add(sessions: Sessions, *questions: NewQuestion) -> Kept:
    async with sessions.begin() as session:
        return await quality.add_questions(session, questions)


async def kept(sessions: Sessions, origin: Origin | None = None) -> list[GoldenQuestion]:
    async with sessions() as session:
        return await quality.list_questions(session, origin)


@pytest.fixture
async def town(sessions: Sessions) -> Sessions:
    texts = [f"Старый рынок номер {number + 20} на Садовой улице открыт каждую субботу с утра." for number in range(8)]
    await put(sessions, [entry(number, text) for number, text in enumerate(texts, start=1)])
    return sessions


async def test_alice_writes_a_question_down_once_however_she_spells_it(town: Sessions) -> None:
    assert await add(town, question()) == Kept(added=1, changed=0, unchanged=0)
    assert await add(town, question()) == Kept(added=0, changed=0, unchanged=1)
    assert (await add(town, question("«КОГДА» открыт  рынок?", Expected(("doc-2",))))).changed == 1
    [only] = await kept(town)
    assert (only.expected.references, only.active, only.origin) == (("doc-2",), True, Origin.HAND)


async def test_a_document_that_is_not_there_is_named(town: Sessions) -> None:
    done = await add(town, question(expected=Expected(("doc-1", "doc-99"))))
    assert (done.added, done.missing) == (1, ("doc-99",))


async def test_a_disliked_question_waits_for_its_answer_and_forgets_none(town: Sessions) -> None:
    disliked = question(expected=Expected(), origin=Origin.DISLIKED)
    assert (await add(town, disliked)).added == 1
    assert [each.active for each in await kept(town, Origin.DISLIKED)] == [False]
    await add(town, question())
    assert (await add(town, disliked)).unchanged == 1
    [only] = await kept(town)
    assert (only.active, only.expected) == (True, RIGHT)


async def test_questions_are_made_from_the_corpus_and_do_not_replace_what_a_person_wrote(town: Sessions) -> None:
    async with town.begin() as session:
        made = await quality.make_questions(session, count=5, seed=1)
    assert made.added == len(await kept(town, Origin.CORPUS)) > 0
    first, *_ = await kept(town)
    assert first.way
    assert first.expected.references[0].startswith("doc-")
    await add(town, question(first.text, Expected(unanswerable=True)))
    async with town.begin() as session:
        again = await quality.make_questions(session, count=5, seed=1)
    assert (again.added, again.changed) == (0, 0)
    assert [each.text for each in await kept(town, Origin.HAND)] == [first.text]


async def test_a_question_given_twice_expects_either_document(town: Sessions) -> None:
    assert (await add(town, question(), question(expected=Expected(("doc-2",))))).added == 1
    [only] = await kept(town)
    assert only.expected.references == ("doc-1", "doc-2")


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (question(""), "is empty"),
        (question(" ?! "), "is empty"),
        (question("я" * 10_000), "longer than 2,000"),
        (question("где\0мост"), "no text may hold"),
        (question("где \ud800 мост"), "no text may hold"),
        (question(expected=Expected(("",))), "reference is empty"),
        (question(expected=Expected(answers=(" «» ",))), "answer is empty"),
        (question(expected=Expected(answers=("x" * 1001,))), "longer than 1,000"),
        (question(expected=Expected(("a",), unanswerable=True)), "not both"),
        (question(expected=Expected(tuple(map(str, range(101))))), "at most 100"),
        (replace(question(), note="x" * 2001), "note is longer"),
    ],
)
async def test_what_cannot_be_used_is_refused_and_nothing_is_kept(
    town: Sessions, bad: NewQuestion, sentence: str
) -> None:
    with pytest.raises(InvalidInputError, match=sentence):
        await add(town, question("Где мост?"), bad)
    assert await kept(town) == []


async def test_bob_removes_what_is_there_and_nothing_when_one_is_not(town: Sessions) -> None:
    await add(town, question(), question("Где мост?"))
    one, two = [each.id for each in await kept(town)]
    with pytest.raises(NotFoundError, match="999"):
        async with town.begin() as session:
            await quality.remove_questions(session, [one, 999])
    assert len(await kept(town)) == 2
    async with town.begin() as session:
        await quality.remove_questions(session, [one])
    assert [each.id for each in await kept(town)] == [two]


@pytest.mark.parametrize("count", [0, -1, 10_001])
async def test_too_many_questions_are_not_made(town: Sessions, count: int) -> None:
    with pytest.raises(InvalidInputError, match="Between 1 and 10,000"):
        async with town.begin() as session:
            await quality.make_questions(session, count=count, seed=1)
