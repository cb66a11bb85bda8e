"""The process that receives: webhooks under `/bot/…`, or long polling. It writes the inbox, and nothing else."""

import asyncio

from starlette.applications import Starlette

from kunak.features.messaging.bot import Polling, Webhook
from kunak.processes.bootstrap import Kunak
from kunak.processes.health import health_routes


def create_app(kunak: Kunak) -> Starlette:
    webhook = Webhook(kunak.ledger, kunak.directory)
    return Starlette(routes=[*webhook.routes(), *health_routes(kunak)])


async def run(kunak: Kunak, stop: asyncio.Event) -> None:
    """Poll for the bots that have no webhook, until `stop`."""
    await Polling(kunak.ledger, kunak.directory, kunak.telegram, kunak.dsn).run(stop)
