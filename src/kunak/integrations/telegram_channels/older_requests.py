"""Requests as servers of some years ago know them."""

import struct
from typing import Any

from telethon.tl import TLRequest


class OlderResolveUsername(TLRequest):  # type: ignore[misc]  # Telethon has no types
    """contacts.resolveUsername#f93ccba3, before it could say who had named the channel."""

    CONSTRUCTOR_ID = 0xF93CCBA3

    def __init__(self, username: str) -> None:
        self.username = username

    @classmethod
    def from_reader(cls, reader: Any) -> "OlderResolveUsername":
        return cls(reader.tgread_string())

    def _bytes(self) -> bytes:
        return struct.pack("<I", self.CONSTRUCTOR_ID) + bytes(self.serialize_bytes(self.username))
