"""The real PostgreSQL for every test: one server a run, a fresh migrated database a test."""

import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from kunak.foundation.db.engine import Sessions, create_engine, create_sessions
from kunak.foundation.db.migrate import upgrade
from kunak.foundation.helper import Helper
from kunak.foundation.jobs.queue import install_queue

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
IN_MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30  # noqa: S108  a folder of our own is made in it


def pytest_make_parametrize_id(val: object) -> str | None:
    """Packed bytes hold the time of packing: named by it, a test would have another name in each of two workers."""
    return f"{len(val)}_bytes" if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder others may pass through: as root the embedded server runs as another user, and tmp_path is closed.

    In memory where there is room: copying a database there takes a hundredth of a second, on a busy disk half of one.
    """
    with tempfile.TemporaryDirectory(prefix="kunak-tests-", dir=_in_memory()) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture(scope="session")
async def server_url(open_folder: Path) -> AsyncIterator[str]:
    """A PostgreSQL server: the one named by KUNAK_TEST_DATABASE_URL, else an embedded one."""
    if url := os.environ.get("KUNAK_TEST_DATABASE_URL"):
        yield url
        return
    from kunak.foundation.db.embedded import embedded_postgres  # noqa: PLC0415  only when it is needed

    async with embedded_postgres(open_folder / "data") as server:
        yield server.url


@pytest.fixture(scope="session")
async def creator(server_url: str) -> AsyncIterator[AsyncConnection]:
    """The one connection over which databases come and go."""
    engine = create_engine(server_url)
    async with engine.connect() as connection:
        yield await connection.execution_options(isolation_level="AUTOCOMMIT")
    await engine.dispose()


@pytest.fixture(scope="session")
async def template(server_url: str, creator: AsyncConnection) -> AsyncIterator[str]:
    """The name of a migrated database that tests copy."""
    name = f"kunak_template_{secrets.token_hex(4)}"
    await creator.execute(text(f"CREATE DATABASE {name}"))
    engine = create_engine(_database(server_url, name))
    await upgrade(engine)
    await install_queue(engine)
    await engine.dispose()
    yield name
    await creator.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def database_url(server_url: str, creator: AsyncConnection, template: str) -> AsyncIterator[str]:
    """A database of this test's own, migrated and empty."""
    async with _copy(creator, template) as name:
        yield _database(server_url, name)


@pytest.fixture
async def second_database_url(server_url: str, creator: AsyncConnection, template: str) -> AsyncIterator[str]:
    """Another one, to compare with."""
    async with _copy(creator, template) as name:
        yield _database(server_url, name)


@asynccontextmanager
async def _copy(creator: AsyncConnection, template: str) -> AsyncIterator[str]:
    name = f"kunak_test_{secrets.token_hex(6)}"
    await creator.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
    yield name
    await creator.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="module")
async def database_url_of_file(server_url: str, creator: AsyncConnection, template: str) -> AsyncIterator[str]:
    """One that all tests of a file share."""
    async with _copy(creator, template) as name:
        yield _database(server_url, name)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    yield engine
    await engine.dispose()


@pytest.fixture
def sessions(engine: AsyncEngine) -> Sessions:
    return create_sessions(engine)


class _Kept(Helper):
    """Stays when it is closed."""

    async def close(self) -> None: ...

    async def end(self) -> None:
        await super().close()


@pytest.fixture(scope="session")
async def helper() -> AsyncIterator[Helper]:
    """One for all: each would import for seconds what takes pages apart."""
    helper = _Kept()
    yield helper
    await helper.end()


@pytest.fixture
def quick_outside(helper: Helper, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads sources here, in the event loop of the tests, shares that helper."""
    monkeypatch.setattr("kunak.processes.outside.Helper", lambda: helper)


@pytest.fixture
def shared_data() -> Path:
    """The folder of real data beside the checkout; the test is skipped without it."""
    if not SHARED.is_dir():
        pytest.skip(f"real data is not there: {SHARED}")
    return SHARED


def _in_memory() -> Path | None:
    return IN_MEMORY if IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM else None


def _database(server_url: str, name: str) -> str:
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)
