"""The sandbox as one thing: what it remembers, who waits for updates, what has gone wrong."""

from collections.abc import Awaitable, Callable

import aiohttp

from kunak.integrations.telegram.sandbox.call_log import CallLog
from kunak.integrations.telegram.sandbox.events import EventLog
from kunak.integrations.telegram.sandbox.faults import FaultKind, Faults
from kunak.integrations.telegram.sandbox.files import FileStore
from kunak.integrations.telegram.sandbox.queries import Queries
from kunak.integrations.telegram.sandbox.refusals import JsonObject
from kunak.integrations.telegram.sandbox.state import Chat, SandboxBot, State, Webhook
from kunak.integrations.telegram.sandbox.updates import UpdateQueue
from kunak.integrations.telegram.sandbox.webhooks import WebhookPusher

Execute = Callable[[SandboxBot, bytes, str], Awaitable[None]]


class World:
    """State and the ways changes leave it: updates to bots, events to pages."""

    def __init__(
        self,
        *,
        history_limit: int,
        file_bytes_limit: int,
        event_limit: int,
        call_limit: int,
        webhook_retry_base_s: float,
        webhook_timeout_s: float,
        draft_lifetime_s: float,
        seed: int | None,
    ) -> None:
        self.state = State(history_limit=history_limit)
        self.files = FileStore(file_bytes_limit)
        self.events = EventLog(event_limit)
        self.calls = CallLog(call_limit)
        self.faults = Faults(seed)
        self.queries = Queries()
        self.queues: dict[int, UpdateQueue] = {}
        self.pushers: dict[int, WebhookPusher] = {}
        self.draft_lifetime_s = draft_lifetime_s
        self.execute: Execute | None = None
        self._webhook_retry_base_s = webhook_retry_base_s
        self._webhook_timeout_s = webhook_timeout_s
        self._session: aiohttp.ClientSession | None = None

    def queue(self, bot: SandboxBot) -> UpdateQueue:
        queue = self.queues.get(bot.id)
        if queue is None:
            queue = self.queues[bot.id] = UpdateQueue()
        return queue

    def push_update(self, bot: SandboxBot, kind: str, content: JsonObject, chat_id: int) -> None:
        """Send an update on its way to the bot, as the faults in force let it."""
        queue = self.queue(bot)
        fault = self.faults.strike_update(kind, bot.id, chat_id)
        if fault is not None and fault.kind is FaultKind.OUT_OF_ORDER_UPDATE:
            queue.hold_back_next(kind, content, chat_id)
            return
        update_id = queue.push(kind, content, chat_id)
        if update_id is not None and fault is not None:
            queue.repeats.add(update_id)

    def tell_pages(self, kind: str, chat: Chat, data: JsonObject) -> None:
        self.events.add(kind, chat.bot_id, chat.id, data)

    def bots_in(self, chat: Chat) -> list[SandboxBot]:
        return [self.state.bots[bot_id] for bot_id in sorted(chat.bots)]

    def sender(self, user_id: int) -> JsonObject | None:
        """The `User` object of a person or a bot."""
        person = self.state.people.get(user_id)
        if person is not None:
            return person.profile
        bot = self.state.bots.get(user_id)
        return bot.as_sender if bot is not None else None

    def mend(self) -> None:
        """End all faults and let go of the updates they held back."""
        self.faults.clear()
        for queue in self.queues.values():
            queue.release_held_back()

    async def set_webhook(self, bot: SandboxBot, webhook: Webhook) -> None:
        await self.delete_webhook(bot)
        pusher = WebhookPusher(
            webhook,
            self.queue(bot),
            self._http(),
            retry_base_s=self._webhook_retry_base_s,
            timeout_s=self._webhook_timeout_s,
            take_reply=lambda body, content_type: self._take_reply(bot, body, content_type),
        )
        self.pushers[bot.id] = pusher
        pusher.start()

    async def delete_webhook(self, bot: SandboxBot) -> None:
        pusher = self.pushers.pop(bot.id, None)
        if pusher is not None:
            await pusher.close()

    async def close(self) -> None:
        """Stop pushing, end polls and streams that wait, close the connections to the bots."""
        self.events.close()
        for queue in self.queues.values():
            queue.release()
        for bot_id in list(self.pushers):
            await self.pushers.pop(bot_id).close()
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _take_reply(self, bot: SandboxBot, body: bytes, content_type: str) -> None:
        if self.execute is not None:
            await self.execute(bot, body, content_type)

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            # Each bot's own `max_connections` is the limit that counts; connections stay open between updates.
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60)
            self._session = aiohttp.ClientSession(connector=connector, skip_auto_headers=("User-Agent",))
        return self._session
