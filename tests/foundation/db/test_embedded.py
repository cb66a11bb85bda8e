"""The embedded server is durable, shared, and comes back after every kind of death."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from kunak.foundation.data_dir import MARKER
from kunak.foundation.db.embedded import EmbeddedPostgres, embedded_postgres
from kunak.foundation.db.postgres_process import find_postmaster
from kunak.foundation.errors import ConflictError, KunakError, TerminalError


@pytest.fixture
def data_dir(open_folder: Path, request: pytest.FixtureRequest) -> Path:
    return open_folder / str(request.node.name)


@pytest.fixture(scope="module")
def shared_dir(open_folder: Path) -> Path:
    """For tests that leave the database as it was: unpacking once is enough."""
    return open_folder / "shared"


async def _fetch(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@asynccontextmanager
async def _supervised(server: EmbeddedPostgres) -> AsyncIterator[None]:
    stop = asyncio.Event()
    watch = asyncio.create_task(server.supervise(stop))
    try:
        yield
    finally:
        stop.set()
        await watch


async def _use_and_die(data_dir: Path) -> None:
    """Another process starts the server and is killed."""
    program = (
        "import asyncio, os, pathlib, sys\n"
        "from kunak.foundation.db.embedded import embedded_postgres\n"
        "async def main():\n"
        "    async with embedded_postgres(pathlib.Path(sys.argv[1])):\n"
        "        os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, str(data_dir))
    assert await process.wait() == -signal.SIGKILL


def _pid(data_dir: Path) -> int:
    pid = find_postmaster(data_dir / "postgresql" / "data")
    assert pid is not None
    return pid


def _is_running(data_dir: Path) -> bool:
    return find_postmaster(data_dir / "postgresql" / "data") is not None


def _write(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("jit", "off"),
        ("max_connections", "100"),
    ],
)
async def test_what_is_committed_is_on_disk(shared_dir: Path, setting: str, value: str) -> None:
    async with embedded_postgres(shared_dir) as server:
        assert await _fetch(server.url, f"SHOW {setting}") == value


async def test_it_listens_to_this_machine_only(shared_dir: Path) -> None:
    async with embedded_postgres(shared_dir) as server:
        assert await _fetch(server.url, "SHOW listen_addresses") == "127.0.0.1"
        assert await _fetch(server.url, "SHOW unix_socket_directories") == ""


async def test_the_password_is_its_own_and_closed_to_others(shared_dir: Path) -> None:
    async with embedded_postgres(shared_dir) as server:
        stranger = server.url.replace((shared_dir / "postgresql" / "password").read_text(), "postgres")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await _fetch(stranger, "SELECT 1")
    assert (shared_dir / "postgresql" / "password").stat().st_mode & 0o777 == 0o600


async def test_it_knows_cyrillic(shared_dir: Path) -> None:
    async with embedded_postgres(shared_dir) as server:
        await _execute(server.url, "CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE EXTENSION IF NOT EXISTS unaccent")
        await _execute(server.url, "CREATE EXTENSION IF NOT EXISTS vector")
        assert await _fetch(server.url, "SELECT similarity('привет', 'превет') > 0.3 AND lower('ЁЖ') = 'ёж'")
        assert await _fetch(server.url, "SELECT to_tsvector('russian', 'дома') @@ to_tsquery('russian', 'домов')")


async def test_a_second_start_finds_the_data(shared_dir: Path) -> None:
    async with embedded_postgres(shared_dir) as server:
        await _execute(server.url, "CREATE TABLE guests AS SELECT 'Алиса' AS name")
    assert not _is_running(shared_dir)
    async with embedded_postgres(shared_dir) as server:
        assert await _fetch(server.url, "SELECT name FROM guests") == "Алиса"


async def test_the_last_to_leave_stops_it(shared_dir: Path) -> None:
    async with embedded_postgres(shared_dir):
        async with embedded_postgres(shared_dir) as second:
            await _fetch(second.url, "SELECT 1")
        assert _is_running(shared_dir)
    assert not _is_running(shared_dir)


async def test_the_starter_may_leave_first(shared_dir: Path) -> None:
    starter, guest = embedded_postgres(shared_dir), embedded_postgres(shared_dir)
    await starter.__aenter__()
    server = await guest.__aenter__()
    await starter.__aexit__(None, None, None)
    assert await _fetch(server.url, "SELECT 1") == 1
    await guest.__aexit__(None, None, None)
    assert not _is_running(shared_dir)


async def test_a_server_in_another_container_is_not_doubled(shared_dir: Path) -> None:
    async with embedded_postgres(shared_dir):
        (shared_dir / "postgresql" / "system").write_text("pid:[1]")
        with pytest.raises(ConflictError, match="another container"):
            await embedded_postgres(shared_dir).__aenter__()


async def test_two_that_start_at_once_share_one_server(data_dir: Path) -> None:
    async def use() -> object:
        async with embedded_postgres(data_dir) as server:
            return await _fetch(server.url, "SELECT pg_postmaster_start_time()")

    await asyncio.gather(*(use() for _ in range(3)))
    assert not _is_running(data_dir)


async def test_a_killed_server_is_started_again(shared_dir: Path) -> None:
    async with embedded_postgres(shared_dir) as server, _supervised(server):
        for expected in (1, 2):
            os.kill(_pid(shared_dir), signal.SIGKILL)
            async with asyncio.timeout(120):
                await server.wait_for_restart(expected)
            assert await _fetch(server.url, "SELECT 1") == 1


async def test_a_server_that_outlived_its_users_is_adopted(shared_dir: Path) -> None:
    await _use_and_die(shared_dir)
    pid = _pid(shared_dir)
    async with embedded_postgres(shared_dir) as server:
        assert _pid(shared_dir) == pid
        assert await _fetch(server.url, "SELECT 1") == 1
    assert not _is_running(shared_dir)


async def test_a_server_whose_folder_was_removed_is_replaced(data_dir: Path) -> None:
    await _use_and_die(data_dir)
    left_behind = _pid(data_dir)
    shutil.rmtree(data_dir)
    async with embedded_postgres(data_dir) as server:
        assert _pid(data_dir) != left_behind
        assert await _fetch(server.url, "SELECT 1") == 1
    assert not _is_running(data_dir)


async def test_everything_killed_at_once_is_no_obstacle(shared_dir: Path) -> None:
    await _use_and_die(shared_dir)
    os.kill(_pid(shared_dir), signal.SIGKILL)
    async with embedded_postgres(shared_dir) as server:
        assert await _fetch(server.url, "SELECT 1") == 1


async def test_a_stale_number_that_is_now_a_stranger_is_no_obstacle(shared_dir: Path) -> None:
    await _use_and_die(shared_dir)
    os.kill(_pid(shared_dir), signal.SIGKILL)
    lock_file = shared_dir / "postgresql" / "data" / "postmaster.pid"
    lock_file.write_text("\n".join([str(os.getpid()), *lock_file.read_text().splitlines()[1:]]) + "\n")
    async with embedded_postgres(shared_dir) as server:
        assert await _fetch(server.url, "SELECT 1") == 1


async def test_a_folder_may_have_spaces_and_cyrillic_in_its_name(open_folder: Path) -> None:
    data_dir = open_folder / "Мои данные" / "of Alice"
    async with embedded_postgres(data_dir) as server, embedded_postgres(data_dir):
        assert await _fetch(server.url, "SELECT 1") == 1
        assert _is_running(data_dir)
    assert not _is_running(data_dir)


async def test_a_half_made_database_is_made_anew(data_dir: Path, shared_dir: Path) -> None:
    async with embedded_postgres(data_dir):
        pass
    home = data_dir / "postgresql"
    (home / "data").rename(home / "creating")
    (home / "creating" / "PG_VERSION").unlink()
    async with embedded_postgres(data_dir) as server:
        assert await _fetch(server.url, "SELECT 1") == 1


async def test_a_taken_port_is_passed_over(shared_dir: Path) -> None:
    async with embedded_postgres(shared_dir) as server:
        usual = int(server.url.rsplit(":", 1)[1].split("/")[0])
    stranger = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", usual)
    async with stranger, embedded_postgres(shared_dir) as server:
        assert f":{usual}/" not in server.url
        assert await _fetch(server.url, "SELECT 1") == 1


async def test_a_database_of_a_newer_postgresql_is_refused(data_dir: Path) -> None:
    async with embedded_postgres(data_dir):
        pass
    (data_dir / "postgresql" / "data" / "PG_VERSION").write_text("99\n")
    with pytest.raises(ConflictError, match=r"made by PostgreSQL 99.*Update Kunak"):
        await embedded_postgres(data_dir).__aenter__()


async def test_a_lost_password_is_named(data_dir: Path) -> None:
    async with embedded_postgres(data_dir):
        pass
    (data_dir / "postgresql" / "password").unlink()
    with pytest.raises(TerminalError, match="password is gone: restore"):
        await embedded_postgres(data_dir).__aenter__()
    assert not _is_running(data_dir)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
async def test_as_root_a_closed_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(KunakError, match=r"cannot reach .* is closed to others"):
        await embedded_postgres(tmp_path / "data").__aenter__()


async def test_a_folder_of_something_else_is_left_alone(data_dir: Path) -> None:
    _write(data_dir / "letters.txt", "дорогая Алиса")
    with pytest.raises(ConflictError, match=r"not Kunak's \(letters.txt\).*--data-dir"):
        await embedded_postgres(data_dir).__aenter__()
    assert os.listdir(data_dir) == ["letters.txt"]  # noqa: PTH208  the names are what counts


async def test_a_folder_of_a_newer_kunak_is_left_alone(data_dir: Path) -> None:
    _write(data_dir / MARKER, '{"kunak": "9.0", "layout": 99}')
    with pytest.raises(ConflictError, match=r"made by a newer Kunak \(9.0\)"):
        await embedded_postgres(data_dir).__aenter__()
