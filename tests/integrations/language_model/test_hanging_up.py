"""Whoever stops listening hangs up: the provider notices, and stops."""

import asyncio
from contextlib import aclosing
from types import SimpleNamespace

import pytest
from tests.integrations.language_model.conftest import client_of

from kunak.integrations.language_model import patience
from kunak.integrations.language_model.access import ModelProtocol
from kunak.integrations.language_model.client import HttpLanguageModel
from kunak.integrations.language_model.errors import LanguageModelError, Trouble
from kunak.integrations.language_model.fake import FakeProvider, Fault
from kunak.integrations.language_model.interface import Message, Request, TextDelta, Timeouts, complete

ASKED = Request((Message.user("one two three four five six"),))


async def test_closing_the_stream_hangs_up(fake: FakeProvider, model: HttpLanguageModel) -> None:
    fake.fail(Fault.STALL)
    async with aclosing(model.stream(ASKED)) as events:
        async for event in events:
            assert isinstance(event, TextDelta)
            break
    await fake.until_somebody_hangs_up()


@pytest.mark.parametrize("fault", [Fault.NO_ANSWER, Fault.SLOW_FIRST_TOKEN, Fault.STALL])
async def test_cancelling_the_task_hangs_up_at_every_stage(
    fake: FakeProvider, model: HttpLanguageModel, fault: Fault
) -> None:
    fake.fail(fault)
    asking = asyncio.create_task(complete(model, ASKED))
    await fake.until_asked()
    asking.cancel()
    await fake.until_somebody_hangs_up()
    assert (await complete(model, ASKED)).text


async def test_a_time_out_hangs_up_too(fake: FakeProvider, model: HttpLanguageModel) -> None:
    fake.fail(Fault.STALL)
    short = Request(ASKED.messages, timeouts=Timeouts(between_tokens=0.05))
    with pytest.raises(LanguageModelError):
        await complete(model, short)
    await fake.until_somebody_hangs_up()


async def test_a_slow_reader_is_not_a_slow_server(
    fake: FakeProvider, model: HttpLanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [1000.0]
    monkeypatch.setattr(patience, "time", SimpleNamespace(monotonic=lambda: seconds[0]))
    patient = Request(ASKED.messages, timeouts=Timeouts(between_tokens=30, total=300))
    async with aclosing(model.stream(patient)) as events:
        assert isinstance(await anext(events), TextDelta)
        seconds[0] += 100  # longer than the server may take
        assert [event async for event in events]


async def test_the_whole_answer_has_a_limit_of_its_own(fake: FakeProvider, model: HttpLanguageModel) -> None:
    fake.fail(Fault.STALL)
    with pytest.raises(LanguageModelError, match=r"did not finish within 0\.1 s"):
        await complete(model, Request(ASKED.messages, timeouts=Timeouts(total=0.1)))


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "http://nobody.invalid/v1", "https://127.0.0.1:{port}/v1"])
async def test_refused_unknown_and_not_secure(fake: FakeProvider, protocol: ModelProtocol, url: str) -> None:
    port = fake.url.rsplit(":", 1)[1].partition("/")[0]
    async with client_of(url.format(port=port), protocol) as model:
        with pytest.raises(LanguageModelError) as raised:
            await complete(model, ASKED)
    assert raised.value.trouble is Trouble.CONNECTION


async def test_an_address_that_is_none(protocol: ModelProtocol) -> None:
    async with client_of("not an address", protocol) as model:
        with pytest.raises(LanguageModelError) as raised:
            await complete(model, ASKED)
    assert raised.value.trouble is Trouble.ADDRESS
