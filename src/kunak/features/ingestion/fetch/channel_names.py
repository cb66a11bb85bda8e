"""How a channel is named that the account is to read, and found by that name."""

import re
from dataclasses import dataclass

from kunak.features.ingestion.recognise import recognise
from kunak.features.ingestion.schemas import SourceKind
from kunak.foundation.errors import InvalidInputError
from kunak.integrations.telegram_channels.interface import Channel, ChannelAccount

_INVITATION = re.compile(
    r"(?:(?:https?://)?(?:t|telegram)\.me/(?:\+|joinchat/)|tg://join\?invite=)([\w-]{4,64})/?", re.ASCII
)


@dataclass(frozen=True)
class ChannelName:
    """A public name, or an invitation to a private channel that the account is in."""

    username: str | None = None
    invitation: str | None = None

    @property
    def address(self) -> str:
        return f"https://t.me/+{self.invitation}" if self.invitation else f"https://t.me/{self.username}"


def name_in(written: str) -> ChannelName:
    """
    Raises:
        InvalidInputError: this is neither.
    """
    if found := _INVITATION.fullmatch(written.strip()):
        return ChannelName(invitation=found[1])
    kind, name = recognise(written)
    if kind is not SourceKind.TELEGRAM:
        raise InvalidInputError("A Telegram account reads channels: give @name, t.me/name or an invitation t.me/+….")
    return ChannelName(username=name)


async def open_channel(account: ChannelAccount, name: ChannelName) -> Channel:
    """
    Raises:
        ChannelGoneError: the account finds no such channel, or is not in it.
    """
    if name.invitation:
        return await account.find_invited(name.invitation)
    return await account.find_channel(name.username or "")


def post_address(name: ChannelName, channel: int, number: int) -> str:
    """Where people read the post; a private one, those who are in the channel."""
    return f"https://t.me/{name.username}/{number}" if name.username else f"https://t.me/c/{channel}/{number}"
