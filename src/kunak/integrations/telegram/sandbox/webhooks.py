"""Pushing updates to a webhook, as Telegram does: in order within a chat, chats side by side, until taken."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import aiohttp
import orjson

from kunak.integrations.telegram.sandbox.refusals import JsonObject
from kunak.integrations.telegram.sandbox.state import Webhook
from kunak.integrations.telegram.sandbox.updates import UpdateQueue

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
_MOST_DOUBLINGS = 6

TakeReply = Callable[[bytes, str], Awaitable[None]]


class WebhookPusher:
    """Delivers the updates of one bot to one address until it is closed."""

    def __init__(
        self,
        webhook: Webhook,
        queue: UpdateQueue,
        session: aiohttp.ClientSession,
        *,
        retry_base_s: float,
        timeout_s: float,
        take_reply: TakeReply,
    ) -> None:
        """`take_reply` gets the body and content type of an answer that says something: a method to call."""
        self.webhook = webhook
        self._queue = queue
        self._session = session
        self._retry_base_s = retry_base_s
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._take_reply = take_reply
        self._lines: dict[int, deque[int]] = {}
        self._ready: deque[int] = deque()
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._failures: dict[int, int] = {}
        self._pauses: dict[int, asyncio.TimerHandle] = {}
        self._closed = False
        self._headers = {"Content-Type": "application/json"}
        if webhook.secret_token:
            self._headers[SECRET_HEADER] = webhook.secret_token

    def start(self) -> None:
        """Take over what waits already, and all that comes."""
        self._queue.on_update = self.enqueue
        for update in list(self._queue.pending.values()):
            self.enqueue(update, self._queue.chats[update["update_id"]])

    async def close(self) -> None:
        """Stop pushing; what was not taken stays in the queue."""
        self._closed = True
        self._queue.on_update = None
        for pause in self._pauses.values():
            pause.cancel()
        # The bot may have asked for this in its answer to an update: then one of the tasks is the one that runs here.
        tasks = [task for task in self._busy.values() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def enqueue(self, update: JsonObject, chat_id: int) -> None:
        line = self._lines.get(chat_id)
        if line is None:
            self._lines[chat_id] = deque((update["update_id"],))
            self._ready.append(chat_id)
            self._fill()
        else:
            line.append(update["update_id"])

    def _fill(self) -> None:
        while self._ready and not self._closed and len(self._busy) < self.webhook.max_connections:
            chat_id = self._ready.popleft()
            self._busy[chat_id] = asyncio.create_task(self._serve(chat_id))

    async def _serve(self, chat_id: int) -> None:
        """Push the line's updates until it is empty or one is not taken."""
        line = self._lines[chat_id]
        try:
            while line and not self._closed:
                if not await self._push(line[0]):
                    self._pause(chat_id)
                    return
                self._failures.pop(chat_id, None)
                if self._queue.confirm(line[0]):
                    line.popleft()
            self._lines.pop(chat_id)
        finally:
            del self._busy[chat_id]
            self._fill()

    async def _push(self, update_id: int) -> bool:
        """Whether the bot took the update; one that is no longer wanted counts as taken."""
        update = self._queue.pending.get(update_id)
        if update is None:
            return True
        try:
            async with self._session.post(
                self.webhook.url,
                data=orjson.dumps(update),
                headers=self._headers,
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                body = await response.read()
                status, reason, content_type = response.status, response.reason, response.headers.get("Content-Type")
        except TimeoutError:
            return self._note_failure("Read timeout expired")
        except (aiohttp.ClientError, OSError):
            return self._note_failure("Connection refused or broken")
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return self._note_failure(f"Wrong response from the webhook: {status} {reason}")
        if body:
            await self._take_reply(body, content_type or "")
        return True

    def _note_failure(self, sentence: str) -> bool:
        self.webhook.last_error_date = int(time.time())
        self.webhook.last_error_message = sentence
        return False

    def _pause(self, chat_id: int) -> None:
        failures = self._failures[chat_id] = self._failures.get(chat_id, 0) + 1
        pause_s = self._retry_base_s * 2 ** min(failures - 1, _MOST_DOUBLINGS)
        self._pauses[chat_id] = asyncio.get_running_loop().call_later(pause_s, self._resume, chat_id)

    def _resume(self, chat_id: int) -> None:
        del self._pauses[chat_id]
        self._ready.append(chat_id)
        self._fill()
