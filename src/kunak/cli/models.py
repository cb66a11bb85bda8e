"""`kunak model …`: the language models that can be had."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kunak.cli.frame import data_dir_option, json_option, load_settings, run_on_database, run_work
from kunak.foundation.errors import RetryableError

if TYPE_CHECKING:
    from kunak.processes.commands.models import Offer


@click.group()
def model() -> None:
    """Language models: what the providers of the settings offer."""


@model.command(name="list")
@json_option
@data_dir_option
def list_(data_dir: Path | None, *, as_json: bool) -> None:
    """Show the models that each provider offers now, those in use marked, and when one is shut down."""
    from kunak.processes.commands.models import list_offers, with_chosen

    settings = load_settings(data_dir=data_dir)
    offers = run_work(lambda _: list_offers(settings))
    offers = run_on_database(settings, lambda sessions: with_chosen(sessions, offers))
    for offer in offers:
        click.echo(json.dumps(_to_json(offer)) if as_json else _in_words(offer))
    if all(offer.trouble for offer in offers):
        raise RetryableError("No provider told its models.")


def _to_json(offer: "Offer") -> dict[str, object]:
    models = [{"id": each.id, "shutdown_date": str(each.shutdown_date or "") or None} for each in offer.models]
    return {
        "provider": offer.provider,
        "in_use": offer.in_use,
        "chosen": offer.chosen,
        "models": models,
        "trouble": offer.trouble or None,
    }


def _in_words(offer: "Offer") -> str:
    if offer.trouble:
        return f"{offer.provider}: {offer.trouble}"
    used = {offer.in_use: "", **{name: f"  chosen for {', '.join(bots)}" for name, bots in offer.chosen.items()}}
    lines = [f"{offer.provider}: {len(offer.models)} model{'' if len(offer.models) == 1 else 's'}"]
    for each in offer.models:
        ends = f"  shut down on {each.shutdown_date}" if each.shutdown_date else ""
        lines.append(f"{'*' if each.id in used else ' '} {each.id}{used.get(each.id, '')}{ends}")
    listed = {each.id for each in offer.models}
    lines += [f"* {name}{words}  in use, and not in this list" for name, words in used.items() if name not in listed]
    return "\n".join(lines)
