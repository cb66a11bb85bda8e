"""Of a library that is narrowed to some sources no other is quoted, or even named."""

from datetime import UTC, datetime

import pytest

from kunak.features.search import service
from kunak.features.search.schemas import Answer, Entry, Filters, Mode, Page, Telling
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.languages import Language

AT = datetime(2026, 5, 12, 9, tzinfo=UTC)
BRIDGE = "Мост через реку Терек закрыт на ремонт до мая, объезд идёт через старый брод."
COPY = Telling("post-9", "Долина", "https://example.org/9", AT, "valley")


@pytest.fixture
async def town(sessions: Sessions) -> Sessions:
    entries = [
        Entry(
            1, "doc-1", "Вестник", BRIDGE, Language.RUSSIAN, "https://example.org/1", AT, "gazette", story_id=1,
            also=(COPY, Telling("post-8", "Сплетни", None, AT, "gossip")),
        ),
        Entry(2, "doc-2", "Рынок", "Мост чинят за счёт рынка.", Language.RUSSIAN, None, AT, "market", story_id=1),
    ]  # fmt: skip
    async with sessions.begin() as session:
        await service.index(session, "document", entries)
        await service.refresh_lexicon(session)
    return sessions


async def ask(sessions: Sessions, question: str, page: Page) -> Answer:
    async with sessions() as session:
        return await service.ask(session, question, now=AT.replace(hour=20), page=page)


def named(answer: Answer) -> set[str | None]:
    told = [telling.source for citation in answer.citations for telling in citation.also]
    return {citation.source for citation in answer.citations}.union(told)


@pytest.mark.parametrize("question", ["До какого месяца закрыт мост?", "Что нового сегодня?"])
async def test_a_copy_is_quoted_in_place_of_what_may_not_be(town: Sessions, question: str) -> None:
    assert named(await ask(town, question, Page())) == {"gazette", "valley", "gossip", "market"}
    answer = await ask(town, question, Page(only=("valley",)))
    [citation] = answer.citations
    assert (citation.id, citation.title, citation.url, named(answer)) == ("post-9", "Долина", COPY.url, {"valley"})


async def test_a_source_is_chosen_among_those_that_may_be_quoted(town: Sessions) -> None:
    question, market = "До какого месяца закрыт мост?", Filters(sources=("market",))
    assert named(await ask(town, question, Page(only=("gazette",)))) == {"gazette"}
    assert named(await ask(town, question, Page(market, only=("gazette",)))) == {"gazette"}
    assert (await ask(town, question, Page(only=("nobody",)))).mode is Mode.NOTHING
