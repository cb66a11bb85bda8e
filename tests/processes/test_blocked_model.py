"""Admins hear once that a provider is blocked, and once that it is well again, however many processes see it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import text

from kunak.foundation.settings import Settings
from kunak.integrations.language_model.errors import ModelBlockedError
from kunak.integrations.language_model.fake import FakeProvider, Fault
from kunak.integrations.language_model.interface import Message, Request, complete
from kunak.processes.bootstrap import Kunak, open_kunak

ASKED = Request((Message.user("one two three"),))


@pytest.fixture
async def start(database_url: str, tmp_path: Path) -> AsyncIterator[Callable[[FakeProvider], Awaitable[Kunak]]]:
    """Starts one more process."""
    async with AsyncExitStack() as stack:

        async def one_more(fake: FakeProvider) -> Kunak:
            settings = Settings(data_dir=tmp_path, model_url=fake.url, model_name="fake-1", model_key="sk-1")
            return await stack.enter_async_context(open_kunak(settings, database_url=database_url))

        yield one_more


async def ask(*asking: Kunak) -> None:
    for kunak in asking:
        assert kunak.models is not None
        await complete(kunak.models, ASKED)


async def alerts(kunak: Kunak) -> list[str]:
    """Which of them say that it answers again."""
    async with kunak.sessions() as session:
        said = await session.scalars(text("SELECT text FROM alerts ORDER BY id"))
        return ["well" if "answers again" in each else "blocked" for each in said]


@pytest.mark.parametrize("fault", [Fault.KEY, Fault.QUOTA])
async def test_two_processes_are_blocked_and_two_new_ones_see_it_mended(
    start: Callable[[FakeProvider], Awaitable[Kunak]], fault: Fault
) -> None:
    async with FakeProvider() as fake:
        fake.fail(fault, fault)
        blocked = [await start(fake), await start(fake)]
        for kunak in blocked:
            with pytest.raises(ModelBlockedError):
                await ask(kunak)
        assert await alerts(blocked[0]) == ["blocked"]
        mended = [await start(fake), await start(fake)]
        await ask(*mended)
        await ask(*mended)
        assert await alerts(blocked[0]) == ["blocked", "well"]
        fake.fail(fault)
        with pytest.raises(ModelBlockedError):
            await ask(mended[0])
        assert await alerts(blocked[0]) == ["blocked", "well", "blocked"]
