"""A question goes on from the one before, or changes the subject: its words tell which, and what is found."""

from collections import Counter

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.features.conversations.going_on import CHANGES, DOCUMENTS, GOES_ON, PAIRS

from kunak.features.conversations.schemas import NewSearch, Span, Wish
from kunak.features.conversations.service import Library
from kunak.features.conversations.service.look_for import Sought, look_for
from kunak.features.ingestion import service as ingestion
from kunak.features.ingestion.schemas import NewDocument, SourceKind, SourceName
from kunak.features.search import service as search
from kunak.foundation.clock import now
from kunak.foundation.db.engine import Sessions, create_reading_sessions
from kunak.foundation.language.languages import Language

TOWN = SourceName(SourceKind.JSONL, "town", "Town")


@pytest.fixture
async def library(sessions: Sessions, engine: AsyncEngine) -> Library:
    async with sessions.begin() as session:
        documents = [NewDocument(TOWN, key, title, text, None, None) for key, title, text in DOCUMENTS]
        await ingestion.store(session, documents)
        await search.refresh_lexicon(session)
    return Library(sessions, create_reading_sessions(engine))


async def found(library: Library, before: str, question: str) -> list[str]:
    asked = NewSearch(1, 1, 1, Wish.QUESTION, question, Language.RUSSIAN)
    answer, _ = await look_for(library, Sought(asked, (), now(), before), Span.ANY)
    return [each.reference.rsplit("/")[-1] for each in answer.passages]


async def test_both_kinds_find_what_was_meant_as_the_docs_tell(library: Library) -> None:
    first, wrong = Counter[str](), []
    for before, question, meant, kind in PAIRS:
        keys = await found(library, before, question)
        assert meant in keys, (before, question)
        first[kind] += keys[0] == meant
        wrong += [question] if keys[0] != meant else []
    assert Counter(kind for *_, kind in PAIRS) == {GOES_ON: 31, CHANGES: 27}
    assert first == {GOES_ON: 31, CHANGES: 27}
    assert not wrong


async def test_a_long_question_before_leaves_room_for_this_one(library: Library) -> None:
    before = "Мост через Баксан? " + "Расскажи подробно. " * 200
    assert "lift" in await found(library, before, "А где там канатная дорога на Чегет?")
