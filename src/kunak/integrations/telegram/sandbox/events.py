"""What happened, for the person's side: a bounded log of events with ids, which a page can follow and resume."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from kunak.integrations.telegram.sandbox.refusals import JsonObject
from kunak.integrations.telegram.sandbox.state import milliseconds_since_epoch


@dataclass(frozen=True)
class Event:
    """`bot_id` is None for what concerns a whole group; `chat_id` is None for what concerns the bot everywhere."""

    id: int
    kind: str
    bot_id: int | None
    chat_id: int | None
    data: JsonObject

    def is_for(self, bot_id: int, chat_id: int) -> bool:
        return self.bot_id in (None, bot_id) and self.chat_id in (None, chat_id)


class EventLog:
    """The last events; ids grow, also over a restart. `began` tells one memory from the one after a restart."""

    def __init__(self, limit: int) -> None:
        self._events: deque[Event] = deque(maxlen=limit)
        self._last_id = self.began = milliseconds_since_epoch()
        self._followers: set[asyncio.Queue[Event | None]] = set()

    @property
    def last_id(self) -> int:
        return self._last_id

    def add(self, kind: str, bot_id: int | None, chat_id: int | None, data: JsonObject) -> None:
        self._last_id += 1
        event = Event(self._last_id, kind, bot_id, chat_id, data)
        self._events.append(event)
        for queue in self._followers:
            _put(queue, event)

    def close(self) -> None:
        """End all who follow, so that a server can stop."""
        for queue in self._followers:
            _put(queue, None)

    def has_all_after(self, event_id: int) -> bool:
        """Whether nothing after `event_id` has been forgotten."""
        return not self._events or self._events[0].id <= event_id + 1 or len(self._events) != self._events.maxlen

    def follow(
        self, bot_id: int, chat_id: int, *, after: int, quiet_after_s: float | None = None
    ) -> AsyncIterator[Event | None]:
        """Events of a chat; as `follow_where`."""
        return self.follow_where(lambda event: event.is_for(bot_id, chat_id), after=after, quiet_after_s=quiet_after_s)

    async def follow_where(
        self, concerns: Callable[[Event], bool], *, after: int, quiet_after_s: float | None = None
    ) -> AsyncIterator[Event | None]:
        """Events that concern the listener after that id: those kept first, then those to come, without end.

        None comes whenever nothing happened for `quiet_after_s`, so that a lost listener is noticed.
        """
        queue: asyncio.Queue[Event | None] = asyncio.Queue(maxsize=1000)
        self._followers.add(queue)
        try:
            seen = after
            for kept in [kept for kept in self._events if kept.id > after]:
                seen = kept.id
                if concerns(kept):
                    yield kept
            while True:
                try:
                    event = await asyncio.wait_for(queue.get(), quiet_after_s)
                except TimeoutError:
                    yield None
                    continue
                if event is None:
                    return
                if event.id > seen and concerns(event):
                    yield event
        finally:
            self._followers.discard(queue)


def _put(queue: asyncio.Queue[Event | None], event: Event | None) -> None:
    if queue.full():  # a page that stopped reading: its stream ends, and it comes back by its last event id
        while not queue.empty():
            queue.get_nowait()
        event = None
    queue.put_nowait(event)
