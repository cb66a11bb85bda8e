"""The updates that wait for one bot: kept in order until the bot confirms them, by polling or by webhook."""

import asyncio
from collections.abc import Callable

from kunak.integrations.telegram.sandbox.refusals import JsonObject, conflict
from kunak.integrations.telegram.sandbox.state import milliseconds_since_epoch

# Telegram leaves these out unless a bot names them in `allowed_updates`.
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
MOST_PENDING = 100_000  # Telegram keeps updates for a day; memory sets our limit
MOST_PER_ANSWER = 100
LONGEST_POLL_S = 50
_TERMINATED = "terminated by other getUpdates request; make sure that only one bot instance is running"

Listener = Callable[[JsonObject, int], None]


class UpdateQueue:
    """Updates of one bot. `update_id` begins at the milliseconds since 2026, so it never repeats after a restart."""

    def __init__(self) -> None:
        self.pending: dict[int, JsonObject] = {}
        self.chats: dict[int, int] = {}
        self.repeats: set[int] = set()
        self.held_back: list[tuple[JsonObject, int]] = []
        self.allowed: frozenset[str] | None = None
        self.on_update: Listener | None = None
        self._last_id = milliseconds_since_epoch()
        self._poller: asyncio.Future[bool] | None = None

    def wants(self, kind: str) -> bool:
        return kind not in NOT_BY_DEFAULT if self.allowed is None else kind in self.allowed

    def remember_allowed(self, kinds: list[str] | None) -> None:
        """As Telegram: None keeps the last choice, an empty list returns to the default."""
        if kinds is not None:
            self.allowed = frozenset(kinds) or None

    def push(self, kind: str, content: JsonObject, chat_id: int) -> int | None:
        """Add an update and return its id; None when the bot does not want this kind. Order holds within `chat_id`."""
        if not self.wants(kind):
            return None
        self._last_id += 1
        update = {"update_id": self._last_id, kind: content}
        self.deliver(update, chat_id)
        self.release_held_back()
        return self._last_id

    def hold_back_next(self, kind: str, content: JsonObject, chat_id: int) -> None:
        """Number an update now and deliver it behind the next one: what a bot sees as out of order."""
        if self.wants(kind):
            self._last_id += 1
            self.held_back.append(({"update_id": self._last_id, kind: content}, chat_id))

    def release_held_back(self) -> None:
        held, self.held_back = self.held_back, []
        for update, chat_id in held:
            self.deliver(update, chat_id)

    def deliver(self, update: JsonObject, chat_id: int) -> None:
        """Put an update with an id of its own among those that wait, and tell whoever waits for one."""
        update_id = update["update_id"]
        self.pending[update_id] = update
        self.chats[update_id] = chat_id
        if len(self.pending) > MOST_PENDING:
            self.confirm(next(iter(self.pending)))
        if self.on_update is not None:
            self.on_update(update, chat_id)
        else:
            self.release()

    def release(self) -> None:
        """Let a poll that is waiting answer with what there is."""
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(True)

    def confirm(self, update_id: int) -> bool:
        """Whether the update is done with; one that is to come twice stays once more."""
        if update_id in self.repeats:
            self.repeats.discard(update_id)
            return False
        self.pending.pop(update_id, None)
        self.chats.pop(update_id, None)
        return True

    def drop_all(self) -> None:
        self.pending.clear()
        self.chats.clear()
        self.repeats.clear()
        self.held_back.clear()

    async def poll(self, *, offset: int, limit: int, timeout_s: float) -> list[JsonObject]:
        """The updates from `offset` on, confirming all before it; waits up to `timeout_s` for the first.

        A second poll ends the first one with 409, as Telegram does.
        """
        self.end_poll(_TERMINATED)
        self._confirm_before(offset)
        if not self.pending and timeout_s > 0:
            await self._wait_for_update(min(timeout_s, LONGEST_POLL_S))
        # By number, as Telegram: the next offset confirms all that is lower, given out or not.
        return [self.pending[each] for each in sorted(self.pending)[: min(max(limit, 1), MOST_PER_ANSWER)]]

    def end_poll(self, reason: str) -> None:
        """Answer a poll that is waiting with 409 and that reason."""
        if self._poller is not None and not self._poller.done():
            self._poller.set_exception(conflict(reason))
        self._poller = None

    def _confirm_before(self, offset: int) -> None:
        ids = list(self.pending)
        for update_id in ids[:offset] if offset < 0 else [each for each in ids if each < offset]:
            self.confirm(update_id)

    async def _wait_for_update(self, timeout_s: float) -> None:
        poller: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._poller = poller
        try:
            await asyncio.wait_for(poller, timeout_s)
        except TimeoutError:
            return
        finally:
            if self._poller is poller:
                self._poller = None
