"""Alice hears of the end of the model she uses 60, 14 and 3 days before, each time once."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from tests.features.messaging.conftest import Town, town

from kunak.features.language_models.jobs import LanguageModelJobs
from kunak.features.language_models.schemas import ModelChoice, WatchModels
from kunak.features.language_models.service import choose_model, stage_of
from kunak.foundation.db.engine import Sessions
from kunak.integrations.language_model.access import ModelProtocol, ProviderAccess
from kunak.integrations.language_model.connect import connect
from kunak.integrations.language_model.fake import FakeProvider, Fault
from kunak.integrations.language_model.providers import Provider, Providers

__all__ = ["town"]

END = date(2027, 3, 1)


@pytest.fixture
async def fake() -> AsyncIterator[FakeProvider]:
    async with FakeProvider(models={"fake-1": str(END), "another": "2026-11-21"}) as fake:
        yield fake


@pytest.fixture
async def providers(fake: FakeProvider) -> AsyncIterator[Providers]:
    access = ProviderAccess("friend", fake.url, "fake-1", ModelProtocol.RESPONSES)
    providers = Providers([Provider(access, connect(access))])
    yield providers
    await providers.close()


async def said_on(day: date, sessions: Sessions, providers: Providers) -> list[str]:
    """All that was said until this day, oldest first."""
    await LanguageModelJobs(sessions, providers, lambda: day).watch_models(WatchModels())
    async with sessions() as session:
        return list(await session.scalars(text("SELECT text FROM alerts ORDER BY id")))


async def test_each_stage_speaks_once_whatever_day_it_is_noticed(sessions: Sessions, providers: Providers) -> None:
    days = [END - timedelta(days=left) for left in (61, 60, 59, 20, 13, 12, 3, 2, 0, -1)]
    spoken = [len(await said_on(day, sessions, providers)) for day in days]
    assert spoken == [0, 1, 1, 1, 2, 2, 3, 3, 4, 4]


async def test_the_words_name_the_model_and_the_day(sessions: Sessions, providers: Providers) -> None:
    [words] = await said_on(END - timedelta(days=60), sessions, providers)
    assert "fake-1 of friend will be shut down in 60 days, on 2027-03-01" in words
    assert "KUNAK_MODEL_NAME" in words


async def test_models_that_bots_chose_are_watched_too_until_their_bot_is_removed(
    fake: FakeProvider, town: Town, providers: Providers
) -> None:
    fake.models = {"fake-1": None, "fine": str(END), "cheap": str(END)}
    async with town.sessions.begin() as session:
        await choose_model(session, town.bot.id, ModelChoice("fine", "cheap"), actor="alice")
    said = await said_on(END, town.sessions, providers)
    assert [each.split()[3] for each in said] == ["fine", "cheap"]
    assert said[0].endswith("2027-03-01. Choose another one for @friend_bot (`kunak bot model`).")
    await town.execute("UPDATE bots SET state = 'removed'")
    fake.models["fine"] = str(END + timedelta(days=1))
    assert len(await said_on(END, town.sessions, providers)) == 2


async def test_an_end_that_is_moved_is_told_anew(fake: FakeProvider, sessions: Sessions, providers: Providers) -> None:
    await said_on(END - timedelta(days=30), sessions, providers)
    fake.models["fake-1"] = str(END + timedelta(days=10))
    assert len(await said_on(END - timedelta(days=30), sessions, providers)) == 2


async def test_a_provider_that_does_not_answer_and_none_at_all(
    fake: FakeProvider, sessions: Sessions, providers: Providers
) -> None:
    fake.fail(Fault.SERVER_ERROR)
    assert await said_on(END, sessions, providers) == []
    await LanguageModelJobs(sessions, None).watch_models(WatchModels())


@pytest.mark.parametrize(
    ("left", "stage"), [(61, None), (60, 60), (15, 60), (14, 14), (4, 14), (3, 3), (0, 0), (-9, 0)]
)
def test_stages(left: int, stage: int | None) -> None:
    assert stage_of(END, END - timedelta(days=left)) == stage
