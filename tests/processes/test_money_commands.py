"""`kunak price …`, `kunak budget …`, `kunak usage` and `kunak bot model` from the outside."""

import json

import pytest
from tests.features.messaging.conftest import Town, town
from tests.processes.conftest import Command

__all__ = ["town"]


@pytest.fixture
def run(command: Command, town: Town, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("KUNAK_MODEL_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("KUNAK_MODEL_NAME", "big")
    return command


async def test_alice_sets_a_price_and_budgets_and_takes_them_back(run: Command, town: Town) -> None:
    code, said = await run("budget", "set", "--per", "user", "--day", "0,50", "--month", "5")
    assert (code, said.splitlines()[:2]) == (0, ["each user: 0.50 USD a day", "each user: 5 USD a month"])
    assert "big has no price: with a budget it is not asked" in said
    assert await run("price", "set", "big", "--input", "0.4", "--cached", "0.1", "--output", "1.6") == (
        0,
        "big: input 0.4, cached 0.1, output 1.6 USD a million tokens\n",
    )
    assert await run("price", "set", "whisper-1", "--minute", "0,006") == (0, "whisper-1: 0.006 USD a minute\n")
    code, said = await run("budget", "set", "--per", "user", "--user", "7", "--bot", "friend_bot", "--day", "0")
    assert (code, said.splitlines()[-1]) == (0, "user 7 with @friend_bot: 0 USD a day")
    assert await run("budget", "remove", "--per", "user") == (0, "Budgets removed: 2.\n")
    [left] = json.loads((await run("budget", "list", "--json"))[1])
    assert (left["per"], left["subject"], left["amount"]) == ("user", 7, "0")
    assert (await run("bot", "model", "friend_bot", "fine", "--cheaper", "big"))[1].startswith(
        "model: fine; cheaper: big\nWhether 127.0.0.1:9 offers this is not known: "
    )
    await town.execute(
        "INSERT INTO spendings (id, bot_id, user_id, purpose, provider, model, tokens_in, tokens_cached, tokens_out, "
        "cost, currency, is_estimated) VALUES (gen_random_uuid(), :bot, 7, 'answer', 'here', 'big', 1000, 0, 50, "
        "0.00048, 'USD', true)",
        bot=town.bot.id,
    )
    assert (await run("usage", "--by", "user"))[1] == (
        "7: 0.00048 USD, 1 call, 1,000 tokens in (0 cached), 50 out, 1 estimated\n"
    )


@pytest.mark.parametrize(
    "given",
    [
        "price set big --input much --output 1",
        "price set big --input 1 --output 1 --minute 1",
        "budget set --per bot --user 7 --day 1",
    ],
)
async def test_what_is_wrong_is_said_in_a_sentence(run: Command, given: str) -> None:
    code, said = await run(*given.split())
    assert code in (1, 2)
    assert said.startswith("Error: ")
    assert said.count("\n") == 1
