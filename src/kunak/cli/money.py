"""`kunak price …`, `kunak budget …`, `kunak usage`, `kunak bot model`."""

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kunak.cli.frame import data_dir_option, json_option, run_with_kunak
from kunak.foundation.errors import InvalidInputError

if TYPE_CHECKING:
    from kunak.features.language_models.schemas import Price, UsageLine
    from kunak.processes.commands.money import Scope

_PER = ("user", "chat", "bot", "installation")
NUMBER = click.IntRange(-(2**63), 2**63 - 1)


@click.group()
def price() -> None:
    """What language models cost; nothing is built in."""


@price.command(name="set")
@click.argument("model")
@click.option("--input", "input_", metavar="AMOUNT", help="A million tokens that go to the model.")
@click.option("--cached", metavar="AMOUNT", help="Of those, such as the provider remembers [as any other].")
@click.option("--output", metavar="AMOUNT", help="A million tokens that the model writes.")
@click.option("--minute", metavar="AMOUNT", help="A minute of sound, of a model that writes down what is said.")
@click.option("--currency", default="USD", show_default=True, help="Three capital letters; one for all prices.")
@click.option("--provider", default="", help="Only where this provider runs it, named as `kunak doctor` does.")
@data_dir_option
def set_(model: str, **given: object) -> None:
    """Say what MODEL costs, for a million tokens or by the minute; 0 for one that costs nothing."""
    from kunak.processes.commands.money import set_price

    price_ = _price_in(model, given)
    run_with_kunak(_folder(given), lambda kunak: set_price(kunak, price_))
    click.echo(_price_line(price_))


@price.command(name="list")
@json_option
@data_dir_option
def list_prices(data_dir: Path | None, *, as_json: bool) -> None:
    """Show the prices, and models in use that have none."""
    from kunak.processes.commands.money import list_prices as find

    prices, unpriced = run_with_kunak(data_dir, find)
    if as_json:
        click.echo(json.dumps([{k: _plain(v) for k, v in dataclasses.asdict(each).items()} for each in prices]))
        return
    for each in prices:
        click.echo(_price_line(each))
    for words in unpriced:
        click.echo(words)


@price.command(name="remove")
@click.argument("model")
@click.option("--provider", default="", help="The price that holds for this provider alone.")
@data_dir_option
def remove_price(model: str, provider: str, data_dir: Path | None) -> None:
    """Forget what MODEL costs; what was counted stays."""
    from kunak.processes.commands.money import remove_price as remove

    run_with_kunak(data_dir, lambda kunak: remove(kunak, provider, model))
    click.echo(f"{model} has no price any more.")


@click.group()
def budget() -> None:
    """What may be spent on language models; none is set to begin with."""


per_option = click.option("--per", type=click.Choice(_PER), required=True, help="Whose spending is bounded.")
bot_option = click.option("--bot", metavar="NAME", help="Counted with this bot alone [with all together].")
user_option = click.option("--user", type=NUMBER, metavar="ID", help="For this user, not for each.")
chat_option = click.option("--chat", type=NUMBER, metavar="ID", help="For this group, not for each.")


@budget.command(name="set")
@per_option
@bot_option
@user_option
@chat_option
@click.option("--day", metavar="AMOUNT", help="For a day; 0: no model is asked.")
@click.option("--month", metavar="AMOUNT", help="For a calendar month.")
@data_dir_option
def set_budget(day: str | None, month: str | None, **scope: object) -> None:
    """Bound what is spent in a day, in a month, or in both; in the currency of the prices."""
    from kunak.features.language_models.schemas import BudgetPeriod
    from kunak.processes.commands.money import read_amount, set_budgets

    given = {BudgetPeriod.DAY: day, BudgetPeriod.MONTH: month}
    amounts = {period: read_amount(amount) for period, amount in given.items() if amount is not None}
    if not amounts:
        raise InvalidInputError("Say how much: --day, --month, or both.")
    whose = _scope(scope)
    known, unpriced = run_with_kunak(_folder(scope), lambda kunak: set_budgets(kunak, whose, amounts))
    click.echo("\n".join(known))
    for words in unpriced:
        click.echo(words, err=True)


@budget.command(name="list")
@json_option
@data_dir_option
def list_budgets(data_dir: Path | None, *, as_json: bool) -> None:
    """Show the budgets."""
    from kunak.processes.commands.money import list_budgets as find

    words, budgets = run_with_kunak(data_dir, find)
    if as_json:
        click.echo(json.dumps([{k: _plain(v) for k, v in dataclasses.asdict(each).items()} for each in budgets]))
    else:
        click.echo("\n".join(words) or "There is no budget: nothing bounds what is spent.")


@budget.command(name="remove")
@per_option
@bot_option
@user_option
@chat_option
@data_dir_option
def remove_budget(**scope: object) -> None:
    """Lift a bound, of the day and of the month."""
    from kunak.processes.commands.money import remove_budgets

    whose = _scope(scope)
    removed = run_with_kunak(_folder(scope), lambda kunak: remove_budgets(kunak, whose))
    click.echo(f"Budgets removed: {removed}.")


@click.command()
@click.option("--by", type=click.Choice(("bot", "user", "model", "day")), default="bot", show_default=True)
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="The last, with today.")
@json_option
@data_dir_option
def usage(by: str, days: int, data_dir: Path | None, *, as_json: bool) -> None:
    """Show what was spent on language models."""
    from kunak.features.language_models.schemas import UsageBy
    from kunak.processes.commands.money import list_usage

    lines = run_with_kunak(data_dir, lambda kunak: list_usage(kunak, UsageBy(by), days))
    if as_json:
        click.echo(json.dumps([_usage_row(each) for each in lines], ensure_ascii=False))
    elif not lines:
        click.echo("No model was asked in this time.")
    for each in [] if as_json else lines:
        click.echo(_usage_line(each))


@click.command()
@click.argument("name")
@click.argument("model", required=False)
@click.option("--cheaper", metavar="MODEL", help="Asked instead when four fifths of a budget are spent; '' for none.")
@click.option("--default", "as_set", is_flag=True, help="The model of the settings again.")
@data_dir_option
def model(name: str, model: str | None, cheaper: str | None, *, as_set: bool, data_dir: Path | None) -> None:
    """Choose the MODEL of a bot, as the first provider names it; without it, show what is chosen."""
    from kunak.processes.commands.money import choose_model

    if as_set and model:
        raise InvalidInputError("Name a model, or say --default.")
    given = "" if as_set else model
    chosen, notes = run_with_kunak(data_dir, lambda kunak: choose_model(kunak, name, given, cheaper))
    click.echo(f"model: {chosen.model or 'the one of the settings'}; cheaper: {chosen.cheaper or 'none'}")
    for words in notes:
        click.echo(words)


def _price_in(model: str, given: dict[str, object]) -> "Price":
    from kunak.features.language_models.schemas import Price
    from kunak.processes.commands.money import read_amount

    names = {"input": "input_", "cached": "cached", "output": "output", "minute": "minute"}
    amounts = {name: read_amount(str(value)) for name, option in names.items() if (value := given[option]) is not None}
    if amounts.keys() != {"minute"} and amounts.keys() - {"cached"} != {"input", "output"}:
        raise InvalidInputError("Say --input and --output, of a model that answers, or --minute, of one that listens.")
    if "minute" in amounts:
        amounts |= dict.fromkeys(("input", "output"), read_amount("0"))
    return Price(model, **amounts, currency=str(given["currency"]).upper(), provider=str(given["provider"]))


def _scope(given: dict[str, object]) -> "Scope":
    from kunak.features.language_models.schemas import Per
    from kunak.processes.commands.money import Scope

    per, bot, user, chat = Per(str(given["per"])), given["bot"], given["user"], given["chat"]
    if (user is not None and per is not Per.USER) or (chat is not None and per is not Per.CHAT):
        raise InvalidInputError("--user goes with --per user, --chat with --per chat.")
    subject = user if user is not None else chat
    return Scope(per, None if bot is None else str(bot), subject if isinstance(subject, int) else None)


def _folder(given: dict[str, object]) -> Path | None:
    folder = given["data_dir"]
    return folder if isinstance(folder, Path) else None


def _price_line(each: "Price") -> str:
    cached = "" if each.cached is None else f", cached {each.cached:f}"
    where = f" of {each.provider}" if each.provider else ""
    if each.minute is not None:
        return f"{each.model}{where}: {each.minute:f} {each.currency} a minute"
    return f"{each.model}{where}: input {each.input:f}{cached}, output {each.output:f} {each.currency} a million tokens"


def _usage_line(line: "UsageLine") -> str:
    tokens = f"{line.tokens.input:,} tokens in ({line.tokens.cached:,} cached), {line.tokens.output:,} out"
    tokens += f", {line.tokens.seconds:,} s heard" if line.tokens.seconds else ""
    notes = [f"{line.unknown} of unknown cost"] if line.unknown else []
    notes += [f"{line.estimated} estimated"] if line.estimated else []
    calls = f"{line.calls} call{'' if line.calls == 1 else 's'}"
    return f"{line.name or '–'}: {line.cost:f} {line.currency}, {', '.join([calls, tokens, *notes])}"


def _usage_row(line: "UsageLine") -> dict[str, object]:
    row = {name: _plain(value) for name, value in vars(line).items() if name != "tokens"}
    tokens = {f"tokens_{name}": value for name, value in vars(line.tokens).items() if name != "seconds"}
    return row | tokens | {"seconds": line.tokens.seconds}


def _plain(value: object) -> object:
    """As JSON takes it; amounts as text, so that no digit is lost."""
    return value if value is None or isinstance(value, int | str) else f"{value:f}"
