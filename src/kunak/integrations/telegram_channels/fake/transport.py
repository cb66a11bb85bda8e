"""Packets on the wire, in the way the client chose with its first bytes."""

import asyncio
import struct
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from zlib import crc32

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from kunak.integrations.telegram_channels.server import Transport

_ABRIDGED = b"\xef"
_INTERMEDIATE = b"\xee\xee\xee\xee"
_LONG = 0x7F
_LARGEST_FIRST = 2**12
"""Bytes of the first packet; what would be longer is no length."""


@dataclass(frozen=True)
class Wire:
    """How packets come and go. `read` raises IncompleteReadError at the end."""

    read: Callable[[], Awaitable[bytes]]
    write: Callable[[bytes], None]


async def open_wire(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, allowed: Collection[Transport]) -> Wire:
    """
    Raises:
        ConnectionError: the client came on a transport that is not allowed.
    """
    transport, first = await _recognise(reader)
    if transport not in allowed:
        raise ConnectionError("Not a transport of this server.")
    match transport:
        case Transport.ABRIDGED:
            return _abridged(reader, writer)
        case Transport.INTERMEDIATE:
            return _intermediate(reader, writer)
        case Transport.OBFUSCATED:
            secret = _Secret(reader, writer, first)
            return _abridged(secret, secret)
    return _full(reader, writer, first)


async def _recognise(reader: asyncio.StreamReader) -> tuple[Transport, bytes]:
    first = await reader.readexactly(1)
    if first == _ABRIDGED:
        return Transport.ABRIDGED, first
    first += await reader.readexactly(3)
    if first == _INTERMEDIATE:
        return Transport.INTERMEDIATE, first
    if int.from_bytes(first, "little") > _LARGEST_FIRST:
        return Transport.OBFUSCATED, first + await reader.readexactly(60)
    return Transport.FULL, first


class _Secret:
    """Packets that look like nothing: both ways are encrypted with keys that the client sent first."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, first: bytes) -> None:
        self._reader = reader
        self._writer = writer
        self._incoming = Cipher(AES(first[8:40]), CTR(first[40:56])).decryptor()
        backwards = first[8:56][::-1]
        self._outgoing = Cipher(AES(backwards[:32]), CTR(backwards[32:])).encryptor()
        self._incoming.update(first)

    async def readexactly(self, length: int) -> bytes:
        return self._incoming.update(await self._reader.readexactly(length))

    def write(self, data: bytes) -> None:
        self._writer.write(self._outgoing.update(data))


def _abridged(reader: "asyncio.StreamReader | _Secret", writer: "asyncio.StreamWriter | _Secret") -> Wire:
    async def read() -> bytes:
        [length] = await reader.readexactly(1)
        if length >= _LONG:
            length = int.from_bytes(await reader.readexactly(3), "little")
        return await reader.readexactly(length * 4)

    def write(packet: bytes) -> None:
        length = len(packet) // 4
        head = bytes([length]) if length < _LONG else b"\x7f" + length.to_bytes(3, "little")
        writer.write(head + packet)

    return Wire(read, write)


def _intermediate(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Wire:
    async def read() -> bytes:
        return await reader.readexactly(int.from_bytes(await reader.readexactly(4), "little"))

    return Wire(read, lambda packet: writer.write(struct.pack("<i", len(packet)) + packet))


def _full(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, first: bytes) -> Wire:
    head, sent = [first], 0

    async def read() -> bytes:
        length = head.pop() if head else await reader.readexactly(4)
        packet = await reader.readexactly(int.from_bytes(length, "little") - 4)
        if crc32(length + packet[:-4]) != int.from_bytes(packet[-4:], "little"):
            raise ConnectionError("The checksum of a packet is wrong.")
        return packet[4:-4]

    def write(packet: bytes) -> None:
        nonlocal sent
        data = struct.pack("<ii", len(packet) + 12, sent) + packet
        writer.write(data + struct.pack("<I", crc32(data)))
        sent += 1

    return Wire(read, write)
