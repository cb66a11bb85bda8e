"""Several providers in order, and who is left alone for how long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field

import pytest
from prometheus_client import REGISTRY

from kunak.integrations.circuit_breaker import CircuitOptions, CircuitState
from kunak.integrations.language_model.access import ModelProtocol, ProviderAccess
from kunak.integrations.language_model.connect import connect
from kunak.integrations.language_model.errors import (
    AnswerWithheldError,
    ContextTooLongError,
    LanguageModelError,
    ModelBlockedError,
    ModelUnavailableError,
    Trouble,
)
from kunak.integrations.language_model.fake import FakeProvider, Fault
from kunak.integrations.language_model.interface import Message, Request, TextDelta, complete
from kunak.integrations.language_model.providers import Provider, Providers

ASKED = Request((Message.user("one two three four"),))
OPTIONS = CircuitOptions(failures=2, first_pause_s=10, longest_pause_s=60, blocked_s=100)


@dataclass
class Two:
    """Two providers, the second with a model of its own, and a clock that tests move."""

    first: FakeProvider
    second: FakeProvider
    providers: Providers
    told: list[str]
    well: list[str]
    """Who was said to be well."""
    moved: list[float] = field(default_factory=lambda: [0.0])

    async def answered_by(self, request: Request = ASKED) -> str:
        return (await complete(self.providers, request)).finished.provider

    def wait(self, seconds: float) -> None:
        self.moved[0] += seconds

    @property
    def states(self) -> list[str]:
        return [str(each.state) for each in self.providers.states()]


@pytest.fixture
async def two() -> AsyncIterator[Two]:
    told: list[str] = []
    well: list[str] = []
    moved = [0.0]

    async def tell(name: str, words: str) -> None:
        told.append(f"{name}: {words}")

    async def tell_well(name: str) -> None:
        well.append(name)

    async with FakeProvider() as first, FakeProvider(models={"spare": None}) as second:
        places = (("first", first.url, "fake-1"), ("second", second.url, "spare"))
        accesses = [ProviderAccess(name, url, model, ModelProtocol.CHAT) for name, url, model in places]
        chain = [Provider(access, connect(access)) for access in accesses]
        providers = Providers(chain, options=OPTIONS, clock=lambda: moved[0], on_blocked=tell, on_mended=tell_well)
        yield Two(first, second, providers, told, well, moved)
        await providers.close()


def counted(outcome: str, provider: str = "first", model: str = "fake-1") -> float:
    labels = {"provider": provider, "model": model, "outcome": outcome}
    return REGISTRY.get_sample_value("kunak_model_calls_total", labels) or 0.0


async def test_the_first_that_is_well_answers(two: Two) -> None:
    before = counted("ok")
    assert await two.answered_by() == "first"
    assert (two.second.calls, counted("ok")) == (0, before + 1)


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.KEY, Fault.NO_MODEL, Fault.BAD_REQUEST, Fault.PROXY_PAGE])
async def test_the_next_answers_while_nothing_was_shown(two: Two, fault: Fault) -> None:
    two.first.fail(fault)
    assert await two.answered_by() == "second"
    assert two.second.requests[0].body["model"] == "spare"


async def test_what_one_has_begun_no_other_ends(two: Two) -> None:
    two.first.fail(Fault.CUT)
    with pytest.raises(ModelUnavailableError):
        await complete(two.providers, ASKED)
    assert two.second.calls == 0


@pytest.mark.parametrize(
    ("fault", "error"), [(Fault.CONTEXT, ContextTooLongError), (Fault.FILTERED_REQUEST, AnswerWithheldError)]
)
async def test_what_is_no_fault_of_the_provider_is_not_asked_elsewhere(
    two: Two, fault: Fault, error: type[LanguageModelError]
) -> None:
    two.first.fail(*[fault] * 3)
    for _ in range(3):
        with pytest.raises(error):
            await complete(two.providers, ASKED)
    assert (two.second.calls, two.states) == (0, ["closed", "closed"])


async def test_of_several_errors_the_most_hopeful_is_raised(two: Two) -> None:
    two.first.fail(Fault.KEY)
    two.second.fail(Fault.SERVER_ERROR)
    with pytest.raises(ModelUnavailableError):
        await complete(two.providers, ASKED)


async def test_failures_in_a_row_open_the_circuit_and_one_probe_closes_it(two: Two) -> None:
    two.first.fail(Fault.SERVER_ERROR, Fault.SERVER_ERROR)
    assert [await two.answered_by() for _ in range(3)] == ["second"] * 3
    assert (two.first.calls, two.states) == (2, ["open", "closed"])
    two.wait(11)
    assert two.states == ["half-open", "closed"]
    assert await two.answered_by() == "first"
    assert two.states == ["closed", "closed"]


async def test_a_probe_that_fails_doubles_the_pause(two: Two) -> None:
    two.first.fail(*[Fault.SERVER_ERROR] * 3)
    for wait in (0, 0, 11):
        two.wait(wait)
        await two.answered_by()
    assert two.providers.states()[0].again_in_s == pytest.approx(20)
    two.wait(19)
    assert await two.answered_by() == "second"
    assert two.first.calls == 3


async def test_a_success_between_failures_forgets_them(two: Two) -> None:
    two.first.fail(Fault.SERVER_ERROR, None, Fault.SERVER_ERROR, None)
    assert [await two.answered_by() for _ in range(4)] == ["second", "first", "second", "first"]


async def test_only_one_request_probes(two: Two) -> None:
    two.first.fail(Fault.SERVER_ERROR, Fault.SERVER_ERROR, Fault.STALL)
    for _ in range(2):
        await two.answered_by()
    two.wait(11)
    probe = asyncio.create_task(complete(two.providers, ASKED))
    while two.first.calls < 3:
        await two.first.until_asked()
    assert await two.answered_by() == "second"
    probe.cancel()
    await two.first.until_somebody_hangs_up()
    assert await two.answered_by() == "first", "a probe that was given up gives its place to the next"


async def test_a_wait_that_is_asked_for_is_kept(two: Two) -> None:
    two.first.fail(Fault.RATE_LIMIT_WITH_WAIT)
    assert await two.answered_by() == "second"
    two.wait(6)
    assert await two.answered_by() == "second"
    two.wait(2)
    assert await two.answered_by() == "first"


async def test_a_refused_key_pauses_the_provider_and_admins_hear_of_it_once(two: Two) -> None:
    two.first.fail(Fault.KEY, Fault.KEY)
    for wait in (0, 50, 51):
        two.wait(wait)
        assert await two.answered_by() == "second"
    assert (two.first.calls, len(two.told)) == (2, 1)
    assert "refuses the key" in two.told[0]
    two.wait(101)
    assert [await two.answered_by() for _ in range(2)] == ["first"] * 2
    assert [each for each in two.well if "(" not in each] == ["second", "first"]


async def test_admins_hear_of_a_key_that_is_refused_after_the_provider_was_down(two: Two) -> None:
    two.first.fail(Fault.SERVER_ERROR, Fault.SERVER_ERROR, Fault.KEY, Fault.KEY)
    for wait in (0, 0, 11, 101):
        two.wait(wait)
        assert await two.answered_by() == "second"
    assert (two.first.calls, len(two.told)) == (4, 1)


async def test_a_model_that_is_gone_blocks_only_itself(two: Two) -> None:
    gone = Request(ASKED.messages, model="gone")
    assert [await two.answered_by(gone) for _ in range(2)] == ["second"] * 2
    assert two.first.calls == 1
    assert await two.answered_by() == "first"
    [_, blocked, _] = two.providers.states()
    assert (blocked.model, blocked.state) == ("gone", CircuitState.OPEN)


async def test_when_all_are_left_alone_the_error_says_for_how_long(two: Two) -> None:
    for fake in (two.first, two.second):
        fake.fail(Fault.SERVER_ERROR, Fault.SERVER_ERROR)
    for _ in range(2):
        with pytest.raises(ModelUnavailableError):
            await complete(two.providers, ASKED)
    two.wait(4)
    with pytest.raises(ModelUnavailableError) as raised:
        await complete(two.providers, ASKED)
    assert raised.value.trouble is Trouble.SERVER
    assert raised.value.retry_after == pytest.approx(6)
    assert two.first.calls == 2


async def test_with_every_key_refused_the_error_is_fatal(two: Two) -> None:
    two.first.fail(Fault.KEY)
    two.second.fail(Fault.QUOTA)
    for _ in range(2):
        with pytest.raises(ModelBlockedError):
            await complete(two.providers, ASKED)


async def test_an_alert_that_cannot_be_written_costs_no_answer(two: Two) -> None:
    async def fails(_name: str, _words: str) -> None:
        raise ConnectionError

    providers = Providers(two.providers.all, options=OPTIONS, on_blocked=fails)
    two.first.fail(Fault.KEY)
    assert (await complete(providers, ASKED)).finished.provider == "second"


async def test_an_answer_that_is_stopped_counts_as_stopped(two: Two) -> None:
    before = counted("stopped")
    async with aclosing(two.providers.stream(ASKED)) as events:
        assert isinstance(await anext(events), TextDelta)
    assert counted("stopped") == before + 1


async def test_the_models_of_all_who_answer(two: Two) -> None:
    assert [each.id for each in await two.providers.list_models()] == ["fake-1", "spare"]
    two.first.fail(Fault.SERVER_ERROR)
    assert [each.id for each in await two.providers.list_models()] == ["spare"]
