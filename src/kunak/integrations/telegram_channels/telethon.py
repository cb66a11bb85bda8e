"""The account, by Telethon. Imported where an account is opened: its schema alone costs a second and 40 MB."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

from telethon import errors
from telethon.tl import functions, types

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
from kunak.integrations.telegram_channels.older_layers import learn_older_layers
from kunak.integrations.telegram_channels.older_requests import OlderResolveUsername
from kunak.integrations.telegram_channels.server import Way
from kunak.integrations.telegram_channels.telethon_connect import REACHED_S
from kunak.integrations.telegram_channels.telethon_errors import in_our_words, is_about_more, is_unknown_method
from kunak.integrations.telegram_channels.telethon_key import trust
from kunak.integrations.telegram_channels.telethon_login import TelethonLogin, name_of
from kunak.integrations.telegram_channels.telethon_session import Session, open_session
from kunak.integrations.telegram_channels.telethon_wire import Wire

_MOST_CHANGES = 100
_ASKED_AGAIN_S = 600.0
"""After a server did not say what has changed: it may never, or only just now."""


class TelethonChannels:
    """See `TelegramChannels`. `patience_s`: for an answer."""

    def __init__(self, way: Way, *, patience_s: float = REACHED_S) -> None:
        self._way = way
        self._patience_s = patience_s
        learn_older_layers()
        for key in way.keys:
            trust(key)

    @asynccontextmanager
    async def open_account(self, session: str) -> AsyncIterator["TelethonAccount"]:
        """See `TelegramChannels`."""
        async with self._wire(open_session(session, self._way)).connected() as wire:
            account = TelethonAccount(wire)
            await account.begin()
            yield account

    @asynccontextmanager
    async def open_login(self) -> AsyncIterator[TelethonLogin]:
        """See `TelegramChannels`."""
        async with self._wire(open_session(None, self._way)).connected() as wire:
            yield TelethonLogin(wire, self._way.application)

    def _wire(self, session: Session) -> Wire:
        return Wire(self._way, session, patience_s=self._patience_s)


class TelethonAccount:
    """See `ChannelAccount`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._me: Me | None = None
        self._tells_changes_from = 0.0
        self._touched: set[int] = set()

    async def begin(self) -> None:
        """Make sure that the session is still good: one that was ended connects all the same."""
        await self.who_am_i()
        await self._ask_in_addition(functions.updates.GetStateRequest())  # who asks for it is told what happens

    async def who_am_i(self) -> Me:
        self._me = self._me or await self._find_me() or self._wire.session.me
        if self._me is None:
            raise AccountRefusedError("Telegram does not say whose account this is.")
        return self._me

    async def _find_me(self) -> Me | None:
        found = await self._ask_in_addition(functions.users.GetUsersRequest([types.InputUserSelf()]))
        return name_of(found[0]) if found and isinstance(found[0], types.User) else None

    async def _ask(self, request: Any) -> Any:
        with in_our_words():
            return await self._wire.ask(request)

    async def _ask_in_addition(self, request: Any) -> Any:
        """What is of use and not needed; None where the server has no good answer to it."""
        with in_our_words():
            try:
                return await self._wire.ask(request)
            except (errors.RPCError, errors.TypeNotFoundError, TimeoutError) as error:
                if is_about_more(error):
                    raise
                return None

    async def find_channel(self, name: str) -> Channel:
        found = await self._resolve(name)
        for chat in found.chats:
            if isinstance(found.peer, types.PeerChannel) and chat.id == found.peer.channel_id:
                return _channel(chat)
        raise ChannelGoneError(f"@{name} is a person or a bot, not a channel.")

    async def _resolve(self, name: str) -> Any:
        with in_our_words():
            try:
                return await self._wire.ask(functions.contacts.ResolveUsernameRequest(name))
            except errors.RPCError as error:
                if not is_unknown_method(error):
                    raise
                return await self._wire.ask(OlderResolveUsername(name))

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
        history = _history(await self._ask(request))
        if (
            history.pts is None
            and below is None
            and self._tells_changes()
            and (count := await self._find_count(channel))
        ):
            # Asked for first, and then read again: what happens in between is told twice, and not left out.
            history = replace(_history(await self._ask(request)), pts=count)
        return await self._whole(channel, history)

    async def _find_count(self, channel: ChannelKey) -> int | None:
        """Of a server whose pages do not say it."""
        found = await self._ask_in_addition(functions.channels.GetFullChannelRequest(_input(channel)))
        full = getattr(found, "full_chat", None)
        return full.pts if isinstance(full, types.ChannelFull) else None

    async def read_messages(self, channel: ChannelKey, ids: Sequence[int]) -> History:
        wanted = [types.InputMessageID(each) for each in ids]
        found = await self._ask(functions.channels.GetMessagesRequest(_input(channel), wanted))
        return await self._whole(channel, _history(found))

    async def read_changes(self, channel: ChannelKey, *, since: int) -> Changes:
        request = functions.updates.GetChannelDifferenceRequest(
            channel=_input(channel), filter=types.ChannelMessagesFilterEmpty(), pts=since, limit=_MOST_CHANGES
        )
        was_touched = channel.id in self._touched
        self._touched.discard(channel.id)
        if not self._tells_changes():
            raise ChangesUnknownError
        with in_our_words():
            try:
                found = await self._wire.ask(request)
            except _COUNT_UNKNOWN:
                return Changes((), (), {}, since, is_last=True, was_too_long=True)
            except (errors.RPCError, TimeoutError) as error:
                if isinstance(error, errors.RPCError) and is_about_more(error):
                    raise
                # Servers other than Telegram's may do without; what is there can be read all the same.
                if isinstance(error, TimeoutError) or is_unknown_method(error):
                    self._tells_changes_from = time.monotonic() + _ASKED_AGAIN_S
                raise ChangesUnknownError from None
        changes = _changes(found, since)
        if was_touched and not (changes.messages or changes.deleted or changes.was_too_long):
            raise ChangesUnknownError  # there was something, and the server does not write it down
        return replace(changes, messages=tuple([await self._complete(channel, each) for each in changes.messages]))

    def _tells_changes(self) -> bool:
        return time.monotonic() >= self._tells_changes_from

    async def _whole(self, channel: ChannelKey, history: History) -> History:
        return replace(history, messages=tuple([await self._complete(channel, each) for each in history.messages]))

    async def _complete(self, channel: ChannelKey, message: Message) -> Message:
        """Of a long rich message lists show the beginning."""
        if not (message.get("rich_message") or {}).get("part"):
            return message
        request = functions.messages.GetRichMessageRequest(_peer(channel), message["id"])
        found = _history(await self._ask_in_addition(request)).messages
        return next((each for each in found if each["id"] == message["id"]), message)

    def listen(self, heard: Callable[[int | None], None]) -> None:
        def hear(update: Any) -> None:
            if isinstance(update, types.UpdatesTooLong):
                heard(None)
            elif (channel_id := _channel_of(update)) is not None:
                if isinstance(update, _TOUCHING):
                    self._touched.add(channel_id)
                heard(channel_id)

        self._wire.hear = hear

    async def wait_until_lost(self) -> None:
        await self._wire.ended()

    async def log_out(self) -> None:
        await self._ask(functions.auth.LogOutRequest())


_COUNT_UNKNOWN = (
    errors.PersistentTimestampEmptyError,
    errors.PersistentTimestampInvalidError,
)


def _input(channel: ChannelKey) -> Any:
    return types.InputChannel(channel.id, channel.access_hash)


def _peer(channel: ChannelKey) -> Any:
    return types.InputPeerChannel(channel.id, channel.access_hash)


def _channel(chat: Any) -> Channel:
    if not isinstance(chat, types.Channel):
        raise ChannelGoneError("The account cannot read this channel: join it in a Telegram app first.")
    return Channel(ChannelKey(chat.id, chat.access_hash or 0), chat.title, chat.username)


def _history(found: Any) -> History:
    messages = sorted(
        (cast(Message, each.to_dict()) for each in getattr(found, "messages", ())), key=lambda each: -each["id"]
    )
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
    for chat in getattr(found, "chats", ()):
        kind = "channel" if isinstance(chat, types.Channel | types.ChannelForbidden) else "chat"
        names[f"{kind}:{chat.id}"] = getattr(chat, "title", "")
    for user in getattr(found, "users", ()):
        words = (getattr(user, "first_name", None), getattr(user, "last_name", None))
        names[f"user:{user.id}"] = " ".join(filter(None, words))
    return names


_TOUCHING = (types.UpdateNewChannelMessage, types.UpdateEditChannelMessage, types.UpdateDeleteChannelMessages)


def _channel_of(update: Any) -> int | None:
    match update:
        case types.UpdateNewChannelMessage() | types.UpdateEditChannelMessage() | types.UpdateNewMessage():
            return getattr(update.message.peer_id, "channel_id", None)
        case types.UpdateDeleteChannelMessages() | types.UpdateChannelTooLong() | types.UpdateChannel():
            return cast(int, update.channel_id)
    return None
