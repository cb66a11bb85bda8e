"""A database of the user's own: every way it can be wrong has its sentence."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.engine import URL, make_url

from kunak.foundation.errors import InvalidInputError, RetryableError
from kunak.foundation.settings import Settings
from kunak.processes.database import open_database
from kunak.processes.doctor import examine
from kunak.processes.findings import State


@pytest.fixture
async def own(server_url: str) -> AsyncIterator[URL]:
    """An empty database of Bob, who is no superuser."""
    name = f"kunak_bob_{secrets.token_hex(4)}"
    await _execute(server_url, f"CREATE ROLE {name} LOGIN PASSWORD 'bobs word'", f"CREATE DATABASE {name} OWNER {name}")
    yield make_url(server_url).set(username=name, password="bobs word", database=name)
    await _execute(server_url, f"DROP DATABASE {name} WITH (FORCE)", f"DROP ROLE {name}")


async def test_missing_extensions_are_named_with_the_sql(own: URL, server_url: str) -> None:
    with pytest.raises(InvalidInputError, match="As a superuser of that database run: CREATE EXTENSION vector;"):
        await _use(own)
    await _execute(_text(make_url(server_url).set(database=own.database)), "CREATE EXTENSION vector")
    await _use(own)


async def test_a_wrong_password(own: URL) -> None:
    with pytest.raises(InvalidInputError, match=f"refuses the user {own.username}") as raised:
        await _use(own.set(password="charlies guess"))
    assert "charlies guess" not in str(raised.value)


async def test_a_missing_database(own: URL) -> None:
    with pytest.raises(InvalidInputError, match=r'no database "kunka".*CREATE DATABASE "kunka";'):
        await _use(own.set(database="kunka"))


async def test_an_unknown_host(own: URL) -> None:
    with pytest.raises(InvalidInputError, match=r"host nowhere\.invalid is not known"):
        await _use(own.set(host="nowhere.invalid"))


async def test_a_host_without_a_server(own: URL) -> None:
    with pytest.raises(RetryableError, match=r"No database server answers at 127\.0\.0\.1:1\."):
        await _use(own.set(port=1))


@pytest.mark.parametrize("address", ["mysql://bob@host/kunak", "kunak", "postgresql://bob@host:many/kunak"])
async def test_an_address_of_something_else(address: str) -> None:
    with pytest.raises(InvalidInputError, match="DATABASE_URL is not an address of a PostgreSQL"):
        await _use(address)


async def test_the_doctor_reads_a_migrated_database(database_url: str, tmp_path: Path) -> None:
    report = await examine(_settings(database_url, tmp_path))
    found = {finding.name: finding for finding in report.findings}
    assert found["Database"].detail.startswith("from DATABASE_URL, PostgreSQL")
    assert found["Durability"].detail == "fsync on, synchronous_commit on, full_page_writes on"
    assert found["Tables"].detail.endswith("the newest")
    assert report.healthy


async def test_the_doctor_names_models_without_a_price(database_url: str, tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path, database_url=database_url, model_url="http://127.0.0.1:9/v1", model_name="big"
    )
    report = await examine(settings)
    [found] = [each for each in report.findings if each.name == "Money"]
    assert found.state is State.NOTE
    assert found.detail.startswith("no budget; big has no price: what it costs is not known.")


async def test_the_doctor_names_a_database_that_does_not_answer(own: URL, tmp_path: Path) -> None:
    report = await examine(_settings(own.set(port=1), tmp_path))
    assert not report.healthy
    assert [finding.name for finding in report.findings if finding.state is State.FAULT] == ["Database"]


async def test_two_that_start_at_once_migrate_one_after_the_other(own: URL, server_url: str) -> None:
    await _execute(_text(make_url(server_url).set(database=own.database)), "CREATE EXTENSION vector")
    await asyncio.gather(*(_use(own) for _ in range(3)))


def _settings(address: URL | str, data_dir: Path = Path()) -> Settings:
    unreachable = "http://127.0.0.1:1"  # the network of whoever runs the tests is left alone
    return Settings(database_url=_text(address), data_dir=data_dir, port=0, telegram_api_base=unreachable)


async def _use(address: URL | str) -> None:
    async with open_database(_settings(address)):
        pass


def _text(address: URL | str) -> str:
    return address if isinstance(address, str) else address.render_as_string(hide_password=False)


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
