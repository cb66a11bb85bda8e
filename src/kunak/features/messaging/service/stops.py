"""A person may end an answer while it is being written: it is written down, and whichever process is at it hears of it.

The chat's turn is held by that answer, so what ends it must not queue behind: such updates are looked at past the order
(`AnswerFleeting`). A worker that dies over the answer changes nothing: the next one finds it written down.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.messaging.repository import stops
from kunak.features.messaging.schemas import ChatKey, draft_id_of
from kunak.foundation.clock import sleep_unless
from kunak.foundation.db.engine import Sessions

log = logging.getLogger(__name__)

_AGAIN_S = 1.0


async def stop_draft(session: AsyncSession, chat: ChatKey, draft_id: int) -> None:
    """End the answer whose draft this is; nothing when it is said already."""
    undone = await stops.list_undone(session, chat, None)
    await _ask(session, [each for each in undone if draft_id_of(each) == draft_id])


async def stop_before(session: AsyncSession, chat: ChatKey, update_id: int) -> None:
    """End the answers to all that came to the chat before this update."""
    await _ask(session, await stops.list_undone(session, chat, update_id))


async def has_stopped_something(session: AsyncSession, chat: ChatKey, message_id: int) -> bool:
    """Whether the answer to the message before this one was ended early."""
    return await stops.was_asked_before(session, chat, message_id)


async def _ask(session: AsyncSession, message_ids: list[int]) -> None:
    if message_ids:
        await stops.ask_to_stop(session, message_ids)


class Stops:
    """The answers that this process is at, and who is to be told when one of them is to end."""

    def __init__(self, sessions: Sessions, dsn: str) -> None:
        self._sessions = sessions
        self._dsn = dsn
        self._watched: dict[int, Callable[[], None]] = {}

    @contextlib.contextmanager
    def watching(self, message_id: int, on_stop: Callable[[], None]) -> Iterator[None]:
        """Within the block `on_stop` is called when the answer to this message of the inbox is to end."""
        self._watched[message_id] = on_stop
        try:
            yield
        finally:
            self._watched.pop(message_id, None)

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until `stop` is set; comes back by itself when the database goes away."""
        while not stop.is_set():
            try:
                await self._listen(stop)
            except Exception as error:  # noqa: BLE001  whatever ends the connection, a new one is made
                log.warning("messaging: nobody can be stopped just now (%s)", type(error).__name__)
                await sleep_unless(_AGAIN_S, stop)

    async def _listen(self, stop: asyncio.Event) -> None:
        connection = await asyncpg.connect(self._dsn, timeout=10)
        gone = asyncio.Event()
        connection.add_termination_listener(lambda _: gone.set())
        try:
            await connection.add_listener(stops.ASKED, lambda *told: self._tell(int(told[-1])))
            await self._catch_up()
            while not stop.is_set() and not gone.is_set():
                await sleep_unless(60.0, stop, gone)
        finally:
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                await connection.close(timeout=2)

    async def _catch_up(self) -> None:
        """What was asked while nobody listened."""
        async with self._sessions() as session:
            asked = await stops.list_asked(session, self._watched.keys()) if self._watched else []
        for message_id in asked:
            self._tell(message_id)

    def _tell(self, message_id: int) -> None:
        on_stop = self._watched.get(message_id)
        if on_stop is not None:
            on_stop()
