"""Encrypted messages (MTProto 2.0), read and written as the server does."""

import os
import struct
import time
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from telethon.crypto import AES, AuthKey
from telethon.extensions import BinaryReader
from telethon.network.mtprotostate import MTProtoState
from telethon.tl.core import GzipPacked, MessageContainer, TLMessage

_RPC_RESULT = 0xF35C6D01
_CONTAINER = 0x73F1F8DC
_WORTH_PACKING = 512


@dataclass(frozen=True)
class Opened:
    """A packet of a client's. `is_new`: it begins a session."""

    message_id: int
    sequence: int
    salt: int
    is_new: bool
    messages: list[TLMessage]


@dataclass
class Envelope:
    """One client's session over one connection."""

    key: AuthKey
    salt: int = 0
    """What the client is to put into its messages."""
    session_id: int = 0
    _last_id: int = 0
    _sent: int = field(default=0)

    def open(self, packet: bytes) -> "Opened":
        """What is in a packet, containers and packed ones opened."""
        message_key = packet[8:24]
        aes = MTProtoState._calc_key(self.key.key, message_key, True)  # noqa: SLF001  the protocol's arithmetic
        body = AES.decrypt_ige(packet[24:], *aes)
        if sha256(self.key.key[88:120] + body).digest()[8:24] != message_key:
            raise ConnectionError("The key of a message is wrong.")
        salt, session_id, message_id, sequence, _ = struct.unpack("<qqqii", body[:32])
        is_new, self.session_id = session_id != self.session_id, session_id
        with BinaryReader(body[32:]) as reader:
            messages = _flatten(TLMessage(message_id, sequence, reader.tgread_object()))
        return Opened(message_id, sequence, salt, is_new, messages)

    def close(self, *bodies: bytes) -> bytes:
        """A packet with these objects, in a container when they are several."""
        messages = [self._message(body) for body in bodies]
        body = messages[0]
        if len(messages) > 1:
            body = self._message(struct.pack("<Ii", _CONTAINER, len(messages)) + b"".join(messages))
        data = struct.pack("<qq", self.salt, self.session_id) + body
        data += os.urandom(-(len(data) + 12) % 16 + 12)
        message_key = sha256(self.key.key[96:128] + data).digest()[8:24]
        aes = MTProtoState._calc_key(self.key.key, message_key, False)  # noqa: SLF001  as above
        return struct.pack("<Q", self.key.key_id) + message_key + bytes(AES.encrypt_ige(data, *aes))

    def _message(self, body: bytes) -> bytes:
        self._last_id = max(self._last_id + 4, (time.time_ns() * 2**32 // 10**9) & ~3 | 1)
        self._sent += 1
        return struct.pack("<qii", self._last_id, self._sent * 2 - 1, len(body)) + body


def result(request_id: int, answer: bytes) -> bytes:
    """The answer to a request, packed when that is shorter."""
    packed = bytes(GzipPacked(answer)) if len(answer) > _WORTH_PACKING else answer
    return struct.pack("<Iq", _RPC_RESULT, request_id) + min(answer, packed, key=len)


def _flatten(message: TLMessage) -> list[TLMessage]:
    inner: Any = message.obj
    if isinstance(inner, GzipPacked):
        with BinaryReader(inner.data) as reader:
            return _flatten(TLMessage(message.msg_id, message.seq_no, reader.tgread_object()))
    if isinstance(inner, MessageContainer):
        return [each for part in inner.messages for each in _flatten(part)]
    return [message]
