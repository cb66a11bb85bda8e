"""The worker knows what to do with every job there is."""

import asyncio
from pathlib import Path

from kunak.features.ingestion.jobs import IngestionJobs
from kunak.features.messaging.service import Stops
from kunak.foundation.jobs.job import Job
from kunak.foundation.settings import Settings
from kunak.processes.bootstrap import open_kunak
from kunak.processes.outside import open_outside
from kunak.processes.worker import create_handlers


async def test_every_job_has_a_handler(tmp_path: Path) -> None:
    async with open_kunak(
        Settings(data_dir=tmp_path / "data"), database_url="postgresql://nobody@127.0.0.1:9/x"
    ) as kunak:
        handlers = create_handlers(kunak, Stops(kunak.sessions, kunak.dsn))
        async with open_outside(kunak.settings) as outside:
            IngestionJobs(kunak.sessions, outside, asyncio.Event()).register(handlers)  # of the process `ingest`
        handled = handlers.job_types
    assert {job for job in Job.__subclasses__() if job.__module__.startswith("kunak.")} == handled
