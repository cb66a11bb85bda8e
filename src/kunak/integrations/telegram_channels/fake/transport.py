"""Packets on the wire, in the way the client chose with its first bytes."""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from zlib import crc32

_ABRIDGED = b"\xef"
_INTERMEDIATE = b"\xee\xee\xee\xee"
_LONG = 0x7F


@dataclass(frozen=True)
class Wire:
    """How packets come and go. `read` raises IncompleteReadError at the end."""

    read: Callable[[], Awaitable[bytes]]
    write: Callable[[bytes], None]


async def open_wire(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Wire:
    first = await reader.readexactly(1)
    if first == _ABRIDGED:
        return _abridged(reader, writer)
    first += await reader.readexactly(3)
    if first == _INTERMEDIATE:
        return _intermediate(reader, writer)
    return _full(reader, writer, first)


def _abridged(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Wire:
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
