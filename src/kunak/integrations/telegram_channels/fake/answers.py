"""What the fake Telegram answers to which request."""

import inspect
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from telethon.tl import functions, types
from telethon.tl.alltlobjects import tlobjects

from kunak.integrations.telegram_channels.fake.channels import Channel, update_date
from kunak.integrations.telegram_channels.fake.manners import Manners, RefusalError
from kunak.integrations.telegram_channels.fake.two_steps import TwoSteps
from kunak.integrations.telegram_channels.older_requests import OlderResolveUsername

_VECTOR = 0x1CB5C415
tlobjects[OlderResolveUsername.CONSTRUCTOR_ID] = OlderResolveUsername


@dataclass
class World:
    """One account and the channels there are."""

    phone: str = "+79001234567"
    code: str = "12345"
    password: str | None = None
    channels: list[Channel] = field(default_factory=list)
    authorized: set[int] = field(default_factory=set)
    """Ids of the keys by which the account is logged in."""
    logins: int = 0
    codes_sent: int = 0
    most: int = 100
    """Messages of a page, whatever is asked for."""
    manners: Manners = field(default_factory=Manners)
    _two_steps: TwoSteps | None = None

    def answer(self, request: Any, key_id: int) -> bytes:
        """
        Raises:
            RefusalError: as Telegram would refuse.
        """
        self.manners.refuse_lacking(name_of(request))
        found = self._answer_anybody(request, key_id)
        if found is None:
            if key_id not in self.authorized:
                raise RefusalError(401, "AUTH_KEY_UNREGISTERED")
            found = self._answer_account(request, key_id)
        return found if isinstance(found, bytes) else bytes(found)

    def _answer_anybody(self, request: Any, key_id: int) -> Any:
        match request:
            case functions.help.GetConfigRequest():
                return _config(self.manners.names_centre)
            case functions.auth.SendCodeRequest():
                return self._send_code(request)
            case functions.auth.SignInRequest():
                return self._sign_in(request, key_id)
            case functions.account.GetPasswordRequest():
                return self._question().question()
            case functions.auth.CheckPasswordRequest():
                if not self._question().is_proved(request.password):
                    raise RefusalError(400, "PASSWORD_HASH_INVALID")
                return self._let_in(key_id)
        return None

    def _answer_account(self, request: Any, key_id: int) -> Any:
        match request:
            case functions.users.GetUsersRequest():
                return struct.pack("<Ii", _VECTOR, 1) + bytes(self.user())
            case functions.updates.GetStateRequest():
                return types.updates.State(1, 0, update_date(), 0, 0)
            case functions.auth.LogOutRequest():
                self.authorized.discard(key_id)
                return types.auth.LoggedOut()
        return self._answer_finder(request) or self._answer_reader(request)

    def _answer_finder(self, request: Any) -> Any:
        match request:
            case functions.contacts.ResolveUsernameRequest() | OlderResolveUsername():
                found = self._named(request.username)
                return types.contacts.ResolvedPeer(types.PeerChannel(found.id), [found.as_chat()], [])
            case functions.messages.CheckChatInviteRequest():
                return self._invited(request.hash)
        return None

    def _answer_reader(self, request: Any) -> Any:
        match request:
            case functions.messages.GetHistoryRequest():
                channel = self._asked(request.peer)
                below = request.offset_id or channel.last_id + 1
                numbers = sorted((each for each in channel.messages if each < below), reverse=True)
                return self._page(channel, numbers[: min(request.limit, self.most)])
            case functions.channels.GetMessagesRequest():
                channel = self._asked(request.channel)
                return self._page(channel, [each.id for each in request.id if each.id in channel.messages])
            case functions.channels.GetFullChannelRequest():
                return _full(self._asked(request.channel))
            case functions.messages.GetRichMessageRequest():
                channel = self._asked(request.peer)
                return _messages(channel, [channel.whole[request.id]])
            case functions.updates.GetChannelDifferenceRequest():
                channel = self._asked(request.channel)
                since = request.pts if self.manners.writes_changes_down else channel.pts
                return _difference(channel, since, min(request.limit, self.most))
        raise RefusalError(404, "METHOD_NOT_FOUND")

    def user(self) -> Any:
        return types.User(id=77, is_self=True, first_name="Alice", phone=self.phone.removeprefix("+"), access_hash=5)

    def _send_code(self, request: Any) -> Any:
        if request.phone_number.removeprefix("+") != self.phone.removeprefix("+"):
            raise RefusalError(400, "PHONE_NUMBER_INVALID")
        if self.manners.sends_away_to is not None:
            raise RefusalError(303, f"PHONE_MIGRATE_{self.manners.sends_away_to}")
        self.codes_sent += 1
        return types.auth.SentCode(types.auth.SentCodeTypeApp(len(self.code)), "hash")

    def _sign_in(self, request: Any, key_id: int) -> Any:
        if request.phone_code != self.code:
            raise RefusalError(400, "PHONE_CODE_INVALID")
        if self.manners.signs_up:
            return types.auth.AuthorizationSignUpRequired()
        if self.password:
            raise RefusalError(401, "SESSION_PASSWORD_NEEDED")
        return self._let_in(key_id)

    def _question(self) -> TwoSteps:
        if self._two_steps is None:
            self._two_steps = TwoSteps(self.password or "")
        return self._two_steps

    def _let_in(self, key_id: int) -> Any:
        self.authorized.add(key_id)
        self.logins += 1
        return types.auth.Authorization(self.user())

    def _named(self, username: str) -> Channel:
        for channel in self.channels:
            if channel.username and channel.username.lower() == username.lower():
                return channel
        raise RefusalError(400, "USERNAME_NOT_OCCUPIED")

    def _invited(self, invitation: str) -> Any:
        for channel in self.channels:
            if channel.invitation == invitation:
                return types.ChatInviteAlready(channel.as_chat())
        raise RefusalError(400, "INVITE_HASH_EXPIRED")

    def _page(self, channel: Channel, numbers: list[int]) -> Any:
        messages = [channel.messages[number] for number in numbers]
        if self.manners.pages_count_events:
            return _messages(channel, messages)
        return types.messages.MessagesSlice(len(channel.messages), messages, [], [channel.as_chat()], [])

    def _asked(self, asked: Any) -> Channel:
        for channel in self.channels:
            if (channel.id, channel.access_hash) == (asked.channel_id, asked.access_hash):
                if channel.is_private:
                    raise RefusalError(400, "CHANNEL_PRIVATE")
                return channel
        raise RefusalError(400, "CHANNEL_INVALID")


def name_of(request: Any) -> str:
    """Such as `GetHistory`."""
    return type(request).__name__.removesuffix("Request")


def _messages(channel: Channel, messages: list[Any]) -> Any:
    return types.messages.ChannelMessages(
        channel.pts, len(channel.messages), messages, [], [channel.as_chat()], [], inexact=False
    )


def _difference(channel: Channel, since: int, limit: int) -> Any:
    if since < channel.forgotten:
        return types.updates.ChannelDifferenceTooLong(_dialog(channel), [], [channel.as_chat()], [], final=True)
    happened = channel.events[since - 1 : since - 1 + limit]
    if not happened:
        return types.updates.ChannelDifferenceEmpty(channel.pts, final=True)
    new = [each.message for each in happened if isinstance(each, types.UpdateNewChannelMessage)]
    others = [each for each in happened if not isinstance(each, types.UpdateNewChannelMessage)]
    reached = since + len(happened)
    return types.updates.ChannelDifference(reached, new, others, [channel.as_chat()], [], final=reached == channel.pts)


def _dialog(channel: Channel) -> Any:
    return types.Dialog(
        types.PeerChannel(channel.id), channel.last_id, 0, 0, 0, 0, 0, 0, types.PeerNotifySettings(), pts=channel.pts
    )


def _full(channel: Channel) -> Any:
    numbers = (channel.last_id, 0, 0)
    full = types.ChannelFull(channel.id, "", *numbers, types.PhotoEmpty(0), types.PeerNotifySettings(), [], channel.pts)
    return types.messages.ChatFull(full, [channel.as_chat()], [])


def _config(named: tuple[str, int] | None) -> Any:
    now = datetime.now(UTC)
    numbers = dict.fromkeys(_NUMBERS, 1)
    return types.Config(
        date=now,
        expires=now + timedelta(hours=1),
        test_mode=True,
        this_dc=2,
        dc_options=[types.DcOption(2, *named)] if named else [],
        dc_txt_domain_name="",
        me_url_prefix="https://t.me/",
        **numbers,
    )


_NUMBERS = [
    name
    for name, given in inspect.signature(types.Config.__init__).parameters.items()
    if given.annotation is int and given.default is inspect.Parameter.empty and name != "this_dc"
]
