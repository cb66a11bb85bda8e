"""A person may end an answer while it is being written: it is written down, and whichever process is at it hears of it.

The chat's turn is held by that answer, so what ends it must not queue behind: it is heeded when it arrives. A worker
that dies over the answer changes nothing: the next one finds it written down.
"""

import asyncio
import contextlib
import logging
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.bots import service as bots
from kunak.features.messaging.repository import stops
from kunak.features.messaging.schemas import STOP_KIND, ChatKey, NewUpdate, draft_id_of
from kunak.foundation.clock import sleep_unless
from kunak.foundation.db.engine import Sessions

log = logging.getLogger(__name__)

_AGAIN_S = 1.0
_MOST_REMEMBERED = 1000
_STOP = re.compile(r"/stop(?:@(?P<bot>\w+))?(?!\w)", re.IGNORECASE)


async def heed_stops(session: AsyncSession, updates: Sequence[NewUpdate]) -> None:
    """What among new updates ends answers, does: the button under a draft that one, /stop all before it in its
    chat; in a group, all that the same person asked for in the same topic.

    It is heeded in the transaction in which it is received: whoever takes the turn after knows of it.
    """
    for update in updates:
        chat = ChatKey(update.bot_id, update.chat_id)
        if update.kind == STOP_KIND:
            undone = await stops.list_undone(session, chat, None)
            await _ask(session, [each for each in undone if draft_id_of(each) == _draft_id(update)])
        elif (command := _stop_command(update)) and await _is_for(session, update.bot_id, command["bot"]):
            undone = await stops.list_undone(session, chat, update.update_id, asker=_asker(update))
            await _ask(session, undone)


def _draft_id(update: NewUpdate) -> object:
    stopped = update.payload.get(STOP_KIND)
    return stopped.get("draft_id") if isinstance(stopped, dict) else None


def _stop_command(update: NewUpdate) -> re.Match[str] | None:
    message = update.payload.get("message") if update.kind == "message" else None
    text = message.get("text") if isinstance(message, dict) else None
    return _STOP.match(text) if isinstance(text, str) else None


def _asker(update: NewUpdate) -> stops.Asker | None:
    """Who alone is meant: in a group everybody ends what they asked for, and nothing else."""
    if update.chat_id >= 0:
        return None
    message = update.payload["message"]
    topic = message.get("message_thread_id") if message.get("is_topic_message") is True else None
    return stops.Asker(_id(message.get("from")), _id(message.get("sender_chat")), topic)


def _id(who: object) -> int | None:
    return who.get("id") if isinstance(who, dict) else None


async def _is_for(session: AsyncSession, bot_id: int, addressee: str | None) -> bool:
    return addressee is None or addressee.lower() == (await bots.get_bot(session, bot_id)).username.lower()


async def has_stopped_something(session: AsyncSession, message_id: int) -> bool:
    """Whether an answer ended early because of this message, or was about to when it arrived."""
    return await stops.has_ended(session, message_id)


async def _ask(session: AsyncSession, message_ids: list[int]) -> None:
    if message_ids:
        await stops.ask_to_stop(session, message_ids)


class Stops:
    """The answers that this process is at, and who is to be told when one of them is to end."""

    def __init__(self, sessions: Sessions, dsn: str) -> None:
        self._sessions = sessions
        self._dsn = dsn
        self._watched: dict[int, Callable[[], None]] = {}
        self._told: deque[int] = deque(maxlen=_MOST_REMEMBERED)

    @contextlib.contextmanager
    def watching(self, message_id: int, on_stop: Callable[[], None]) -> Iterator[None]:
        """Within the block `on_stop` is called when the answer to this message of the inbox is to end.

        At once, when it was said since the turn was taken, before anybody watched.
        """
        self._watched[message_id] = on_stop
        if message_id in self._told:
            on_stop()
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
        self._told.append(message_id)
        on_stop = self._watched.get(message_id)
        if on_stop is not None:
            on_stop()
