"""The database of a run: the one of DATABASE_URL, else the embedded one; migrated either way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from kunak.foundation.db.embedded import EmbeddedPostgres, embedded_postgres
from kunak.foundation.db.engine import create_engine
from kunak.foundation.db.migrate import current_revision, newest_revision, upgrade
from kunak.foundation.db.reach import check_answers
from kunak.foundation.settings import Settings


@dataclass(frozen=True)
class Database:
    """`url` is `postgresql://…` with its password."""

    url: str
    embedded: EmbeddedPostgres | None

    async def supervise(self, stop: asyncio.Event) -> None:
        """Keeps the embedded server alive until `stop`; a server of the user's own is theirs to keep."""
        if self.embedded:
            await self.embedded.supervise(stop)


@asynccontextmanager
async def open_database(settings: Settings, *, briefly: bool = False) -> AsyncIterator[Database]:
    """Ready to use for the block; the embedded server is started when it does not run, and stopped after its last user.

    `briefly`: for a short command, which looks for migrations only when the database is not at the newest.

    Raises:
        KunakError: it cannot be used; the sentence names the cause and a way out.
    """
    async with open_server(settings) as database:
        await migrate(database.url, only_if_behind=briefly)
        yield database


@asynccontextmanager
async def open_server(settings: Settings) -> AsyncIterator[Database]:
    """As `open_database`, with the tables left as they are."""
    if settings.database_url:
        url = settings.database_url.get_secret_value()
        await check_answers(url)
        yield Database(url, embedded=None)
        return
    async with embedded_postgres(settings.data_dir) as server:
        yield Database(server.url, server)


async def migrate(url: str, *, only_if_behind: bool = False) -> None:
    """Brings the tables, and those of the job queue, to what this version needs."""
    engine = create_engine(url, pool_size=1, name="kunak-migrate")
    try:
        if only_if_behind and await current_revision(engine) == newest_revision():
            return
        from kunak.foundation.jobs.queue import install_queue  # noqa: PLC0415  costly to import, seldom needed

        await upgrade(engine)
        await install_queue(engine)
    finally:
        await engine.dispose()
