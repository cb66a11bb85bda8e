"""`kunak up` starts, answers on one port, stops cleanly, and survives what people do to it."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterator
from urllib.error import HTTPError

import asyncpg
import pytest
from tests.processes.conftest import Kunak, Running

from kunak.foundation.db.postgres_process import find_postmaster


def _postmaster(kunak: Kunak) -> int | None:
    return find_postmaster(kunak.data_dir / "postgresql" / "data")


@pytest.fixture
def with_terminal() -> Iterator[None]:
    """Not under `nohup`, even where the tests are."""
    earlier = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, earlier)


@pytest.mark.usefixtures("with_terminal")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGHUP])  # SIGTERM is sent below, and twice
async def test_it_stops_with_its_database(kunak: Kunak, how: signal.Signals) -> None:
    async with kunak.up() as running:
        assert _postmaster(kunak)
        running.send(how)
        assert await running.ended() == (0, "")
    assert _postmaster(kunak) is None


async def test_under_nohup_it_outlives_its_terminal(kunak: Kunak) -> None:
    earlier = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # what `nohup` does, and the child inherits
    try:
        async with kunak.up() as running:
            running.send(signal.SIGHUP)
            assert await running.get("/") == "web"
            assert running.process.returncode is None
    finally:
        signal.signal(signal.SIGHUP, earlier)


async def test_asked_twice_it_still_stops_cleanly(kunak: Kunak) -> None:
    async with kunak.up() as running:
        running.send(signal.SIGTERM)
        running.send(signal.SIGTERM)
        assert await running.ended() == (0, "")
    assert _postmaster(kunak) is None


async def test_a_request_without_end_does_not_hold_it_up(kunak: Kunak) -> None:
    async with kunak.up() as running:
        waiting = asyncio.create_task(running.get("/bot/forever"))
        await running.get("/")
        running.send(signal.SIGTERM)
        assert await running.ended() == (0, "")
        with pytest.raises((HTTPError, OSError)):
            await waiting


async def test_ctrl_c_while_it_unpacks_its_database_leaves_nothing_running(kunak_in: Callable[[str], Kunak]) -> None:
    kunak = kunak_in("impatient")
    running = await kunak.start("up", "--json", "--port", "0")
    async with asyncio.timeout(200):
        while not (kunak.data_dir / "postgresql" / "unpacking").exists():  # noqa: ASYNC110  the other process gives no sign but this
            await asyncio.sleep(0.01)
    running.press_ctrl_c()
    ended = await running.ended()
    await running.clear_away()
    assert ended == (1, "Error: Stopped before it was done.\n")
    assert _postmaster(kunak) is None
    async with kunak.up() as running:
        assert await running.get("/") == "web"


async def test_after_a_kill_the_next_start_works(kunak: Kunak) -> None:
    async with kunak.up() as running:
        running.send(signal.SIGKILL)
        await running.ended()
    async with kunak.up() as running:
        assert await running.get("/api/") == "the database answers"
    assert _postmaster(kunak) is None


async def test_a_killed_database_comes_back(kunak: Kunak) -> None:
    async with kunak.up() as running:
        pid = _postmaster(kunak)
        assert pid
        os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(200):
            while not await _answers(running):
                pass  # each look is a request and its answer
        assert _postmaster(kunak) not in (None, pid)


async def test_a_port_taken_by_a_stranger(kunak: Kunak) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        code, said = await kunak.run("up", "--port", str(port))
    assert code == 1
    assert said == f"Error: Port {port} is taken by another program. Choose another with --port.\n"


async def test_a_folder_of_something_else(kunak_in: Callable[[str], Kunak]) -> None:
    kunak = kunak_in("letters")
    kunak.data_dir.mkdir()
    (kunak.data_dir / "letter.txt").touch()
    code, said = await kunak.run("up", "--port", "0")
    assert code == 1
    assert "holds files that are not Kunak's (letter.txt)" in said


async def test_tables_of_a_newer_kunak(kunak_in: Callable[[str], Kunak]) -> None:
    kunak = kunak_in("newer")
    async with kunak.up():
        address = await _database_of(kunak)
        connection = await asyncpg.connect(address)
        await connection.execute("UPDATE alembic_version SET version_num = '9999'")
        await connection.close()
    code, said = await kunak.run("up", "--port", "0")
    assert code == 1
    assert "made by a newer version of Kunak" in said
    assert _postmaster(kunak) is None


async def test_a_wrong_setting_is_named(kunak: Kunak) -> None:
    code, said = await kunak.run("up", KUNAK_PORT="lots")
    assert code == 1
    assert said.startswith("Error: A setting is wrong. KUNAK_PORT: input should be a valid integer")


async def test_commands_work_without_it(kunak: Kunak) -> None:
    assert await kunak.run("migrate") == (0, "The database is up to date.\n")
    assert _postmaster(kunak) is None


async def _database_of(kunak: Kunak) -> str:
    home = kunak.data_dir / "postgresql"
    port = (home / "data" / "postmaster.pid").read_text().splitlines()[3]
    return f"postgresql://kunak:{(home / 'password').read_text()}@127.0.0.1:{port}/kunak"


async def _answers(running: Running) -> bool:
    try:
        return await running.get("/api/") == "the database answers"
    except HTTPError:
        return False
