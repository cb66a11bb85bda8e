"""What is seen of a `kunak up` that runs, and what others do beside it; one is started for all of them."""

from collections.abc import AsyncIterator, Callable

import pytest
from tests.processes.conftest import Kunak, Running


@pytest.fixture(scope="module")
async def running(kunak: Kunak) -> AsyncIterator[Running]:
    async with kunak.up() as running:
        yield running


async def test_one_port_leads_everywhere(running: Running) -> None:
    assert await running.get("/") == "web"
    assert await running.get("/apiary") == "web"
    assert await running.get("/bot/7/updates") == "bot"
    assert await running.get("/api/v1/chats") == "the database answers"


async def test_it_says_in_one_line_where_it_is(running: Running) -> None:
    assert running.ready["ready"] is True
    assert running.ready["startup_s"] > 0
    assert running.ready["web"].startswith("http://127.0.0.1:")
    assert running.ready["api"] == running.ready["web"] + "/api/v1"
    assert running.ready["sandbox"] is None


async def test_a_second_up_is_told_where_the_first_is(running: Running, kunak: Kunak) -> None:
    code, said = await kunak.run("up", "--port", "0")
    assert code == 1
    assert f"Kunak already runs on {kunak.data_dir}, at {running.ready['web']}" in said


async def test_the_doctor_knows_the_kunak_of_this_folder(running: Running, kunak: Kunak) -> None:
    port = running.ready["web"].rsplit(":", 1)[1]
    unreachable = {"KUNAK_PORT": port, "KUNAK_TELEGRAM_API_BASE": "http://127.0.0.1:1"}
    _, here = await kunak.run("doctor", **unreachable)
    assert f"{port} is in use by the Kunak that runs on this data directory" in here


async def test_a_port_taken_by_another_kunak(running: Running, kunak_in: Callable[[str], Kunak]) -> None:
    port = running.ready["web"].rsplit(":", 1)[1]
    code, said = await kunak_in("neighbour").run("up", "--port", port)
    assert code == 1
    assert f"Another Kunak already answers at {running.ready['web']}" in said


async def test_commands_use_the_database_that_runs(running: Running, kunak: Kunak) -> None:
    assert await kunak.run("migrate") == (0, "The database is up to date.\n")
    assert await running.get("/api/") == "the database answers"
