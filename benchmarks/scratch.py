"""A migrated database of a benchmark's own, on the server of DATABASE_URL or on an embedded one; dropped at the end."""

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from kunak.foundation.db.embedded import embedded_postgres
from kunak.foundation.db.engine import create_engine
from kunak.foundation.db.migrate import upgrade
from kunak.foundation.db.scratch import scratch_database


@asynccontextmanager
async def scratch_engine(*, pool_size: int = 2) -> AsyncIterator[AsyncEngine]:
    async with AsyncExitStack() as stack:
        if not (server := os.environ.get("DATABASE_URL")):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
            folder.chmod(0o711)  # noqa: ASYNC240  the server is not root and must get in
            server = (await stack.enter_async_context(embedded_postgres(folder))).url
        engine = create_engine(await stack.enter_async_context(scratch_database(server)), pool_size=pool_size)
        stack.push_async_callback(engine.dispose)
        await upgrade(engine)
        yield engine
