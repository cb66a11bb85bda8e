"""An account over the real protocol: the client of production against a server on loopback."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from kunak.foundation.errors import InvalidInputError, KunakError, TerminalError
from kunak.integrations.telegram_channels.fake.server import FakeTelegram, fake_telegram
from kunak.integrations.telegram_channels.interface import (
    AccountRefusedError,
    AccountUnavailableError,
    AccountWaitError,
    ChangesUnknownError,
    ChannelGoneError,
    CodeRefusedError,
    Message,
    PasswordRefusedError,
)
from kunak.integrations.telegram_channels.server import Application, Server, Transport, Way, read_keys
from kunak.integrations.telegram_channels.telethon import TelethonChannels


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with fake_telegram() as served:
        yield served


def way_to(telegram: FakeTelegram, transport: Transport = Transport.FULL) -> TelethonChannels:
    server = Server("127.0.0.1", telegram.port, 2)
    return TelethonChannels(Way(Application(1, "hash"), server, read_keys(telegram.public_key), transport))


async def enter(telegram: FakeTelegram, channels: TelethonChannels) -> str:
    async with channels.open_login() as login:
        await login.send_code(telegram.world.phone)
        assert await login.give_code(telegram.world.code)
        return login.session()


@pytest.mark.parametrize("transport", Transport)
async def test_long_packets_come_whole_on_every_transport(telegram: FakeTelegram, transport: Transport) -> None:
    channels = way_to(telegram, transport)
    town = telegram.add_channel("Вести", "town_news")
    for number in range(150):
        town.post(f"Новость {number} " * 20)
    async with channels.open_account(await enter(telegram, channels)) as account:
        channel = await account.find_channel("Town_News")
        page = await account.read_history(channel.key, below=None, limit=100)
        rest = await account.read_history(channel.key, below=51, limit=100)
    assert (page.messages[0]["id"], page.messages[-1]["id"], len(rest.messages)) == (150, 51, 50)
    assert (page.pts, page.names) == (151, {f"channel:{town.id}": "Вести"})


async def test_wrong_codes_and_passwords_can_be_given_again(telegram: FakeTelegram) -> None:
    telegram.world.password = "верный пароль"
    async with way_to(telegram).open_login() as login:
        await login.send_code(telegram.world.phone)
        with pytest.raises(CodeRefusedError):
            await login.give_code("1")
        assert not await login.give_code(telegram.world.code)
        with pytest.raises(PasswordRefusedError):
            await login.give_password("неверный")
        await login.give_password("верный пароль")
        assert (await login.who_am_i()).name == "Alice"


@pytest.mark.parametrize(
    ("code", "name", "kind", "words"),
    [
        (420, "FLOOD_WAIT_30", AccountWaitError, "wait for 30 seconds"),
        (420, "FLOOD_PREMIUM_WAIT_7", AccountWaitError, "wait for 7 seconds"),
        (401, "SESSION_REVOKED", AccountRefusedError, "SESSION_REVOKED"),
        (401, "USER_DEACTIVATED_BAN", AccountRefusedError, "USER_DEACTIVATED_BAN"),
        (406, "AUTH_KEY_DUPLICATED", AccountRefusedError, "AUTH_KEY_DUPLICATED"),
        (400, "CHANNEL_PRIVATE", ChannelGoneError, "it is private"),
        (400, "CHANNEL_INVALID", ChannelGoneError, "not there any more"),
        (400, "SOMETHING_NEW", TerminalError, "SOMETHING_NEW"),
    ],
)
async def test_refusals_say_what_is_to_be_done(
    telegram: FakeTelegram, code: int, name: str, kind: type[KunakError], words: str
) -> None:
    channels = way_to(telegram)
    town = telegram.add_channel("Вести", "town_news")
    async with channels.open_account(await enter(telegram, channels)) as account:
        channel = await account.find_channel("town_news")
        telegram.fail("GetHistory", code=code, name=name)
        with pytest.raises(kind, match=words):
            await account.read_history(channel.key, below=None, limit=10)
        telegram.world.manners.lacks = {"GetChannelDifference"}
        with pytest.raises(ChangesUnknownError):
            await account.read_changes(channel.key, since=town.pts)


async def test_a_session_that_was_ended_or_forgotten_is_refused(telegram: FakeTelegram) -> None:
    channels = way_to(telegram)
    session = await enter(telegram, channels)
    async with channels.open_account(session) as account:
        telegram.hang_up()
        await account.wait_until_lost()
        with pytest.raises(AccountUnavailableError):
            await account.find_channel("town_news")
    for end in (telegram.end_session, telegram.forget_keys):
        end()
        with pytest.raises(AccountRefusedError):
            async with channels.open_account(session):
                pass


async def test_what_happens_is_heard_and_can_be_asked_for(telegram: FakeTelegram) -> None:
    channels = way_to(telegram)
    town = telegram.add_channel("Вести", "town_news")
    town.post("Было")
    heard: asyncio.Queue[int | None] = asyncio.Queue()
    async with channels.open_account(await enter(telegram, channels)) as account:
        channel = await account.find_channel("town_news")
        account.listen(heard.put_nowait)
        since = town.pts
        town.post_rich("Первое", "Второе")
        assert await heard.get() == town.id
        town.edit(1, "Стало")
        town.delete(2)
        assert [await heard.get(), await heard.get()] == [town.id, town.id]
        changes = await account.read_changes(channel.key, since=since)
    assert [paragraph(each) for each in changes.messages] == ["Второе", "Стало"]
    assert (changes.deleted, changes.pts, changes.is_last) == ((2,), town.pts, True)


def paragraph(message: Message) -> str:
    """The last one of a rich message, which pages leave out, or the text."""
    rich = message["rich_message"]
    return str(rich["blocks"][-1]["text"]["text"] if rich else message["message"])


def test_keys_come_in_any_usual_form(tmp_path: Path) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = private.public_key()
    pkcs1 = public.public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()
    spki = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    file = tmp_path / "keys.pem"
    file.write_text(f"{pkcs1}\n{spki}")
    assert read_keys(pkcs1) == read_keys(spki) == read_keys(pkcs1.replace("\n", "\\n")) == (pkcs1,)
    assert read_keys(str(file)) == (pkcs1, pkcs1)
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    for wrong in ("nowhere.pem", other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()):
        with pytest.raises(InvalidInputError):
            read_keys(wrong)
    secret = private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    with pytest.raises(InvalidInputError, match="this is the private key"):
        read_keys(secret)
