"""Channels are read by a Telegram account, over the real protocol, through all that happens to them and to it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from kunak.features.ingestion.schemas import Outcome, Reading, Source, SourceKind, Stored, Wish
from kunak.features.messaging.service import list_alerts
from kunak.features.telegram_account import service as accounts
from kunak.foundation.errors import ConflictError, FatalError, InvalidInputError, KunakError
from kunak.foundation.settings import Settings
from kunak.integrations.telegram_channels.fake.channels import Channel
from kunak.integrations.telegram_channels.fake.server import FakeTelegram, fake_telegram
from kunak.integrations.telegram_channels.interface import AccountWaitError
from kunak.processes.bootstrap import Kunak, open_kunak
from kunak.processes.commands import sources as commands
from kunak.processes.commands.keys import rotate_keys
from kunak.processes.commands.telegram import get_status, log_in, log_out
from kunak.processes.outside import open_outside
from kunak.processes.telegram_account import follow_account, needed_doors

PHONE, CODE, PASSWORD = "+79001234567", "12345", "correct horse"
# No test waits for so long: if this passes, something has not happened that should have.
_LONG_S = 200.0


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with fake_telegram() as served:
        yield served


def settings_for(telegram: FakeTelegram, folder: Path) -> Settings:
    return Settings(
        data_dir=folder,
        telegram_api_id=1,
        telegram_api_hash=SecretStr("hash"),
        telegram_mtproto_host="127.0.0.1",
        telegram_mtproto_port=telegram.port,
        telegram_mtproto_key=telegram.public_key,
    )


@pytest.fixture
async def house(database_url: str, tmp_path: Path, telegram: FakeTelegram, quick_outside: None) -> AsyncIterator[Kunak]:
    async with open_kunak(settings_for(telegram, tmp_path), database_url=database_url) as kunak:
        yield kunak


@pytest.fixture
async def second_house(second_database_url: str, tmp_path: Path, telegram: FakeTelegram) -> AsyncIterator[Kunak]:
    async with open_kunak(settings_for(telegram, tmp_path), database_url=second_database_url) as kunak:
        yield kunak


@pytest.fixture
def town(telegram: FakeTelegram) -> Channel:
    telegram.world.most = 10
    channel = telegram.add_channel("Вести города", "town_news")
    for number in range(1, 31):
        channel.post(f"Новость {number}")
    return channel


def saying(*words: str) -> Callable[[str | None], Awaitable[str]]:
    """A person who gives these answers one after the other."""
    answers = iter(words)

    async def answer(_wrong: str | None) -> str:
        return next(answers)

    return answer


async def enter(house: Kunak) -> None:
    await log_in(house, PHONE, ask_code=saying(CODE), ask_password=saying())


async def add(house: Kunak, address: str = "@town_news", **wish: Any) -> Source:
    source, _ = await commands.add_source(house, address, Wish(kind="telegram-account", **wish))
    return source


async def read(house: Kunak, source: Source) -> Reading:
    _, reading = await commands.run_source(house, str(source.id))
    return reading


async def texts(house: Kunak) -> dict[str, str]:
    """What is kept, by reference; what cannot be found is not there."""
    statement = text("SELECT external_id, text FROM documents ORDER BY id")
    async with house.sessions() as session:
        return {row.external_id: row.text for row in await session.execute(statement)}


async def count(house: Kunak, what: str) -> int:
    async with house.sessions() as session:
        return int(await session.scalar(text(what)) or 0)


@asynccontextmanager
async def following(house: Kunak) -> AsyncIterator[None]:
    """What the process `ingest` does with the account."""
    stop = asyncio.Event()
    async with open_outside(house.settings) as outside:
        task = asyncio.create_task(follow_account(house, outside, stop))
        try:
            yield
        finally:
            stop.set()
            await task


async def until(check: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(_LONG_S):
        while not await check():  # noqa: ASYNC110  it is the database that says so
            await asyncio.sleep(0.02)


async def test_alice_logs_in_with_a_code_and_her_password(house: Kunak, telegram: FakeTelegram) -> None:
    telegram.world.password = PASSWORD
    with pytest.raises(InvalidInputError, match="no Telegram account"):
        await log_in(house, "+1", ask_code=saying(), ask_password=saying())
    with pytest.raises(InvalidInputError, match="The code is wrong"):
        await log_in(house, PHONE, ask_code=saying("1", "2", "3"), ask_password=saying())
    assert (await get_status(house)).state == "out"
    me = await log_in(house, PHONE, ask_code=saying("1", CODE), ask_password=saying("wrong", PASSWORD))
    assert (me.name, telegram.world.logins) == ("Alice", 1)
    status = await get_status(house)
    assert (status.state, status.name) == ("active", "Alice")
    async with house.sessions() as session:
        sealed = await session.scalar(text("SELECT session_sealed FROM telegram_account"))
    assert b"data_centre" not in sealed
    with pytest.raises(ConflictError, match="logged in already"):
        await enter(house)


async def test_keys_are_rotated_and_alice_logs_out(house: Kunak, telegram: FakeTelegram) -> None:
    await enter(house)
    before = await count(house, "SELECT hashtext(encode(session_sealed, 'hex')) FROM telegram_account")
    await rotate_keys(house)
    assert before != await count(house, "SELECT hashtext(encode(session_sealed, 'hex')) FROM telegram_account")
    assert await log_out(house)
    assert not telegram.world.authorized
    assert (await get_status(house)).state == "out"


async def test_a_channel_is_read_back_and_followed(house: Kunak, telegram: FakeTelegram, town: Channel) -> None:
    await enter(house)
    source = await add(house)
    assert (source.kind, source.title, source.key) == (SourceKind.TELEGRAM_ACCOUNT, "Вести города", "town_news")
    assert (await read(house, source)).stored == Stored(added=30)
    town.edit(3, "Исправлено")
    town.delete(5, 6)
    town.post("Новость дня")
    reading = await read(house, source)
    assert (reading.stored, reading.removed) == (Stored(added=1, changed=1), 2)
    kept = await texts(house)
    assert (kept["town_news/3"], kept["town_news/31"]) == ("Исправлено", "Новость дня")
    assert not {"town_news/5", "town_news/6"} & kept.keys()
    assert telegram.asked["ResolveUsername"] == 2  # for the preview, and once for the source
    assert (await read(house, source)).fetched == 0


async def test_what_the_server_has_forgotten_is_read_again(house: Kunak, town: Channel) -> None:
    await enter(house)
    source = await add(house)
    await read(house, source)
    town.edit(13, "Исправлено")
    town.delete(9, 30)
    for number in range(31, 56):
        town.post(f"Новость {number}")
    town.forget_events()
    reading = await read(house, source)
    assert (reading.stored.added, reading.stored.changed, reading.removed) == (25, 1, 2)
    assert len(await texts(house)) == 53


async def test_a_server_that_counts_no_events_is_read_page_by_page(
    house: Kunak, telegram: FakeTelegram, town: Channel
) -> None:
    telegram.world.manners.lacks = {"GetChannelDifference"}
    await enter(house)
    source = await add(house)
    assert (await read(house, source)).stored.added == 30
    for number in range(31, 56):  # more than a page: a gap to be filled
        town.post(f"Новость {number}")
    assert (await read(house, source)).stored.added == 25
    town.edit(52, "Исправлено")
    town.delete(54)
    reading = await read(house, source)
    assert (reading.stored.changed, reading.removed) == (1, 1)


async def test_an_album_stays_one_post(house: Kunak, telegram: FakeTelegram) -> None:
    town = telegram.add_channel("Вести", "town_news")
    town.post("Начало")
    town.post("Фото с праздника", grouped_id=7)
    await enter(house)
    source = await add(house)
    await read(house, source)
    town.post("", grouped_id=7)
    town.post("Вторая подпись", grouped_id=7)
    await read(house, source)
    assert (await texts(house))["town_news/2"] == "Фото с праздника\n\nВторая подпись"
    town.delete(2)
    await read(house, source)
    assert await texts(house) == {"town_news/1": "Начало", "town_news/3": "Вторая подпись"}


async def test_killed_anywhere_and_resumed_the_documents_are_the_same(
    house: Kunak, second_house: Kunak, telegram: FakeTelegram, town: Channel
) -> None:
    for start in range(3, 28, 4):  # some albums, across the borders of pages too
        for number in range(start, start + 3):
            town.messages[number].grouped_id = start
    for each in (house, second_house):
        await enter(each)
    undisturbed, disturbed = await add(second_house), await add(house)
    await read(second_house, undisturbed)
    outcomes = []
    for after in (0, 1, 0, 1):
        telegram.drop("GetHistory", after=after)
        outcomes.append((await read(house, disturbed)).outcome)
    assert outcomes.count(Outcome.FAILED) >= 2
    await read(house, disturbed)
    assert await texts(house) == await texts(second_house)
    assert telegram.world.logins == 2


CHILD = """
import asyncio, sys
from kunak.foundation.settings import Settings
from kunak.processes.bootstrap import open_kunak
from kunak.processes.commands.sources import ingest

async def main(url):
    async with open_kunak(Settings(), database_url=url) as kunak:
        await ingest(kunak, report=lambda *_: None, watch=False, stop=asyncio.Event())

asyncio.run(main(sys.argv[1]))
"""


async def test_a_process_killed_in_the_past_of_a_channel_leaves_nothing_behind(
    house: Kunak, database_url: str, telegram: FakeTelegram, town: Channel
) -> None:
    await enter(house)
    source = await add(house)
    telegram.say_nothing("GetHistory", after=1)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, database_url, env=os.environ | environment_of(house.settings)
    )
    await telegram.was_silent.wait()
    child.send_signal(signal.SIGKILL)
    await child.wait()
    assert len(await texts(house)) == 10
    assert (await read(house, source)).stored.added == 20


def environment_of(settings: Settings) -> dict[str, str]:
    """For a process of its own."""
    return {
        "KUNAK_DATA_DIR": str(settings.data_dir),
        "KUNAK_TELEGRAM_API_ID": "1",
        "KUNAK_TELEGRAM_API_HASH": "hash",
        "KUNAK_TELEGRAM_MTPROTO_HOST": "127.0.0.1",
        "KUNAK_TELEGRAM_MTPROTO_PORT": str(settings.telegram_mtproto_port),
        "KUNAK_TELEGRAM_MTPROTO_KEY": settings.telegram_mtproto_key or "",
    }


async def test_what_happens_is_heard_at_once(house: Kunak, telegram: FakeTelegram, town: Channel) -> None:
    await enter(house)
    await add(house)
    async with following(house):
        await until(lambda: has(house, 30))
        town.post("Новость дня")
        await until(lambda: says(house, "town_news/31", "Новость дня"))
        town.edit(31, "Новость дня, исправлено")
        await until(lambda: says(house, "town_news/31", "Новость дня, исправлено"))
        town.delete(31)
        await until(lambda: has(house, 30))
        assert await count(house, "SELECT count(*) FROM search_entries WHERE reference = 'town_news/31'") == 0
        await until(lambda: is_connected(telegram, 1))


async def test_watching_from_the_command_line_hears_as_well(
    house: Kunak, telegram: FakeTelegram, town: Channel
) -> None:
    await enter(house)
    await add(house)
    stop = asyncio.Event()
    watching = asyncio.create_task(commands.ingest(house, report=lambda *_: None, watch=True, stop=stop))
    await until(lambda: has(house, 30))
    town.post("Новость дня")
    await until(lambda: has(house, 31))
    stop.set()
    await watching
    await until(lambda: is_connected(telegram, 0))


async def test_what_happened_while_nobody_listened_is_found(
    house: Kunak, telegram: FakeTelegram, town: Channel
) -> None:
    await enter(house)
    await add(house)
    async with following(house):
        await until(lambda: has(house, 30))
        town.is_heard = False
        town.post("Сказано шёпотом")
        town.delete(7)
        town.is_heard = True
        town.post("Сказано громко")
        await until(lambda: says(house, "town_news/32", "Сказано громко"))
        assert "town_news/31" in await texts(house)
        town.is_heard = False
        town.post("Сказано в тишину")
        telegram.hang_up()
        await until(lambda: says(house, "town_news/33", "Сказано в тишину"))
    assert "town_news/7" not in await texts(house)


async def test_a_revoked_session_alerts_once_and_nobody_logs_in_again(
    house: Kunak, telegram: FakeTelegram, town: Channel
) -> None:
    await enter(house)
    await add(house)
    async with following(house):
        await until(lambda: has(house, 30))
        telegram.end_session()
        town.is_heard = False
        telegram.hang_up()
        await until(lambda: is_in(house, "paused"))
        asked = telegram.asked.copy()
        with pytest.raises(FatalError, match=r"AUTH_KEY_UNREGISTERED.*kunak telegram login"):
            async with accounts.open_account(needed_doors(house), wait_s=5):
                pass
    async with following(house):
        assert telegram.asked == asked
    async with house.sessions() as session:
        [alert] = await list_alerts(session)
    assert "Alice" in alert.text
    assert "kunak telegram login" in alert.text
    assert telegram.world.logins == 1
    town.post("Пока никого не было")
    await enter(house)
    async with following(house):
        await until(lambda: has(house, 31))


async def test_how_long_to_wait_is_known_to_every_process_and_after_a_restart(
    house: Kunak, telegram: FakeTelegram, town: Channel
) -> None:
    await enter(house)
    source, other = await add(house), telegram.add_channel("Другой", "other_news")
    other.post("Что-то другое")
    telegram.fail("GetHistory", after=1, name="FLOOD_WAIT_600")
    reading = await read(house, source)
    assert (reading.outcome, reading.stored.added) == (Outcome.FAILED, 10)
    assert "wait" in (reading.error or "")
    asked = telegram.asked.copy()
    with pytest.raises(AccountWaitError) as refused:
        await add(house, "@other_news")
    assert 500 < (refused.value.retry_after or 0) <= 600
    assert telegram.asked == asked
    assert (await get_status(house)).waits_until is not None
    waits = "SELECT extract(epoch FROM next_at - now()) FROM sources WHERE key = 'town_news'"
    assert 500 < await count(house, waits) <= 600
    async with house.sessions.begin() as session:
        await session.execute(text("UPDATE telegram_account SET wait_until = now()"))
    assert (await read(house, source)).stored.added == 20


async def test_a_moment_to_wait_while_it_connects_is_waited(
    house: Kunak, telegram: FakeTelegram, town: Channel
) -> None:
    await enter(house)
    source = await add(house)
    telegram.fail("GetUsers", name="FLOOD_WAIT_1")
    assert (await read(house, source)).stored.added == 30
    telegram.fail("GetUsers", name="FLOOD_WAIT_1")
    assert await log_out(house)
    assert not telegram.world.authorized
    assert (await get_status(house)).state == "out"


async def test_a_channel_that_turned_private_says_so_and_keeps_what_was_read(house: Kunak, town: Channel) -> None:
    await enter(house)
    source = await add(house)
    await read(house, source)
    town.is_private = True
    reading = await read(house, source)
    assert reading.outcome is Outcome.FAILED
    assert "private" in (reading.error or "")
    assert len(await texts(house)) == 30
    town.is_private = False
    town.post("Снова здесь")
    town.access_hash += 1  # as on servers that give another one to each login
    assert (await read(house, source)).stored.added == 1


async def test_a_private_channel_is_read_by_its_invitation(house: Kunak, telegram: FakeTelegram) -> None:
    club = telegram.add_channel("Клуб", invitation="AbCdEf123")
    club.post("Только для своих")
    await enter(house)
    source = await add(house, "https://t.me/+AbCdEf123")
    await read(house, source)
    assert await texts(house) == {f"c/{club.id}/1": "Только для своих"}
    with pytest.raises(KunakError, match="invitation is no longer good"):
        await add(house, "t.me/+Nothing")


async def test_another_process_has_its_turn_while_the_account_is_followed(
    house: Kunak, telegram: FakeTelegram, town: Channel
) -> None:
    await enter(house)
    await add(house)
    other = telegram.add_channel("Другой", "other_news")
    other.post("Что-то другое")
    async with following(house):
        await until(lambda: has(house, 30))
        source = await add(house, "@other_news")
        await until(lambda: has(house, 31))
        await until(lambda: is_connected(telegram, 1))
    assert source.title == "Другой"


async def is_connected(telegram: FakeTelegram, times: int) -> bool:
    return telegram.connected == times


async def has(house: Kunak, documents: int) -> bool:
    return await count(house, "SELECT count(*) FROM documents") == documents


async def says(house: Kunak, reference: str, words: str) -> bool:
    return (await texts(house)).get(reference) == words


async def is_in(house: Kunak, state: str) -> bool:
    return (await get_status(house)).state == state


async def test_who_waits_in_vain_is_told_and_leaves_no_trace(house: Kunak, telegram: FakeTelegram) -> None:
    await enter(house)
    doors = needed_doors(house)
    async with accounts.open_account(doors, wait_s=0):
        for patience in (0, 0.05):
            with pytest.raises(accounts.AccountBusyError):
                async with accounts.open_account(doors, wait_s=patience):
                    pass
        waiting = asyncio.create_task(open_and_close(house))
        await until(lambda: accounts.is_wanted_elsewhere(house.sessions))
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert waiting.cancelled()
        await until(lambda: is_free_of_waiters(house))
    await open_and_close(house)


async def open_and_close(house: Kunak) -> None:
    async with accounts.open_account(needed_doors(house), wait_s=_LONG_S):
        pass


async def is_free_of_waiters(house: Kunak) -> bool:
    return not await accounts.is_wanted_elsewhere(house.sessions)
