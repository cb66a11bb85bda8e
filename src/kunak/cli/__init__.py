"""Every command. Thin: options in, one function called, words out.

Each command imports what it needs when it runs, so that `kunak --help` answers at once.
"""

import click

from kunak import __version__
from kunak.cli import bots, evaluate, feedback, keys, knowledge, messages, models, money, serving, sources, telegram
from kunak.cli.frame import KunakGroup


@click.group(cls=KunakGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="kunak")
def main() -> None:
    """Kunak: a self-hosted platform for Telegram communities.

    Settings come from the environment and from a file .env; `kunak doctor` shows what is in force.
    """


for command in (
    serving.up,
    serving.run_process,
    serving.migrate,
    serving.doctor,
    knowledge.import_documents,
    knowledge.ask,
    knowledge.understand,
    knowledge.search,
    sources.source,
    sources.ingest,
    telegram.telegram,
    bots.bot,
    messages.messages,
    feedback.feedback,
    messages.alerts,
    messages.jobs,
    models.model,
    money.price,
    money.budget,
    money.usage,
    keys.key,
    evaluate.evaluate,
):
    main.add_command(command)
