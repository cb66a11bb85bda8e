"""The server: connections, and the faults that were ordered."""

import asyncio
import struct
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from telethon.crypto import AuthKey
from telethon.tl import functions, types

from kunak.integrations.telegram_channels.fake.answers import World, name_of
from kunak.integrations.telegram_channels.fake.channels import Channel
from kunak.integrations.telegram_channels.fake.envelope import Envelope, Opened, result
from kunak.integrations.telegram_channels.fake.handshake import Handshake
from kunak.integrations.telegram_channels.fake.manners import RefusalError
from kunak.integrations.telegram_channels.fake.numbers import public_pem
from kunak.integrations.telegram_channels.fake.transport import Wire, open_wire

DATA_CENTRE = 2
_KEY_UNKNOWN = struct.pack("<i", -404)
_DROP, _SILENCE = "drop", "silence"


class FakeTelegram:
    """A Telegram with one account. `asked` counts requests by name, such as `GetHistory`."""

    def __init__(self) -> None:
        self.world = World()
        self.port = 0
        self.asked: Counter[str] = Counter()
        self.was_silent = asyncio.Event()
        self._keys: dict[int, AuthKey] = {}
        self._faults: dict[str, deque[RefusalError | str | None]] = {}
        self._connections: set[_Connection] = set()

    @property
    def public_key(self) -> str:
        """PEM, for who is to trust this server."""
        return public_pem()

    @property
    def connected(self) -> int:
        """How many logged-in clients there are."""
        return sum(each.is_authorized for each in self._connections)

    def add_channel(self, title: str, username: str | None = None, *, invitation: str | None = None) -> Channel:
        channel = Channel(1000 + len(self.world.channels), title, username, invitation=invitation, tell=self._tell)
        self.world.channels.append(channel)
        return channel

    def fail(self, request: str, *, after: int = 0, code: int = 420, name: str = "FLOOD_WAIT_60") -> None:
        """Have the request of this name refused once, after it was answered `after` times."""
        self._order(request, after, RefusalError(code, name))

    def drop(self, request: str, *, after: int = 0) -> None:
        """As above; the connection is closed in place of an answer."""
        self._order(request, after, _DROP)

    def say_nothing(self, request: str, *, after: int = 0) -> None:
        """As above; there is no answer, and `was_silent` is set."""
        self._order(request, after, _SILENCE)

    def end_session(self) -> None:
        """The owner ends all sessions from another device."""
        self.world.authorized.clear()

    def forget_keys(self) -> None:
        """The server no longer knows any key."""
        self._keys.clear()

    def hang_up(self) -> None:
        for connection in tuple(self._connections):
            connection.close()

    def _order(self, request: str, after: int, fault: RefusalError | str) -> None:
        self._faults.setdefault(request, deque()).extend([*[None] * after, fault])

    def take_fault(self, request: str) -> RefusalError | str | None:
        ordered = self._faults.get(request)
        return ordered.popleft() if ordered else None

    def find_key(self, key_id: int) -> AuthKey | None:
        return self._keys.get(key_id)

    def keep_key(self, key: AuthKey) -> None:
        self._keys[key.key_id] = key

    def _tell(self, update: Any) -> None:
        for connection in tuple(self._connections):
            connection.tell(update)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(self, writer)
        self._connections.add(connection)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await connection.serve(await open_wire(reader, writer, self.world.manners.transports))
        finally:
            self._connections.discard(connection)
            connection.close()


class _Connection:
    def __init__(self, telegram: FakeTelegram, writer: asyncio.StreamWriter) -> None:
        self._telegram = telegram
        self._writer = writer
        self._manners = telegram.world.manners
        self._handshake = Handshake(self._manners)
        self._wire: Wire | None = None
        self._envelope: Envelope | None = None

    @property
    def is_authorized(self) -> bool:
        return self._envelope is not None and self._envelope.key.key_id in self._telegram.world.authorized

    async def serve(self, wire: Wire) -> None:
        self._wire = wire
        while not self._writer.is_closing():
            packet = await wire.read()
            key_id = int.from_bytes(packet[:8], "little")
            if key_id == 0:
                wire.write(self._handshake.answer(packet))
                if self._handshake.key is not None:
                    self._telegram.keep_key(self._handshake.key)
            elif (key := self._telegram.find_key(key_id)) is None:
                wire.write(_KEY_UNKNOWN)
            else:
                self._envelope = self._envelope or Envelope(key, self._manners.salt)
                self._answer(wire, self._envelope, self._envelope.open(packet))
            await self._writer.drain()

    def tell(self, update: Any) -> None:
        if self._wire and self._envelope and self.is_authorized and not self._writer.is_closing():
            self._wire.write(self._envelope.close(bytes(update)))

    def close(self) -> None:
        self._writer.close()

    def _answer(self, wire: Wire, envelope: Envelope, packet: Opened) -> None:
        answers: list[bytes] = []
        if packet.salt != self._manners.salt:
            told = types.BadServerSalt(packet.message_id, packet.sequence, 48, self._manners.salt)
            wire.write(envelope.close(bytes(told)))
            return
        if packet.is_new:
            answers.append(bytes(types.NewSessionCreated(packet.message_id, 1, self._manners.salt)))
        for message in packet.messages:
            match message.obj:
                case types.MsgsAck():
                    continue
                case functions.PingRequest() | functions.PingDelayDisconnectRequest():
                    answers.append(bytes(types.Pong(message.msg_id, message.obj.ping_id)))
                case request:
                    answer = self._answer_one(_unwrap(request), envelope.key)
                    answers += [result(message.msg_id, answer)] if answer else []
        if answers and not self._writer.is_closing():
            acks = types.MsgsAck([message.msg_id for message in packet.messages])
            wire.write(envelope.close(bytes(acks), *answers))

    def _answer_one(self, request: Any, key: AuthKey) -> bytes:
        name = name_of(request)
        self._telegram.asked[name] += 1
        fault = self._telegram.take_fault(name)
        if fault == _DROP:
            self.close()
        if fault == _SILENCE:
            self._telegram.was_silent.set()
        if isinstance(fault, str) or name in self._manners.is_deaf_to:
            return b""
        try:
            if isinstance(fault, RefusalError):
                raise fault
            return self._telegram.world.answer(request, key.key_id)
        except RefusalError as refusal:
            return bytes(types.RpcError(refusal.code, refusal.name))


def _unwrap(request: Any) -> Any:
    while isinstance(
        request,
        functions.InvokeWithLayerRequest | functions.InitConnectionRequest | functions.InvokeWithoutUpdatesRequest,
    ):
        request = request.query
    return request


@asynccontextmanager
async def fake_telegram() -> AsyncIterator[FakeTelegram]:
    """Serves on a free port of loopback."""
    telegram = FakeTelegram()
    server = await asyncio.start_server(telegram.serve, "127.0.0.1", 0)
    telegram.port = server.sockets[0].getsockname()[1]
    try:
        yield telegram
    finally:
        server.close()
        telegram.hang_up()
        await server.wait_closed()
