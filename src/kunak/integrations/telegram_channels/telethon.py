"""The account, by Telethon. Imported where an account is opened: its schema alone costs a second and 40 MB."""

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

from telethon import TelegramClient, errors, events
from telethon.crypto import rsa
from telethon.network import (
    ConnectionTcpAbridged,
    ConnectionTcpFull,
    ConnectionTcpIntermediate,
    ConnectionTcpObfuscated,
)
from telethon.tl import functions, types

from kunak import __version__
from kunak.integrations.telegram_channels.interface import (
    AccountRefusedError,
    Changes,
    ChangesUnknownError,
    Channel,
    ChannelGoneError,
    ChannelKey,
    History,
    Me,
    Message,
)
from kunak.integrations.telegram_channels.server import Transport, Way
from kunak.integrations.telegram_channels.telethon_errors import in_our_words, is_about_more
from kunak.integrations.telegram_channels.telethon_session import open_session, write_session

_CONNECTIONS = {
    Transport.FULL: ConnectionTcpFull,
    Transport.ABRIDGED: ConnectionTcpAbridged,
    Transport.INTERMEDIATE: ConnectionTcpIntermediate,
    Transport.OBFUSCATED: ConnectionTcpObfuscated,
}
_ANSWER_S = 15
_MOST_CHANGES = 100
log = logging.getLogger(__name__)
_QUIET = log.getChild("library")
_QUIET.setLevel(logging.CRITICAL)  # what it tells there comes to us as errors, too


class TelethonChannels:
    """See `TelegramChannels`."""

    def __init__(self, way: Way) -> None:
        self._way = way
        for key in way.keys:
            rsa.add_key(key, old=False)

    @asynccontextmanager
    async def open_account(self, session: str) -> AsyncIterator["TelethonAccount"]:
        """See `TelegramChannels`."""
        async with self._connected(session) as client:
            account = TelethonAccount(client)
            await account.who_am_i()  # a session that was ended connects all the same
            yield account

    @asynccontextmanager
    async def open_login(self) -> AsyncIterator["TelethonLogin"]:
        """See `TelegramChannels`."""
        async with self._connected(None) as client:
            yield TelethonLogin(client)

    @asynccontextmanager
    async def _connected(self, session: str | None) -> AsyncIterator[Any]:
        client = self._client(session)
        try:
            with in_our_words():
                await client.connect()
            yield client
        finally:
            await client.disconnect()
            await _ended(client)

    def _client(self, session: str | None) -> Any:
        server = self._way.server
        return TelegramClient(
            open_session(session, server),
            self._way.application.api_id,
            self._way.application.api_hash,
            connection=_CONNECTIONS[self._way.transport],
            use_ipv6=server is not None and ":" in server.host,
            timeout=_ANSWER_S,
            request_retries=2,
            connection_retries=1,
            auto_reconnect=False,  # who reads must know of it, to look at what was missed
            flood_sleep_threshold=0,  # waiting is ours: it is shared with other processes
            raise_last_call_error=True,
            device_model="Kunak",
            app_version=__version__,
            base_logger=_QUIET,
        )


class _Account:
    def __init__(self, client: Any) -> None:
        self._client = client

    async def who_am_i(self) -> Me:
        [me] = await self._ask(functions.users.GetUsersRequest([types.InputUserSelf()])) or [None]
        if not isinstance(me, types.User):
            raise AccountRefusedError("Telegram does not say whose account this is.")
        name = " ".join(filter(None, (me.first_name, me.last_name))) or me.username or str(me.id)
        return Me(me.id, name, me.phone)

    async def _ask(self, request: Any) -> Any:
        with in_our_words():
            return await self._client(request)


class TelethonAccount(_Account):
    """See `ChannelAccount`."""

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self._me: Me | None = None

    async def who_am_i(self) -> Me:
        self._me = self._me or await super().who_am_i()
        return self._me

    async def find_channel(self, name: str) -> Channel:
        found = await self._ask(functions.contacts.ResolveUsernameRequest(name))
        for chat in found.chats:
            if isinstance(found.peer, types.PeerChannel) and chat.id == found.peer.channel_id:
                return _channel(chat)
        raise ChannelGoneError(f"@{name} is a person or a bot, not a channel.")

    async def find_invited(self, invitation: str) -> Channel:
        found = await self._ask(functions.messages.CheckChatInviteRequest(invitation))
        if not isinstance(found, types.ChatInviteAlready):
            raise ChannelGoneError("The account is not in this channel: join it in a Telegram app first.")
        return _channel(found.chat)

    async def read_history(self, channel: ChannelKey, *, below: int | None, limit: int) -> History:
        request = functions.messages.GetHistoryRequest(
            peer=_peer(channel),
            offset_id=below or 0,
            offset_date=None,
            add_offset=0,
            limit=limit,
            max_id=0,
            min_id=0,
            hash=0,
        )
        return await self._whole(channel, _history(await self._ask(request)))

    async def read_messages(self, channel: ChannelKey, ids: Sequence[int]) -> History:
        wanted = [types.InputMessageID(each) for each in ids]
        found = await self._ask(functions.channels.GetMessagesRequest(_input(channel), wanted))
        return await self._whole(channel, _history(found))

    async def read_changes(self, channel: ChannelKey, *, since: int) -> Changes:
        request = functions.updates.GetChannelDifferenceRequest(
            channel=_input(channel), filter=types.ChannelMessagesFilterEmpty(), pts=since, limit=_MOST_CHANGES
        )
        with in_our_words():
            try:
                found = await self._client(request)
            except _COUNT_UNKNOWN:
                return Changes((), (), {}, since, is_last=True, was_too_long=True)
            except errors.RPCError as error:
                if is_about_more(error):
                    raise
                # Servers other than Telegram's may do without; what is there can be read all the same.
                raise ChangesUnknownError from None
        changes = _changes(found, since)
        return replace(changes, messages=tuple([await self._complete(channel, each) for each in changes.messages]))

    async def _whole(self, channel: ChannelKey, history: History) -> History:
        return replace(history, messages=tuple([await self._complete(channel, each) for each in history.messages]))

    async def _complete(self, channel: ChannelKey, message: Message) -> Message:
        """Of a long rich message lists show the beginning."""
        if not (message.get("rich_message") or {}).get("part"):
            return message
        request = functions.messages.GetRichMessageRequest(_peer(channel), message["id"])
        found = _history(await self._ask(request)).messages
        return next((each for each in found if each["id"] == message["id"]), message)

    def listen(self, heard: Callable[[int], None]) -> None:
        async def hear(update: Any) -> None:
            channel_id = _channel_of(update)
            if channel_id is not None:
                heard(channel_id)

        self._client.add_event_handler(hear, events.Raw())

    async def wait_until_lost(self) -> None:
        await _ended(self._client)

    async def log_out(self) -> None:
        await self._ask(functions.auth.LogOutRequest())


_COUNT_UNKNOWN = (
    errors.PersistentTimestampEmptyError,
    errors.PersistentTimestampInvalidError,
)


class TelethonLogin(_Account):
    """See `Login`."""

    async def send_code(self, phone: str) -> None:
        with in_our_words():
            await self._client.send_code_request(phone)

    async def give_code(self, code: str) -> bool:
        with in_our_words():
            try:
                await self._client.sign_in(code=code)
            except errors.SessionPasswordNeededError:
                return False
        return True

    async def give_password(self, password: str) -> None:
        with in_our_words():
            await self._client.sign_in(password=password)

    def session(self) -> str:
        return write_session(self._client.session)


async def _ended(client: Any) -> None:
    try:
        await client.disconnected
    except Exception as error:  # noqa: BLE001  it ends with whatever has ended it, and wants to be asked what that was
        log.debug("telegram: the connection has ended (%s)", type(error).__name__)


def _input(channel: ChannelKey) -> Any:
    return types.InputChannel(channel.id, channel.access_hash)


def _peer(channel: ChannelKey) -> Any:
    return types.InputPeerChannel(channel.id, channel.access_hash)


def _channel(chat: Any) -> Channel:
    if not isinstance(chat, types.Channel):
        raise ChannelGoneError("The account cannot read this channel.")
    return Channel(ChannelKey(chat.id, chat.access_hash or 0), chat.title, chat.username)


def _history(found: Any) -> History:
    messages = sorted((cast(Message, each.to_dict()) for each in found.messages), key=lambda each: -each["id"])
    return History(tuple(messages), _names(found), getattr(found, "pts", None))


def _changes(found: Any, since: int) -> Changes:
    if isinstance(found, types.updates.ChannelDifferenceEmpty):
        return Changes((), (), {}, max(found.pts, since), is_last=True)
    if isinstance(found, types.updates.ChannelDifferenceTooLong):
        return Changes((), (), {}, found.dialog.pts or since, is_last=True, was_too_long=True)
    edits = [each.message for each in found.other_updates if isinstance(each, types.UpdateEditChannelMessage)]
    removed = [each for each in found.other_updates if isinstance(each, types.UpdateDeleteChannelMessages)]
    return Changes(
        messages=tuple(each.to_dict() for each in [*found.new_messages, *edits]),
        deleted=tuple(number for each in removed for number in each.messages),
        names=_names(found),
        pts=found.pts,
        # One that goes nowhere would be asked for again and again.
        is_last=bool(found.final) or found.pts <= since,
    )


def _names(found: Any) -> dict[str, str]:
    names = {}
    for chat in found.chats:
        kind = "channel" if isinstance(chat, types.Channel | types.ChannelForbidden) else "chat"
        names[f"{kind}:{chat.id}"] = getattr(chat, "title", "")
    for user in found.users:
        words = (getattr(user, "first_name", None), getattr(user, "last_name", None))
        names[f"user:{user.id}"] = " ".join(filter(None, words))
    return names


def _channel_of(update: Any) -> int | None:
    match update:
        case types.UpdateNewChannelMessage() | types.UpdateEditChannelMessage():
            return getattr(update.message.peer_id, "channel_id", None)
        case types.UpdateDeleteChannelMessages() | types.UpdateChannelTooLong() | types.UpdateChannel():
            return cast(int, update.channel_id)
    return None
