"""The processes apart, beside each other on one database."""

import signal
from contextlib import AsyncExitStack

import pytest
from tests.processes.conftest import Kunak

from kunak.foundation.db.postgres_process import find_postmaster


@pytest.mark.parametrize("name", ["api", "bot", "web"])
async def test_each_answers_at_its_port(kunak: Kunak, name: str) -> None:
    async with kunak.running("run", name, "--json", "--port", "0") as running:
        assert running.ready["process"] == name
        assert await running.get("/") == name
        running.send(signal.SIGTERM)
        assert await running.ended() == (0, "")


@pytest.mark.parametrize("name", ["worker", "ingest"])
async def test_those_that_serve_nobody_need_no_port(kunak: Kunak, name: str) -> None:
    async with kunak.running("run", name, "--json") as running:
        assert running.ready == running.ready | {"ready": True, "process": name, "address": None}
    async with kunak.running("run", name, "--json", "--port", "0") as running:
        assert await running.get("/healthz") == name


async def test_together_they_share_the_database(kunak: Kunak) -> None:
    async with AsyncExitStack() as stack:
        for name in ("api", "worker"):
            await stack.enter_async_context(kunak.running("run", name, "--json", "--port", "0"))
        assert await kunak.run("migrate") == (0, "The database is up to date.\n")
    assert find_postmaster(kunak.data_dir / "postgresql" / "data") is None


async def test_a_process_that_does_not_exist(kunak: Kunak) -> None:
    code, said = await kunak.run("run", "waiter")
    assert code == 2
    assert "'waiter' is not one of 'api', 'bot', 'web', 'worker', 'ingest'" in said
