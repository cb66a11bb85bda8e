"""Alice sets prices and budgets; Bob's questions are counted, once each, and stop when the money is gone."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from tests.features.messaging.conftest import Town, town

from kunak.features.language_models import service as models
from kunak.features.language_models.jobs import LanguageModelJobs
from kunak.features.language_models.repository.prices import get_terms
from kunak.features.language_models.schemas import (
    Allowed,
    Bookkeeping,
    Budget,
    BudgetPeriod,
    ForgetSpenders,
    InUse,
    ModelChoice,
    Part,
    Per,
    Price,
    Reason,
    Refused,
    SettleLostCalls,
    Spender,
    Tokens,
    UsageBy,
)
from kunak.features.language_models.service.allow import bill as bill_for
from kunak.features.language_models.service.allow import watch
from kunak.features.language_models.service.reckon import begin_of, bounding, cost_of, end_of, price_of
from kunak.foundation.clock import now
from kunak.foundation.errors import ConflictError, InvalidInputError, NotFoundError
from kunak.integrations.language_model.access import ModelProtocol, ProviderAccess
from kunak.integrations.language_model.connect import connect
from kunak.integrations.language_model.errors import ModelUnavailableError
from kunak.integrations.language_model.fake import FakeProvider
from kunak.integrations.language_model.interface import Message, Request, complete
from kunak.integrations.language_model.providers import Provider, Providers

__all__ = ["town"]

BOOKS = Bookkeeping("openai", "big")
BIG = Price("big", Decimal(1_000_000), Decimal(2_000_000), Decimal(500_000))
"""One dollar a token, two for a written one."""
SMALL = Price("small", Decimal("0.1"), Decimal("0.2"))
DAY, MONTH = BudgetPeriod
GUESS = Tokens(1, 0, 0)


async def set_up(town: Town, *budgets: Budget) -> Spender:
    """Bob, and what Alice has set."""
    async with town.sessions.begin() as session:
        for price in (BIG, SMALL):
            await models.set_price(session, price, actor="alice")
        for budget in budgets:
            await models.set_budget(session, budget, actor="alice")
    return Spender(town.bot.id, None, 7)


def per_user(
    amount: str, period: BudgetPeriod = DAY, *, bot_id: int | None = None, subject: int | None = None
) -> Budget:
    return Budget(Per.USER, period, Decimal(amount), bot_id, subject)


async def ask(town: Town, spender: Spender, guess: Tokens = GUESS) -> Allowed | Refused:
    return await models.allow(town.sessions, BOOKS, spender, "answer", guess)


async def spend(town: Town, spender: Spender, tokens: Tokens, model: str = "big") -> list[str]:
    """One answer; the budgets that it says run low."""
    allowed = await ask(town, spender)
    assert isinstance(allowed, Allowed)
    bill = bill_for(allowed, "openai", model, tokens, GUESS)
    async with town.sessions.begin() as session:
        await models.settle(session, bill)
        await models.settle(session, bill)
    return [each.budget.per.value for each in bill.notices]


async def test_bob_is_told_at_four_fifths_and_stopped_at_the_whole(town: Town) -> None:
    bob = await set_up(town, per_user("10"), per_user("100", MONTH))
    assert await spend(town, bob, Tokens(4)) == []
    assert await spend(town, bob, Tokens(2, 0, 1)) == ["user"]
    assert await spend(town, bob, Tokens(2, 2)) == []
    assert await spend(town, bob, Tokens(1)) == []
    refused = await ask(town, bob)
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.resets_at) == (Reason.SPENT, end_of(DAY, now(), UTC))
    assert isinstance(await ask(town, replace(bob, user_id=8)), Allowed)
    assert await town.fetch("SELECT sum(cost), count(*) FROM spendings WHERE user_id = 7") == [(Decimal(10), 4)]


async def test_many_at_once_see_what_is_held_for_each_other(town: Town) -> None:
    bob = await set_up(town, per_user("10"))
    asked = await asyncio.gather(*(ask(town, bob, Tokens(4)) for _ in range(12)))
    assert sum(isinstance(each, Allowed) for each in asked) == 3


async def test_the_cheaper_model_comes_before_the_refusal(town: Town) -> None:
    bob = await set_up(town, per_user("10"))
    async with town.sessions.begin() as session:
        await models.choose_model(session, town.bot.id, ModelChoice("big", "small"), actor="alice")
    await spend(town, bob, Tokens(8))
    allowed = await ask(town, bob)
    assert isinstance(allowed, Allowed)
    assert allowed.model == "small"


async def test_a_call_given_back_costs_nothing_and_one_nobody_ended_costs_its_question(town: Town) -> None:
    bob = await set_up(town, per_user("10"))
    given = await ask(town, bob, Tokens(9))
    assert isinstance(given, Allowed)
    await models.give_back(town.sessions, given)
    assert isinstance(await ask(town, bob, Tokens(3, 0, 6)), Allowed)  # and there the worker was killed
    assert isinstance(await ask(town, bob), Refused)
    await town.execute("UPDATE spendings SET held_until = now() - interval '1 s'")
    allowed = await ask(town, bob)
    assert isinstance(allowed, Allowed)
    await models.give_back(town.sessions, allowed)
    await LanguageModelJobs(town.sessions, None).settle_lost_calls(SettleLostCalls())
    assert await town.fetch("SELECT cost, tokens_out, is_estimated, held_until FROM spendings") == [(3, 0, True, None)]


async def test_who_listens_is_paid_by_the_minute(town: Town) -> None:
    bob, books = await set_up(town, per_user("10")), Bookkeeping("ears", "whisper")
    async with town.sessions.begin() as session:
        nothing = Decimal(0)
        await models.set_price(session, Price("whisper", nothing, nothing, minute=Decimal(6)), actor="alice")
    allowed = await models.allow(town.sessions, books, bob, "voice", Tokens(seconds=70))
    assert isinstance(allowed, Allowed)
    await models.close_hearing(town.sessions, allowed, 20)
    assert isinstance(await models.allow(town.sessions, books, bob, "voice", Tokens(seconds=80)), Allowed)
    assert isinstance(await ask(town, bob), Refused), "2 and 8 dollars of 10 are spent"
    await town.execute("UPDATE spendings SET held_until = now() - interval '1 s' WHERE seconds = 80")
    await LanguageModelJobs(town.sessions, None).settle_lost_calls(SettleLostCalls())
    counted = await town.fetch("SELECT seconds, cost, is_estimated, held_until FROM spendings ORDER BY at")
    assert counted == [(20, 2, False, None), (80, 8, True, None)]
    spoken = await models.allow(town.sessions, books, replace(bob, user_id=13), "answer", GUESS)
    assert spoken == Refused(Reason.UNPRICED), "by the minute nobody writes"


async def test_bots_and_the_installation_are_bounded_and_admins_hear_once(town: Town) -> None:
    whole = Budget(Per.INSTALLATION, MONTH, Decimal(10))
    bob = await set_up(town, whole, Budget(Per.BOT, DAY, Decimal(5)), per_user("0", bot_id=town.bot.id, subject=13))
    assert await spend(town, bob, Tokens(8)) == ["installation", "bot"]
    for _ in range(3):
        assert isinstance(await ask(town, bob), Refused)
    off = await ask(town, replace(bob, user_id=13))
    assert isinstance(off, Refused)
    assert off.reason is Reason.OFF
    alerts = [words for (words,) in await town.fetch("SELECT text FROM alerts ORDER BY id")]
    assert len(alerts) == 3
    assert [sum(word in each for each in alerts) for word in ("four fifths", "is spent")] == [2, 1]
    assert alerts[-1].startswith(f"The budget of @{town.bot.username} (5 USD a day) is spent: ")


async def test_with_a_budget_a_model_without_a_price_is_not_asked(town: Town) -> None:
    bob = await set_up(town, per_user("10"))
    books = replace(BOOKS, model="unheard-of")
    refused = await models.allow(town.sessions, books, bob, "answer", GUESS)
    assert refused == Refused(Reason.UNPRICED)
    async with town.sessions.begin() as session:
        used = [InUse("openai", "unheard-of", Part.ASKED), InUse("other", "spare", Part.IN_PLACE)]
        used += [InUse("openai", "big", Part.ASKED), InUse("openai", "big", Part.LISTENS)]
        said = await models.list_unpriced(session, used, books)
        await models.remove_budget(session, Per.USER, None, None, actor="alice")
    assert [each.partition(": with a budget ")[2].partition(". ")[0] for each in said] == [
        "it is not asked",
        "its answers are counted at the price of the first model, as an estimate",
        "voice messages are not heard",
    ]
    assert "`kunak price set big --minute`" in said[2]
    allowed = await models.allow(town.sessions, books, bob, "answer", GUESS)
    assert isinstance(allowed, Allowed)
    async with town.sessions.begin() as session:
        await models.settle(session, bill_for(allowed, "openai", "unheard-of", Tokens(5, 0, 5), GUESS))
        [line] = await models.list_usage(session, UsageBy.MODEL, now() - timedelta(hours=1), UTC)
    assert (line.name, line.calls, line.cost, line.unknown) == ("unheard-of of openai", 1, Decimal(0), 1)


async def test_a_model_that_answers_under_another_name_costs_what_the_asked_one_does(town: Town) -> None:
    bob = await set_up(town, per_user("100"))
    allowed = await ask(town, bob)
    assert isinstance(allowed, Allowed)
    alias = bill_for(allowed, "openai", "big-0613", Tokens(4, 0, 3), GUESS)
    assert (alias.cost, alias.is_estimated) == (Decimal(10), False)
    stand_in = bill_for(allowed, "another", "unheard-of", Tokens(4, 0, 3), GUESS)
    assert (stand_in.cost, stand_in.is_estimated) == (Decimal(10), True)


async def test_what_was_spent_earlier_in_the_month_counts_and_is_added_up_once(town: Town) -> None:
    bob = await set_up(town, Budget(Per.INSTALLATION, MONTH, Decimal(20)))
    books = replace(BOOKS, settled={})
    await spend(town, bob, Tokens(8, 0, 0))
    later = (now().replace(day=1, hour=0) + timedelta(days=62)).replace(day=20, hour=12)
    await town.execute("UPDATE spendings SET at = :at", at=later - timedelta(days=5))
    async with town.sessions() as session:
        [watched] = await watch(session, await get_terms(session, bob), books, bob, later)
    assert (watched.spent, len(books.settled)) == (Decimal(8), 1)


async def test_usage_is_added_up_and_bob_is_forgotten_by_name_only(town: Town) -> None:
    bob = await set_up(town, per_user("100"))
    await spend(town, bob, Tokens(4, 2, 3))
    async with town.sessions.begin() as session:
        own = await models.usage_of(session, BOOKS, bob, now())
        assert (own.today.cost, own.month.calls, own.budgets[0].spent) == (Decimal(9), 1, Decimal(9))
        for by, name in ((UsageBy.BOT, "@friend_bot"), (UsageBy.USER, "7"), (UsageBy.DAY, f"{now():%Y-%m-%d}")):
            [line] = await models.list_usage(session, by, now() - timedelta(days=1), ZoneInfo("UTC"))
            assert (line.name, line.cost, line.tokens) == (name, Decimal(9), Tokens(4, 2, 3))
        await models.forget_person(session, bob)
        [line] = await models.list_usage(session, UsageBy.USER, now() - timedelta(days=1), UTC)
        assert (line.name, line.cost) == ("", Decimal(9))
        assert (await models.usage_of(session, BOOKS, bob, now())).budgets[0].spent == 9
    await town.execute("UPDATE spendings SET at = now() - interval '32 days'")
    await LanguageModelJobs(town.sessions, None).forget_spenders(ForgetSpenders())
    assert await town.fetch("SELECT user_id, cost FROM spendings") == [(None, 9)]


async def test_what_is_no_price_and_no_budget_changes_nothing(town: Town) -> None:
    await set_up(town)
    async with town.sessions() as session:
        for price in (replace(BIG, input=Decimal("NaN")), replace(BIG, output=Decimal(-1)), replace(BIG, model=" ")):
            with pytest.raises(InvalidInputError):
                await models.set_price(session, price, actor="alice")
        with pytest.raises(InvalidInputError):
            await models.set_price(session, replace(BIG, currency="bucks"), actor="alice")
        with pytest.raises(ConflictError, match="in USD"):
            await models.set_price(session, replace(BIG, currency="EUR"), actor="alice")
        for budget in (
            per_user("-1"),
            Budget(Per.BOT, DAY, Decimal(1), subject=1),
            Budget(Per.INSTALLATION, DAY, Decimal(1), bot_id=town.bot.id),
            Budget(Per.CHAT, DAY, Decimal(1), subject=5),
        ):
            with pytest.raises(InvalidInputError):
                await models.set_budget(session, budget, actor="alice")
        with pytest.raises(NotFoundError):
            await models.remove_budget(session, Per.USER, None, None, actor="alice")
        with pytest.raises(NotFoundError):
            await models.remove_price(session, "", "big-2", actor="alice")
    assert await town.fetch("SELECT count(*) FROM budgets") == [(0,)]


def test_the_nearest_price_holds_and_cached_tokens_have_their_own() -> None:
    own = replace(BIG, provider="openai", input=Decimal(3))
    prices = [BIG, own]
    assert price_of(prices, "openai", "big") == price_of(prices, "openai", "big-2026-08-01") == own
    assert price_of(prices, "other", "big-20260801") == BIG
    assert price_of(prices, "other", "bigger") is None
    assert cost_of(BIG, Tokens(3, 2, 1)) == 1 + 1 + 2
    assert cost_of(replace(BIG, cached=None), Tokens(3, 2, 1)) == 3 + 2
    assert cost_of(replace(BIG, cached=Decimal(0)), Tokens(3, 3, 0)) == 0
    assert cost_of(replace(BIG, minute=Decimal("0.005")), Tokens(seconds=7)) == Decimal("0.000583333333")


def test_who_is_named_comes_before_each_and_scopes_add_up() -> None:
    each, bobs, here = per_user("1"), per_user("2", subject=7), per_user("3", bot_id=5)
    bots, bot = Budget(Per.BOT, DAY, Decimal(1)), Budget(Per.BOT, DAY, Decimal(9), bot_id=5)
    group = Budget(Per.CHAT, DAY, Decimal(1))
    everything = [bobs, each, here, bot, bots, group]
    for given in (everything, everything[::-1]):
        assert set(bounding(given, Spender(5, None, 7))) == {bobs, here, bot}
        assert set(bounding(given, Spender(6, -1, 8))) == {each, bots, group}
    assert bounding(everything, Spender()) == []


def test_days_and_months_begin_by_the_clock_of_the_place() -> None:
    moscow, late = ZoneInfo("Europe/Moscow"), datetime(2026, 12, 31, 22, 30, tzinfo=UTC)
    assert begin_of(DAY, late, moscow) == begin_of(MONTH, late, moscow) == datetime(2026, 12, 31, 21, tzinfo=UTC)
    assert end_of(MONTH, late, moscow) == datetime(2027, 1, 31, 21, tzinfo=UTC)
    berlin, before = ZoneInfo("Europe/Berlin"), datetime(2026, 10, 25, 12, tzinfo=UTC)
    assert end_of(DAY, before, berlin) - begin_of(DAY, before, berlin).astimezone(UTC) == timedelta(hours=25)


async def test_numbers_stay_exact(town: Town) -> None:
    await set_up(town)
    async with town.sessions.begin() as session:
        assert [each.input for each in await models.list_prices(session)] == [Decimal(1_000_000), Decimal("0.1")]
        assert (await session.scalar(text("SELECT input::text FROM model_prices WHERE model = 'small'"))) == "0.1"


async def test_work_that_nobody_asked_for_is_counted_too_and_bounded(town: Town) -> None:
    async with FakeProvider(models={"big": None}) as fake:
        access = ProviderAccess("openai", fake.url, "big", ModelProtocol.CHAT)
        client = connect(access)
        model = models.CountedModel(Providers([Provider(access, client)]), town.sessions, BOOKS, purpose="summary")
        request = Request((Message.user("Sum it up"),), max_output_tokens=9)
        await complete(model, request)
        assert await town.fetch("SELECT purpose, bot_id, cost FROM spendings") == [("summary", None, None)]
        await set_up(town, Budget(Per.INSTALLATION, DAY, Decimal(1)))
        await complete(model, request)
        assert model.bill is not None
        assert [(cost,) for cost in (None, model.bill.cost)] == await town.fetch(
            "SELECT cost FROM spendings ORDER BY at"
        )
        with pytest.raises(ModelUnavailableError):
            await complete(model, request)
        assert fake.calls == 2
        await client.close()
