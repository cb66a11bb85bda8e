"""Write the pages that only repeat the code: settings, commands, jobs, metrics, and the pictures of the house.

`--check` changes nothing and ends with 1 when a page is not what the code says.
"""

import argparse
import re
import sys
from collections.abc import Iterable, Iterator
from configparser import ConfigParser
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import click
from prometheus_client.metrics import MetricWrapperBase
from pydantic import AliasChoices
from pydantic.fields import FieldInfo

from kunak.cli import main as cli
from kunak.foundation.jobs.job import Job
from kunak.foundation.observability import metrics
from kunak.foundation.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "kunak"
WRITTEN_BY = "<!-- Written by scripts/write_references.py; change the code, then run it. -->"
_PICTURE = re.compile(r"(?<=<!-- picture: )(?P<name>[\w-]+) -->\n.*?(?=<!-- end of picture -->)", re.DOTALL)


def pages() -> dict[Path, str]:
    """Every page that is written here, with the text it should have."""
    docs = ROOT / "docs"
    architecture = docs / "architecture.md"
    return {
        docs / "settings.md": settings_page(),
        docs / "commands.md": commands_page(),
        docs / "jobs.md": jobs_page(),
        docs / "metrics.md": metrics_page(),
        architecture: draw_pictures(architecture.read_text()),
    }


def settings_page() -> str:
    rows = [
        [f"`{_variable(name, each)}`", _default(each), each.description or ""]
        for name, each in Settings.model_fields.items()
    ]
    return _page(
        "Settings",
        "Each is a variable of the environment, or a line `NAME=value` of a file `.env` in the folder where Kunak is "
        "started; the environment wins over the file, an option of a command over both. They are read once, at the "
        "start.",
        _table(["Name", "As shipped", "What it does"], rows),
    )


def _variable(name: str, setting: FieldInfo) -> str:
    if isinstance(setting.validation_alias, AliasChoices):
        return "`, `".join(str(choice) for choice in setting.validation_alias.choices)
    return f"KUNAK_{name.upper()}"


def _default(setting: FieldInfo) -> str:
    return "–" if setting.default in (None, "") else f"`{setting.default}`"


def commands_page() -> str:
    return _page(
        "Commands",
        "What `--help` says of each.",
        *_helps(cli, click.Context(cli, info_name="kunak", **cli.context_settings)),
    )


def _helps(command: click.Command, context: click.Context) -> Iterator[str]:
    context.terminal_width = context.max_content_width = 100
    yield f"## {context.command_path}\n\n```text\n{command.get_help(context)}\n```"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.commands[name]
            yield from _helps(inner, click.Context(inner, info_name=name, parent=context))


def jobs_page() -> str:
    return _page(
        "Jobs",
        "Work that is written down in the transaction that decided it, and done after it. A job runs at least once: "
        "doing it twice does no harm. One that fails is tried again with growing pauses; one that is given up is held.",
        _table(["Job", "Queue", "Fields", "What it does"], [_job_row(job) for job in find_jobs()]),
    )


def _job_row(job: type[Job]) -> list[str]:
    return [f"`{job.__name__}`", f"`{job.queue}`", _codes(field.name for field in fields(job)), _sentence(job.__doc__)]


def find_jobs() -> list[type[Job]]:
    """Every kind of job in the product, by queue and name."""
    for file in sorted(SOURCE.rglob("*.py")):
        if "(Job):" in file.read_text():
            import_module(".".join(file.relative_to(SOURCE.parent).with_suffix("").parts))
    ours = [job for job in Job.__subclasses__() if job.__module__.startswith("kunak.")]
    return sorted(ours, key=lambda job: (job.queue, job.__name__))


def metrics_page() -> str:
    ours = [each for each in vars(metrics).values() if isinstance(each, MetricWrapperBase)]
    return _page(
        "Metrics",
        "At `/metrics` of every process, in Prometheus' text format; beside these stand the usual ones of the Python "
        "process.",
        _table(["Name", "Kind", "Labels", "What it counts"], sorted(_metric_row(each) for each in ours)),
    )


def _metric_row(metric: MetricWrapperBase) -> list[str]:
    [described] = metric.describe()
    name = described.name + ("_total" if described.type == "counter" else "")
    labels = metric._labelnames  # noqa: SLF001  the library tells labels nowhere else
    return [f"`{name}`", described.type, _codes(labels), described.documentation]


def draw_pictures(page: str) -> str:
    """`page` with each of its pictures, between their marks, drawn anew from the contracts."""
    return _PICTURE.sub(lambda found: f"{found['name']} -->\n```mermaid\n{draw(found['name'])}```\n", page)


def draw(contract: str) -> str:
    """The layers of a contract as a flowchart: arrows point to what may be known; dashed rooms are not built yet."""
    lines = ["flowchart TB", "    classDef planned stroke-dasharray: 4 4,fill:none"]
    layers = list(_layers(contract))
    for number, layer in enumerate(layers):
        lines += [f'    subgraph layer{number}[" "]', "        direction TB"]
        lines += [f"        {_room(room)}" for room in layer]
        lines.append("    end")
    lines += [f"    layer{number} --> layer{number + 1}" for number in range(len(layers) - 1)]
    return "\n".join(lines) + "\n"


def _room(room: str) -> str:
    name = room.strip("()")
    return f'{name.strip("_")}["{name}"]' + (":::planned" if room.startswith("(") else "")


def _layers(contract: str) -> Iterator[list[str]]:
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter")
    for line in contracts[f"importlinter:contract:{contract}"]["layers"].split("\n"):
        if line.strip():
            yield [room.strip() for room in line.split("|")]


def _page(title: str, *paragraphs: str) -> str:
    return "\n\n".join([WRITTEN_BY, f"# {title}", *paragraphs]) + "\n"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "–"


def _sentence(text: str | None) -> str:
    return " ".join((text or "").split())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    only_check = parser.parse_args().check
    stale = [path for path, content in pages().items() if not path.exists() or path.read_text() != content]
    for path in stale:
        print(path.relative_to(ROOT), "is not what the code says" if only_check else "is written anew")
        if not only_check:
            path.write_text(pages()[path])
    return int(only_check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
