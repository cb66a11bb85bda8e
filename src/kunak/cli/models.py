"""`kunak model …`: the language models that can be had."""

import json
from typing import TYPE_CHECKING

import click

from kunak.cli.frame import json_option, load_settings, run_work
from kunak.foundation.errors import RetryableError

if TYPE_CHECKING:
    from kunak.processes.commands.models import Offer


@click.group()
def model() -> None:
    """Language models: what the providers of the settings offer."""


@model.command(name="list")
@json_option
def list_(*, as_json: bool) -> None:
    """Show the models that each provider offers now, the one in use marked, and when one is shut down."""
    from kunak.processes.commands.models import list_offers

    settings = load_settings()
    offers = run_work(lambda _: list_offers(settings))
    for offer in offers:
        click.echo(json.dumps(_to_json(offer)) if as_json else _in_words(offer))
    if all(offer.trouble for offer in offers):
        raise RetryableError("No provider told its models.")


def _to_json(offer: "Offer") -> dict[str, object]:
    models = [{"id": each.id, "shutdown_date": str(each.shutdown_date or "") or None} for each in offer.models]
    return {"provider": offer.provider, "in_use": offer.in_use, "models": models, "trouble": offer.trouble or None}


def _in_words(offer: "Offer") -> str:
    if offer.trouble:
        return f"{offer.provider}: {offer.trouble}"
    lines = [f"{offer.provider}: {len(offer.models)} models"]
    for each in offer.models:
        ends = f"  shut down on {each.shutdown_date}" if each.shutdown_date else ""
        lines.append(f"{'*' if each.id == offer.in_use else ' '} {each.id}{ends}")
    if offer.in_use not in {each.id for each in offer.models}:
        lines.append(f"* {offer.in_use}  in use, and not in this list")
    return "\n".join(lines)
