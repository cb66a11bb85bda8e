"""What stands in the outbox is sent."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from kunak.features.bots.schemas import Bot
from kunak.features.bots.service import Directory, KnownBot
from kunak.features.messaging.jobs.pause import pause
from kunak.features.messaging.jobs.write import STOPPED, write_down
from kunak.features.messaging.schemas import (
    MADE_AT_DELIVERY,
    ChatKey,
    DeliverToChat,
    Delivery,
    DeliveryResult,
    Failure,
)
from kunak.features.messaging.service.failures import failure_of, is_moot
from kunak.features.messaging.service.ladder import in_form, one_step_down
from kunak.features.messaging.service.ledger import Ledger
from kunak.foundation.errors import ErrorClass, FatalError, NotFoundError
from kunak.foundation.observability import metrics
from kunak.integrations.telegram.interface import (
    TelegramClient,
    TelegramRefusedError,
    TelegramUnavailableError,
    Upload,
)

log = logging.getLogger(__name__)

MakeFile = Callable[[ChatKey, str], Awaitable[Upload]]
"""Makes the file of this name for a chat, when it is sent."""


@dataclass(frozen=True)
class Delivering:
    """Sends what waits in the outbox of a chat, one message at a time."""

    ledger: Ledger
    directory: Directory
    telegram: TelegramClient
    make_file: MakeFile | None = None

    async def deliver_to_chat(self, job: DeliverToChat) -> None:
        known = await self._look_up(job.bot_id)
        delivery = known and await self.ledger.claim_delivery(ChatKey(job.bot_id, job.chat_id))
        if known is None or not isinstance(delivery, Delivery):
            return
        metrics.MAYBE_TWICE.inc(delivery.interrupted)
        try:
            await asyncio.sleep(delivery.wait.total_seconds())
            result = await self._deliver(delivery, known)
        except asyncio.CancelledError:
            # Whether Telegram had it already is not known: it counts as one that may be said twice.
            stopped = DeliveryResult(delivery, failure=STOPPED, maybe_done=True)
            await asyncio.shield(self._write_delivery(stopped))
            raise
        await self._write_delivery(result)

    async def _look_up(self, bot_id: int) -> KnownBot | None:
        """The bot, before anything is claimed for it: looking may take a while, and a claim does not wait."""
        try:
            return await self.directory.get(bot_id)
        except NotFoundError:
            return None
        except FatalError as error:
            await self._pause(bot_id, error)
            return None

    async def _write_delivery(self, result: DeliveryResult) -> None:
        if await write_down(self.ledger.finish_delivery, result, self.ledger.options.lease_for):
            metrics.DELIVERIES.labels(result.state).inc()
            metrics.MAYBE_TWICE.inc(result.maybe_done)

    async def _deliver(self, delivery: Delivery, known: KnownBot) -> DeliveryResult:
        if self.ledger.options.retries.is_deadly(delivery.attempt, interrupted=delivery.interrupted):
            words = "Every worker that took this delivery died over it."
            return DeliveryResult(delivery, failure=Failure(ErrorClass.TERMINAL, words))
        try:
            params = in_form(known.bot.answers, await self._with_files(delivery))
            answer = await self.telegram.call(known.access, delivery.method, params)
            return DeliveryResult(delivery, telegram_message_id=_message_id(answer))
        except Exception as error:  # noqa: BLE001  whatever it is, the ledger must hear of it
            if is_moot(delivery.method, error):
                return DeliveryResult(delivery)
            if isinstance(error, FatalError):
                error = await self._pause(delivery.chat.bot_id, error, known.bot)
            return self._failed(delivery, error)

    async def _with_files(self, delivery: Delivery) -> dict[str, Any]:
        params = dict(delivery.params)
        for name, value in delivery.params.items():
            if isinstance(value, dict) and MADE_AT_DELIVERY in value and self.make_file is not None:
                params[name] = await self.make_file(delivery.chat, value[MADE_AT_DELIVERY])
        return params

    def _failed(self, delivery: Delivery, error: Exception) -> DeliveryResult:
        if isinstance(error, TelegramRefusedError) and error.migrate_to_chat_id is not None:
            moved = Failure(ErrorClass.RETRYABLE, str(error))
            # What it was to replace has another number in the new group.
            whole = delivery.instead if delivery.method == "editMessageText" else None
            return DeliveryResult(delivery, failure=moved, move_to_chat_id=error.migrate_to_chat_id, instead=whole)
        if (instead := one_step_down(delivery, error)) is not None:
            log.warning("messaging: delivery %d is said in a plainer form: %s", delivery.message_id, error)
            refused = Failure(ErrorClass.RETRYABLE, str(error), timedelta())
            return DeliveryResult(delivery, failure=refused, instead=instead)
        failure = failure_of(error, delivery.attempt, self.ledger.options.retries)
        log.warning("messaging: delivery %d to chat %d: %s", delivery.message_id, delivery.chat.chat_id, failure.text)
        again = failure.error_class is not ErrorClass.TERMINAL
        if not isinstance(error, TelegramUnavailableError) or not again:
            return DeliveryResult(delivery, failure=failure)
        slow_down = error.retry_after is not None
        return DeliveryResult(delivery, failure=failure, maybe_done=error.maybe_done, slow_down=slow_down)

    async def _pause(self, bot_id: int, error: FatalError, used: Bot | None = None) -> Exception:
        return await pause(self.ledger.sessions, self.directory, bot_id, error, used)


def _message_id(answer: Any) -> int | None:
    found = answer.get("message_id") if isinstance(answer, dict) else None
    return found if isinstance(found, int) else None
