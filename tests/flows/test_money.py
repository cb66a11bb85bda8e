"""Answers cost money: what Alice has set bounds them, and whoever is stopped is told so, with the quotes."""

from decimal import Decimal

import pytest

from kunak.features.language_models import service as models
from kunak.features.language_models.schemas import Budget, BudgetPeriod, ModelChoice, Per, Price
from kunak.features.understanding.service import Refiner
from kunak.integrations.language_model.fake import FakeProvider, Fault, Manner
from kunak.processes import worker
from tests.flows.conftest import OpenHouse
from tests.flows.test_answered_in_words import AWAY, QUESTION, Talk, fake, talk_in

__all__ = ["fake"]

QUOTES = "Вот что нашлось"
DEAR = Price("fake-1", Decimal(1_000_000), Decimal(1_000_000))
"""A dollar a token."""


@pytest.fixture
async def talk(open_house: OpenHouse, fake: FakeProvider) -> Talk:
    house = await open_house(
        model_url=fake.url, model_name="fake-1", model_key="sk-1", model_first_token_s=5.0, time_zone="Europe/Moscow"
    )
    return await talk_in(house, fake)


async def allow(talk: Talk, per: Per, amount: str) -> None:
    """Alice's budget for each day, and the price of the model."""
    async with talk.house.kunak.sessions.begin() as session:
        await models.set_price(session, DEAR, actor="alice")
        await models.set_budget(session, Budget(per, BudgetPeriod.DAY, Decimal(amount)), actor="alice")


async def test_an_answer_is_counted_with_it_and_the_last_dollar_is_told(talk: Talk) -> None:
    await allow(talk, Per.USER, "100000")
    assert "четырёх пятых" not in (said := await talk.ask())["text"]
    assert "[1] Перевал закрыт" in said["text"]
    [(cost, spent)] = await talk.fetch("SELECT g.cost, s.cost FROM generations g, spendings s")
    assert cost == spent > 0
    async with talk.house.kunak.sessions.begin() as session:
        budget = Budget(Per.USER, BudgetPeriod.DAY, cost * 2)
        await models.set_budget(session, budget, actor="alice")
    assert "четырёх пятых вашего бюджета" in (await talk.ask())["text"]
    stopped = (await talk.ask())["text"]
    assert QUOTES in stopped
    assert "исчерпан; новый начнётся" in stopped
    assert "00:00 MSK" in stopped
    assert talk.fake.calls == 2
    assert len(await talk.fetch("SELECT 1 FROM spendings WHERE held_until IS NULL AND NOT is_estimated")) == 2


@pytest.mark.parametrize("per", [Per.USER, Per.BOT, Per.INSTALLATION])
async def test_a_budget_of_zero_means_quotes_and_a_word(talk: Talk, per: Per) -> None:
    await allow(talk, per, "0")
    said = await talk.ask()
    assert QUOTES in said["text"]
    assert "Моя языковая модель здесь не используется. Поэтому здесь только цитаты." in said["text"]
    assert "Моя языковая модель здесь не используется." in (await talk.ask("Переведи на английский: спасибо"))["text"]
    assert talk.fake.calls == 0
    assert await talk.fetch("SELECT 1 FROM spendings") == []


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second opinion is waited for, however busy the machine is."""
    monkeypatch.setattr(worker, "open_refiner", lambda model: Refiner(model, time_limit_s=60))


@pytest.mark.usefixtures("patient")
async def test_whoever_is_in_doubt_pays_for_the_second_opinion(talk: Talk) -> None:
    await allow(talk, Per.USER, "1000000")
    await talk.ask("хм, бассейн")
    opinions = "SELECT user_id, cost > 0, held_until FROM spendings WHERE purpose = 'intent'"
    assert await talk.fetch(opinions) == [(talk.alice.id, True, None)]
    await talk.ask("Хм, бассейн")
    assert len(await talk.fetch(opinions)) == 1, "what was said once is remembered"
    await allow(talk, Per.USER, "0.01")
    asked = talk.fake.calls
    assert "исчерпан" in (await talk.ask())["text"]
    await talk.ask("хм, а баня")
    assert talk.fake.calls == asked


async def test_a_call_that_breaks_off_is_paid_for_and_one_refused_or_not_made_is_not(talk: Talk) -> None:
    await allow(talk, Per.INSTALLATION, "100000")
    talk.fake.fail(Fault.CUT)
    assert QUOTES in (await talk.ask())["text"]
    [(cost, is_estimated)] = await talk.fetch("SELECT cost, is_estimated FROM spendings")
    assert cost > 0
    assert is_estimated
    talk.fake.fail(Fault.SERVER_ERROR)
    await talk.ask()
    assert len(await talk.fetch("SELECT 1 FROM spendings")) == 1
    talk.fake.fail(Fault.KEY)
    await talk.ask()
    calls = talk.fake.calls
    said = (await talk.ask())["text"]
    assert AWAY in said
    assert QUOTES in said
    assert talk.fake.calls == calls
    assert len(await talk.fetch("SELECT 1 FROM spendings")) == 1
    assert await talk.fetch("SELECT 1 FROM generations") == []


async def test_a_server_that_counts_nothing_is_reckoned_about(talk: Talk) -> None:
    talk.fake.manner = Manner(counts_tokens=False)
    await talk.ask()
    [(cost, is_estimated, tokens)] = await talk.fetch("SELECT cost, is_estimated, tokens_in FROM spendings")
    assert (cost, is_estimated) == (None, True)
    assert tokens > 100


async def test_a_bot_asks_the_model_chosen_for_it_and_a_cheaper_one_when_money_runs_low(talk: Talk) -> None:
    await allow(talk, Per.BOT, "1")
    talk.fake.models |= {"fine": None, "plain": None}
    async with talk.house.kunak.sessions.begin() as session:
        for name in ("fine", "plain"):
            await models.set_price(session, Price(name, Decimal(1000), Decimal(1000)), actor="alice")
        await models.choose_model(session, talk.house.bot.id, ModelChoice("fine", "plain"), actor="alice")
    await talk.ask()
    assert talk.fake.requests[-1].body["model"] == "fine"
    async with talk.house.kunak.sessions.begin() as session:
        [(spent,)] = await talk.fetch("SELECT sum(cost) FROM spendings")
        await models.set_budget(session, Budget(Per.BOT, BudgetPeriod.DAY, spent * 10 / 9), actor="alice")
    await talk.ask(QUESTION)
    assert talk.fake.requests[-1].body["model"] == "plain"
    assert len(await talk.fetch("SELECT 1 FROM alerts WHERE text LIKE '%four fifths%'")) == 1


async def test_a_group_has_a_budget_of_its_own_and_hears_of_it_in_the_language_of_who_asks(talk: Talk) -> None:
    await allow(talk, Per.CHAT, "1")
    sandbox, bot = talk.house.sandbox, talk.house.telegram_bot
    bob = sandbox.create_person("Bob", language_code="en")
    group = sandbox.create_group("Долина", [talk.alice, bob], [bot])
    said, last = [], 0
    for person in (talk.alice, bob):
        sandbox.say(group, person, f"@friend_bot {QUESTION}")
        heard = await sandbox.wait_for_message(group, after=last)
        said.append(heard["text"])
        last = heard["message_id"]
    assert "четырёх пятых бюджета этой группы" in said[0]
    assert "The budget of this group for my language model is used up; it begins anew on" in said[1]
    assert "[1] Перевал закрыт" in (await talk.ask())["text"]
    spenders = await talk.fetch("SELECT chat_id, user_id FROM spendings ORDER BY at")
    assert spenders == [(group.id, talk.alice.id), (None, talk.alice.id)]
