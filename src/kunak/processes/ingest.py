"""The process that reads sources. Files are imported by command so far; it keeps word frequencies fresh."""

import asyncio
import logging

from kunak.features.search import service as search
from kunak.foundation.clock import sleep_unless
from kunak.processes.bootstrap import Kunak

log = logging.getLogger(__name__)

_EVERY_S = 60.0


async def run(kunak: Kunak, stop: asyncio.Event) -> None:
    """Count words anew when the index has grown, until `stop`."""
    while not stop.is_set():
        try:
            async with kunak.sessions.begin() as session:
                await search.refresh_lexicon(session)
        except Exception as error:  # noqa: BLE001  the database may be away; the next round tries again
            log.warning("ingest: word frequencies were not refreshed (%s)", type(error).__name__)
        await sleep_unless(_EVERY_S, stop)
