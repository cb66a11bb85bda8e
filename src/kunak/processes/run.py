"""`kunak run …`: one process by itself, as many times as one likes, on as many machines."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from kunak.foundation.settings import Settings
from kunak.processes.assembly import Background, import_one
from kunak.processes.database import open_database
from kunak.processes.lifetime import Lifetime, run_together
from kunak.processes.one_port import for_own_hosts, listen, serve, web_address

PORTS: dict[str, int | None] = {"api": 3001, "bot": 3002, "web": 3000, "worker": None, "ingest": None}
"""Where each answers when nothing else is said; None: nowhere."""
GRACE_S = 8.0  # systems give a process ten seconds to stop


async def run_alone(
    name: str,
    settings: Settings,
    lifetime: Lifetime,
    *,
    assembly: str,
    port: int | None,
    on_ready: Callable[[str | None], None],
) -> None:
    """Runs the process until the lifetime ends; `on_ready` is told where it answers, if it does.

    Raises:
        KunakError: it cannot start; the sentence names the cause and a way out.
    """
    port = PORTS[name] if port is None else port
    with ExitStack() as stack:
        listening = None if port is None else stack.enter_context(listen(settings.host, port))
        opener = await asyncio.to_thread(import_one, assembly)
        async with open_database(settings) as database, opener.open_part(name, settings, database.url) as part:
            works: list[Background] = [database.supervise, *part.background]
            if listening:
                app, proxies = for_own_hosts(part.app, settings), settings.trusted_proxies
                works.append(partial(serve, app, listening, trusted_proxies=proxies))
            with lifetime.serving():
                on_ready(web_address(listening) if listening else None)
                await run_together(lifetime.stop, works, grace_s=GRACE_S)
