"""An account against servers that others have written: the client of production, a server with their manners."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from telethon.crypto import rsa as rsa_keys
from telethon.errors import RPCError, TypeNotFoundError
from telethon.extensions import BinaryReader
from telethon.tl import functions, types

from kunak.foundation.errors import InvalidInputError, TerminalError
from kunak.integrations.telegram_channels import telethon_key, telethon_wire
from kunak.integrations.telegram_channels.fake.channels import Channel, update_date
from kunak.integrations.telegram_channels.fake.server import FakeTelegram, fake_telegram
from kunak.integrations.telegram_channels.interface import AccountUnavailableError, ChangesUnknownError
from kunak.integrations.telegram_channels.older_layers import learn_older_layers
from kunak.integrations.telegram_channels.server import Application, Server, Transport, Way, read_keys
from kunak.integrations.telegram_channels.telethon import TelethonAccount, TelethonChannels
from kunak.integrations.telegram_channels.telethon_login import TelethonLogin
from kunak.integrations.telegram_channels.telethon_session import Session, open_session
from kunak.integrations.telegram_channels.telethon_wire import Wire


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with fake_telegram() as served:
        yield served


@pytest.fixture
def town(telegram: FakeTelegram) -> Channel:
    channel = telegram.add_channel("Вести города", "town_news")
    channel.post("Мост открыт")
    return channel


def way_to(telegram: FakeTelegram, key: str | None = None) -> Way:
    server = Server("127.0.0.1", telegram.port, 2)
    return Way(Application(1, "hash"), server, read_keys(key or telegram.public_key))


async def enter(telegram: FakeTelegram) -> str:
    async with TelethonChannels(way_to(telegram)).open_login() as login:
        await login.send_code(telegram.world.phone)
        assert await login.give_code(telegram.world.code)
        assert (await login.who_am_i()).name == "Alice"
        return login.session()


@pytest.mark.parametrize(
    ("transport", "is_padded"),
    [
        (Transport.FULL, True),
        (Transport.ABRIDGED, False),
        (Transport.INTERMEDIATE, True),
        (Transport.OBFUSCATED, True),
    ],
)
async def test_the_way_of_a_server_is_found_out_and_remembered(
    telegram: FakeTelegram, town: Channel, transport: Transport, *, is_padded: bool
) -> None:
    manners = telegram.world.manners
    manners.transports = frozenset({transport})
    manners.takes_padded, manners.takes_plain = is_padded, not is_padded
    manners.salt, manners.names_centre = 77, ("192.0.2.1", 9)
    session = await enter(telegram)
    assert open_session(session, way_to(telegram)).transport is transport
    async with TelethonChannels(way_to(telegram)).open_account(session) as account:
        assert (await account.find_channel("town_news")).title == town.title


@pytest.mark.parametrize(
    "says",
    [
        (500, "NOT_IMPLEMENTED"),
        (400, "METHOD_NOT_IMPL"),
        (400, "INPUT_METHOD_INVALID_1918565308_0"),
        (400, "ENTERPRISE_IS_BLOCKED"),
        (501, "Not here"),
    ],
)
async def test_what_a_server_lacks_is_done_without(
    telegram: FakeTelegram, town: Channel, says: tuple[int, str]
) -> None:
    lacked = {"GetConfig", "GetUsers", "GetState", "ResolveUsername", "GetFullChannel", "GetChannelDifference"}
    telegram.world.manners.lacks, telegram.world.manners.says_of_lacking = lacked, says
    telegram.world.manners.pages_count_events = False
    heard: asyncio.Queue[int | None] = asyncio.Queue()
    async with TelethonChannels(way_to(telegram)).open_account(await enter(telegram)) as account:
        assert (await account.who_am_i()).name == "Alice"
        channel = await account.find_channel("town_news")
        history = await account.read_history(channel.key, below=None, limit=10)
        assert ([each["id"] for each in history.messages], history.pts) == ([1], None)
        for _ in range(2):
            with pytest.raises(ChangesUnknownError):
                await account.read_changes(channel.key, since=1)
        account.listen(heard.put_nowait)
        town.post("Мост закрыт")
        assert await heard.get() == town.id
    assert telegram.asked["GetChannelDifference"] == 1


async def test_events_that_no_page_counts_are_counted_by_the_channel(telegram: FakeTelegram, town: Channel) -> None:
    telegram.world.manners.pages_count_events = False
    async with TelethonChannels(way_to(telegram)).open_account(await enter(telegram)) as account:
        channel = await account.find_channel("town_news")
        assert (await account.read_history(channel.key, below=None, limit=10)).pts == town.pts
        assert (await account.read_history(channel.key, below=2, limit=10)).pts is None


async def test_what_was_heard_and_is_not_told_has_to_be_looked_for(telegram: FakeTelegram, town: Channel) -> None:
    telegram.world.manners.writes_changes_down = False
    heard: asyncio.Queue[int | None] = asyncio.Queue()
    async with TelethonChannels(way_to(telegram)).open_account(await enter(telegram)) as account:
        channel = await account.find_channel("town_news")
        account.listen(heard.put_nowait)
        assert not (await account.read_changes(channel.key, since=town.pts)).messages
        town.edit(1, "Мост закрыт")
        assert await heard.get() == town.id
        with pytest.raises(ChangesUnknownError):
            await account.read_changes(channel.key, since=town.pts)
        assert not (await account.read_changes(channel.key, since=town.pts)).messages


async def test_no_answer_is_not_waited_for_without_an_end(telegram: FakeTelegram, town: Channel) -> None:
    way = way_to(telegram)
    async with Wire(way, open_session(await enter(telegram), way)).connected() as wire:
        account = TelethonAccount(wire)
        channel = await account.find_channel("town_news")
        telegram.world.manners.is_deaf_to = {"GetChannelDifference", "GetHistory"}
        wire.patience_s = 0.0
        with pytest.raises(ChangesUnknownError):
            await account.read_changes(channel.key, since=town.pts)
        with pytest.raises(AccountUnavailableError, match="does not answer"):
            await account.read_history(channel.key, below=None, limit=10)


async def test_any_answer_to_a_ping_is_a_sign_of_life(telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [RPCError(None, "METHOD_INVALID", 400), TypeNotFoundError(7, b""), BufferError(), ConnectionError()]
    is_open = asyncio.Event()

    class Strange(Wire):
        async def _once(self, request: Any) -> Any:
            if not isinstance(request, functions.PingRequest):
                return await super()._once(request)
            await is_open.wait()
            raise answers.pop(0)

    monkeypatch.setattr(telethon_wire, "_PING_EVERY_S", 0.0)
    way = way_to(telegram)
    async with Strange(way, open_session(await enter(telegram), way)).connected() as wire:
        is_open.set()
        await wire.ended()
    assert answers == []


async def test_who_cannot_log_in_is_told_why(telegram: FakeTelegram) -> None:
    manners, channels = telegram.world.manners, TelethonChannels(way_to(telegram))
    async with channels.open_login() as login:
        with pytest.raises(InvalidInputError, match="is digits"):
            await login.send_code("my phone")
        manners.sends_away_to = 4
        with pytest.raises(InvalidInputError, match=r"data centre 4: set KUNAK_TELEGRAM_MTPROTO_HOST"):
            await login.send_code(telegram.world.phone)
        manners.sends_away_to, manners.signs_up = None, True
        await login.send_code(telegram.world.phone)
        with pytest.raises(InvalidInputError, match="make one in a Telegram app"):
            await login.give_code(telegram.world.code)
        manners.lacks = {"SendCode"}
        with pytest.raises(TerminalError, match=r"does not know what we ask of it \(SendCode: METHOD_NOT_FOUND\)"):
            await login.send_code(telegram.world.phone)


async def test_where_telegram_says_that_an_account_lives_it_is_gone_to(telegram: FakeTelegram) -> None:
    session = Session(Server("127.0.0.1", telegram.port, 4), Transport.FULL)
    telegram.world.manners.names_centre = ("127.0.0.1", telegram.port)
    telegram.fail("SendCode", code=303, name="PHONE_MIGRATE_2")
    TelethonChannels(way_to(telegram))  # has the server's key believed
    async with Wire(Way(Application(1, "hash")), session).connected() as wire:
        first_key, login = session.key, TelethonLogin(wire, Application(1, "hash"))
        await login.send_code(telegram.world.phone)
        assert await login.give_code(telegram.world.code)
    assert (session.server.data_centre, session.key == first_key) == (2, False)


async def test_a_server_that_is_another_one_is_not_spoken_to(
    telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    pem = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    telegram.world.manners.takes_plain = telegram.world.manners.takes_padded = False
    with pytest.raises(AccountUnavailableError, match="no key could be agreed on"):
        async with TelethonChannels(way_to(telegram)).open_login():
            pass
    monkeypatch.setattr(rsa_keys, "_server_keys", {})
    monkeypatch.setattr(telethon_key, "_trusted", {})
    with pytest.raises(InvalidInputError, match="KUNAK_TELEGRAM_MTPROTO_KEY does not hold the key"):
        async with TelethonChannels(way_to(telegram, pem)).open_login():
            pass


async def test_what_is_told_in_other_words_is_heard_too(telegram: FakeTelegram, town: Channel) -> None:
    heard: asyncio.Queue[int | None] = asyncio.Queue()
    message = town.messages[1]
    async with TelethonChannels(way_to(telegram)).open_account(await enter(telegram)) as account:
        account.listen(heard.put_nowait)
        town.tell(types.UpdatesTooLong())
        town.tell(types.UpdateShort(types.UpdateChannelTooLong(town.id), update_date()))
        town.tell(types.Updates([types.UpdateNewMessage(message, 0, 0)], [], [], update_date(), 0))
        assert [await heard.get() for _ in range(3)] == [None, town.id, town.id]


# As Telethon 1.36 (layer 181) and 1.40 (layer 201) wrote them.
USER = "03000000000000004d00000000000000050000000000000005416c6963650000"
CHANNEL = "4020000000000000e803000000000000070000000000000004546f776e00000004746f776e0000001c01c1370081e66a"
MESSAGE = (
    "8002020000000000050000001e37a5a2e8030000000000000081e66a0548656c6c6f0000d75051690000000015c4b51c01000000"
    "c90b61bd00000000030000000900000000000000"
)


@pytest.mark.parametrize(
    ("user", "channel", "message"),
    [("38445c21", "8ffcad0a", "42523494"), ("22140b02", "7e148274", "4dddbcea")],
)
def test_objects_of_earlier_layers_are_read(user: str, channel: str, message: str) -> None:
    learn_older_layers()
    alice, town, hello = read(user + USER), read(channel + CHANNEL), read(message + MESSAGE)
    assert (alice.id, alice.access_hash, alice.first_name) == (77, 5, "Alice")
    assert (town.id, town.title, town.username) == (1000, "Town", "town")
    assert (hello.id, hello.message, hello.grouped_id, hello.rich_message) == (5, "Hello", 9, None)
    assert isinstance(hello.entities[0], types.MessageEntityBold)


def read(text: str) -> Any:
    with BinaryReader(bytes.fromhex(text)) as reader:
        found = reader.tgread_object()
        assert reader.read() == b""
    return found
