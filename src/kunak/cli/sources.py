"""`kunak source …` and `kunak ingest`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kunak.cli.frame import data_dir_option, json_option, load_settings, run_with_kunak, run_work

if TYPE_CHECKING:
    from kunak.features.ingestion.schemas import Preview, Reading, Source
    from kunak.processes.bootstrap import Kunak
    from kunak.processes.lifetime import Lifetime

Command = TypeVar("Command", bound=Callable[..., Any])
_LONGEST_LINE = 100


def as_option(command: Command) -> Command:
    kinds = click.Choice(["feed", "page", "list", "sitemap", "telegram", "telegram-account"])
    return click.option("--as", "kind", type=kinds, help="What ADDRESS is [found out].")(command)


def robots_option(command: Command) -> Command:
    words = "Read what robots.txt forbids: you have the owner's leave."
    return click.option("--ignore-robots", is_flag=True, help=words)(command)


@click.group()
def source() -> None:
    """Channels, feeds and sites that are read again and again. NAME is a number, an @channel, an address or a title."""


@source.command()
@click.argument("address")
@as_option
@robots_option
@data_dir_option
def preview(address: str, kind: str | None, data_dir: Path | None, *, ignore_robots: bool) -> None:
    """Print as JSON what would be read at ADDRESS, or in a saved file; nothing is kept."""
    from kunak.features.ingestion.schemas import Wish
    from kunak.processes.commands.sources import preview_by_account, preview_source, preview_to_json

    wish = Wish(kind=kind, ignore_robots=ignore_robots)
    if kind == "telegram-account":
        seen = run_with_kunak(data_dir, lambda kunak: preview_by_account(kunak, address, wish))
    else:
        settings = load_settings(data_dir=data_dir)
        seen = run_work(lambda _: preview_source(settings, address, wish))
    click.echo(json.dumps(preview_to_json(seen), ensure_ascii=False, indent=2))


@source.command()
@click.argument("address")
@as_option
@click.option("--title", help="What people call it [its own title].")
@click.option("--every", type=click.IntRange(1), help="Minutes between two readings [as often as it changes].")
@click.option("--keep-days", type=click.IntRange(1), help="Forget what was published longer ago [never].")
@click.option("--backfill", type=click.IntRange(0), help="Older posts of a channel to fetch at first [1000].")
@robots_option
@json_option
@data_dir_option
def add(
    address: str,
    *,
    kind: str | None,
    title: str | None,
    every: int | None,
    keep_days: int | None,
    backfill: int | None,
    data_dir: Path | None,
    ignore_robots: bool,
    as_json: bool,
) -> None:
    """Read ADDRESS from now on: @channel, t.me/channel, a feed, a site, or a file (result.json, *.jsonl).

    A first look is taken at once, so that a typing error is seen at once.
    """
    from kunak.features.ingestion.schemas import Wish
    from kunak.processes.commands.sources import add_source, preview_to_json, source_to_json

    wish = Wish(kind, title, every, keep_days, backfill, ignore_robots)
    added, seen = run_with_kunak(data_dir, lambda kunak: add_source(kunak, address, wish))
    if as_json:
        line = {"source": source_to_json(added), "preview": preview_to_json(seen)}
        click.echo(json.dumps(line, ensure_ascii=False))
        return
    click.echo(f"{added.title} is source {added.id} ({_kind(added)}).")
    _say_preview(seen)


@source.command(name="list")
@json_option
@data_dir_option
def list_(data_dir: Path | None, *, as_json: bool) -> None:
    """Show the sources and how they are."""
    from kunak.processes.commands.sources import list_sources, source_to_json

    found = run_with_kunak(data_dir, list_sources)
    if as_json:
        click.echo(json.dumps([source_to_json(each) for each in found], ensure_ascii=False))
    elif not found:
        click.echo("There is no source yet. `kunak source add @channel` adds one.")
    for each in [] if as_json else found:
        click.echo(_line(each))


@source.command()
@click.argument("name")
@json_option
@data_dir_option
def show(name: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Show one source: schedule, health, counters."""
    from kunak.processes.commands.sources import find_source, source_to_json

    found = run_with_kunak(data_dir, lambda kunak: find_source(kunak, name))
    if as_json:
        click.echo(json.dumps(source_to_json(found), ensure_ascii=False))
    else:
        _say_source(found)


@source.command()
@click.argument("name")
@json_option
@data_dir_option
def pause(name: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Stop reading; what was read stays."""
    from kunak.processes.commands.sources import pause_source, source_to_json

    paused = run_with_kunak(data_dir, lambda kunak: pause_source(kunak, name))
    words = f"{paused.title} is paused. `kunak source resume {paused.id}` goes on."
    click.echo(json.dumps(source_to_json(paused), ensure_ascii=False) if as_json else words)


@source.command()
@click.argument("name")
@json_option
@data_dir_option
def resume(name: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Read on, beginning at once."""
    from kunak.processes.commands.sources import resume_source, source_to_json

    resumed = run_with_kunak(data_dir, lambda kunak: resume_source(kunak, name))
    words = f"{resumed.title} is read again."
    click.echo(json.dumps(source_to_json(resumed), ensure_ascii=False) if as_json else words)


@source.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@data_dir_option
def remove(name: str, data_dir: Path | None, *, yes: bool, as_json: bool) -> None:
    """Forget a source with all its documents."""
    from kunak.processes.commands.sources import find_source, remove_source

    if not yes:
        found = run_with_kunak(data_dir, lambda kunak: find_source(kunak, name))
        click.confirm(f"{found.title} is forgotten with all its documents. Remove it?", abort=True)
    removed, documents = run_with_kunak(data_dir, lambda kunak: remove_source(kunak, name))
    line = {"removed": removed.id, "title": removed.title, "documents": documents}
    words = f"{removed.title} is removed, and {documents} documents with it."
    click.echo(json.dumps(line, ensure_ascii=False) if as_json else words)


@source.command()
@click.argument("name")
@json_option
@data_dir_option
def run(name: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Read a source now, due or not."""
    from kunak.processes.commands.sources import reading_to_json, run_source

    found, reading = run_with_kunak(data_dir, lambda kunak: run_source(kunak, name))
    if as_json:
        click.echo(json.dumps(reading_to_json(found, reading), ensure_ascii=False))
    else:
        click.echo(f"{found.title}: {_say_reading(reading)}")
    if reading.error is not None:
        raise SystemExit(1)


@click.command()
@click.option("--watch", is_flag=True, help="Go on until Ctrl-C, in place of ending when nothing is due.")
@json_option
@data_dir_option
def ingest(data_dir: Path | None, *, watch: bool, as_json: bool) -> None:
    """Read every source that is due, and show how it goes. Ctrl-C at any point loses nothing."""
    from kunak.cli.ingest_table import show_ingesting
    from kunak.processes.commands.sources import ingest as read_due

    settings = load_settings(data_dir=data_dir)

    async def work(lifetime: "Lifetime") -> "dict[int, Reading]":
        from kunak.processes.bootstrap import open_kunak
        from kunak.processes.database import open_database

        async with (
            open_database(settings, briefly=True) as database,
            open_kunak(settings, database_url=database.url) as kunak,
        ):
            return await _watched(kunak, lifetime)

    async def _watched(kunak: "Kunak", lifetime: "Lifetime") -> "dict[int, Reading]":
        with show_ingesting(quiet=as_json) as report, lifetime.serving():
            return await read_due(kunak, report=report, watch=watch, stop=lifetime.stop)

    done = run_work(work)
    totals = _totals(done)
    click.echo(json.dumps(totals) if as_json else _say_totals(totals))


def _totals(done: "dict[int, Reading]") -> dict[str, int]:
    readings = list(done.values())
    return {
        "sources": len(readings),
        "added": sum(each.stored.added for each in readings),
        "changed": sum(each.stored.changed for each in readings),
        "unchanged": sum(each.stored.unchanged for each in readings),
        "removed": sum(each.removed for each in readings),
        "failed": sum(each.error is not None for each in readings),
    }


def _say_totals(totals: dict[str, int]) -> str:
    if not totals["sources"]:
        return "Nothing is due."
    counts = ", ".join(f"{totals[name]} {name}" for name in ("added", "changed", "unchanged", "removed"))
    failed = f"; {totals['failed']} could not be read, `kunak source list` says why" if totals["failed"] else ""
    return f"{totals['sources']} sources: {counts}{failed}."


def _kind(found: "Source") -> str:
    return f"{found.kind}, {found.options.mode}" if found.options.mode else str(found.kind)


def _line(found: "Source") -> str:
    state = found.error or (f"{found.counters.added} documents came in" if found.succeeded_at else "not read yet")
    if found.state != "active":
        state = f"{found.state}; {state}"
    return f"{found.id:>4}  {_kind(found):<15}  {found.title}  {state}"


def _say_source(found: "Source") -> None:
    every = f"every {round(found.every.total_seconds() / 60)} minutes" if found.every else "as often as it changes"
    rows = {
        "Title": f"{found.title} (source {found.id})",
        "Address": found.address or "came in a file",
        "Kind": _kind(found),
        "State": found.state,
        "Schedule": f"{every}, now every {round(found.interval.total_seconds() / 60)} minutes",
        "Kept for": f"{found.keep_days} days" if found.keep_days else "ever",
        "Next reading": found.next_at and f"{found.next_at.astimezone():%Y-%m-%d %H:%M:%S}",
        "Last success": found.succeeded_at and f"{found.succeeded_at.astimezone():%Y-%m-%d %H:%M:%S}",
        "Error": found.error and f"{found.error} ({found.failures} in a row{_say_since(found)})",
        "Came in": f"{found.counters.added} new, {found.counters.changed} changed, {found.counters.removed} removed; "
        f"{found.counters.failed} failures",
        "Notes": " ".join(found.notes),
    }
    for name, value in rows.items():
        if value:
            click.echo(f"{name:<13} {value}")


def _say_since(found: "Source") -> str:
    return f", since {found.failing_since.astimezone():%Y-%m-%d %H:%M:%S}" if found.failing_since else ""


def _say_preview(seen: "Preview") -> None:
    for note in seen.contents.notes:
        click.echo(f"  Note: {note}")
    for post in seen.contents.posts[:3]:
        words = " ".join((post.title or post.text).split())
        when = f"{post.time:%Y-%m-%d %H:%M}" if post.time else "no date"
        click.echo(f"  {when}  {words[:_LONGEST_LINE]}")


def _say_reading(reading: "Reading") -> str:
    stored = reading.stored
    counts = f"{stored.added} added, {stored.changed} changed, {stored.unchanged} unchanged, {reading.removed} removed"
    return f"{counts}. {reading.error}" if reading.error else counts
