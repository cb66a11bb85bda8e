"""The jobs of the ledger: answer a chat, deliver to it, and what keeps both going."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import Bot, BotState, ConnectBot, UpdatesBy
from kunak.features.bots.service import Directory, KnownBot
from kunak.features.messaging.schemas import (
    MADE_AT_DELIVERY,
    AnswerChat,
    AnswerFleeting,
    ChatKey,
    DeliverToChat,
    Delivery,
    DeliveryResult,
    Failure,
    ProbeBots,
    PruneLedger,
    Reply,
    Say,
    TellAdmins,
    Turn,
    TurnResult,
    WakeChats,
)
from kunak.features.messaging.service.alerts import (
    end_pause,
    pause_and_alert,
    repeat_untold_alerts,
    resume_and_tell,
    tell_admins,
    tell_mended,
)
from kunak.features.messaging.service.failures import class_of, failure_of, is_moot
from kunak.features.messaging.service.fleeting import answer_fleeting
from kunak.features.messaging.service.ladder import in_form, one_step_down
from kunak.features.messaging.service.ledger import Ledger
from kunak.features.messaging.service.replay import prune_ledger, wake_bot, wake_idle_chats
from kunak.foundation.clock import now
from kunak.foundation.errors import ErrorClass, FatalError, KunakError, NotFoundError, RetryableError
from kunak.foundation.jobs.dead_letters import prune_job_log
from kunak.foundation.jobs.worker import Handlers
from kunak.foundation.observability import metrics
from kunak.integrations.telegram.interface import (
    TelegramClient,
    TelegramRefusedError,
    TelegramUnavailableError,
    Upload,
)
from kunak.integrations.telegram.updates import UPDATE_KINDS

Result = TypeVar("Result")
Ended = TypeVar("Ended")
log = logging.getLogger(__name__)

AfterConnecting = Callable[[AsyncSession, int], Awaitable[None]]
"""What else is to be done for a bot (its id) that Telegram knows us by now, written down in the same transaction."""

MakeFile = Callable[[ChatKey, str], Awaitable[Upload]]
"""Makes the file of this name for a chat, when it is sent."""

_STOPPED = Failure(ErrorClass.RETRYABLE, "The worker was told to stop.", timedelta())

_WRITE_AGAIN_S = 0.2
_LATE_PARTS_TIMES = 5
"""Somebody who writes without end is answered all the same."""


class Responder(Protocol):
    """Who answers: the conversation."""

    async def respond(self, turn: Turn) -> Reply:
        """What is to be said to a message; nothing for one that asks for no answer."""
        ...

    async def apologise(self, turn: Turn) -> Sequence[Say]:
        """A polite word when a message could not be answered for good."""
        ...

    async def respond_at_once(self, bot_id: int, kind: str, payload: dict[str, Any]) -> Say | None:
        """The answer to a fleeting update; None when there is none to give."""
        ...


@dataclass(frozen=True)
class MessagingJobs:
    """The handlers, with what they work on."""

    ledger: Ledger
    directory: Directory
    telegram: TelegramClient
    responder: Responder
    admin_chats: Sequence[int] = ()
    after_connecting: AfterConnecting | None = None
    public_url: str | None = None
    keep_days: int = 180
    make_file: MakeFile | None = None

    def register(self, handlers: Handlers) -> None:
        handlers.add(AnswerChat, self.answer_chat)
        handlers.add(DeliverToChat, self.deliver_to_chat)
        fleeting = (self.ledger.sessions, self.directory, self.telegram, self.responder.respond_at_once)
        handlers.add(AnswerFleeting, partial(answer_fleeting, *fleeting))
        handlers.add(TellAdmins, self.tell_admins)
        handlers.add(ConnectBot, self.connect_bot)
        handlers.add(WakeChats, self.wake_chats)
        handlers.add(PruneLedger, self.prune_ledger)
        handlers.add(ProbeBots, self.probe_bots)
        handlers.repeat("* * * * * */5", WakeChats())
        handlers.repeat("17 * * * *", PruneLedger())
        handlers.repeat("* * * * * */15", ProbeBots())

    async def answer_chat(self, job: AnswerChat) -> None:
        """A lone question is answered at once. Should more of it come a moment later, all is answered together."""
        claimed = await self.ledger.claim_turn(ChatKey(job.bot_id, job.chat_id))
        turn = claimed if isinstance(claimed, Turn) else None
        for left in range(_LATE_PARTS_TIMES, -1, -1):
            turn = turn and await self._take_turn(turn, may_grow=left > 0)

    async def _take_turn(self, turn: Turn, *, may_grow: bool) -> Turn | None:
        """None when it has ended, for us at least; else the same with what came meanwhile and belongs to it."""
        try:
            async with self._holding(turn):
                result = await self._answer_in_time(turn) if may_grow else await self._answer(turn)
        except asyncio.CancelledError:
            await asyncio.shield(self._write(self.ledger.finish_turn, TurnResult(turn, failure=_STOPPED)))
            raise
        finished = result if isinstance(result, Turn) else await self._write(self.ledger.finish_turn, result)
        if isinstance(finished, Turn):
            return finished
        if finished and isinstance(result, TurnResult):
            metrics.TURNS.labels(result.state).inc()
            # The two times are of two clocks, which may differ a little.
            metrics.ANSWER_SECONDS.observe(max(0.0, (now() - turn.received_at).total_seconds()))
            if result.note is not None:
                await result.note()
        return None

    async def _answer_in_time(self, turn: Turn) -> TurnResult | Turn:
        """The answer, unless more has come by the end of the pause in which it may: then the longer turn."""
        burst_s = self.ledger.options.burst_s if turn.kind == "message" else 0.0
        answering, until = asyncio.create_task(self._answer(turn)), time.monotonic() + burst_s
        try:
            await asyncio.wait([answering], timeout=burst_s)
            is_quick = answering.done()
            if is_quick and answering.result().has_nothing:
                await asyncio.sleep(until - time.monotonic())
                is_quick = False
            longer = await self._longer(turn) if burst_s and not is_quick else None
            if longer is not None:
                await self._pay(answering)
                return longer
            result = await answering
            is_answer = result.failure is None and bool(result.says) and not result.why
            return replace(result, may_grow=is_quick and burst_s > 0 and is_answer)
        finally:
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)

    async def _pay(self, answering: "asyncio.Task[TurnResult]") -> None:
        """What an answer owes that was ready, and is made anew with more."""
        if answering.done() and (owed := answering.result().owed) is not None:
            async with self.ledger.sessions.begin() as session:
                await owed(session)

    async def _longer(self, turn: Turn) -> Turn | None:
        try:
            return await self.ledger.extend_turn(turn)
        except Exception as error:  # noqa: BLE001  while the database is away, what we have is answered
            log.warning("messaging: late parts were not looked for (%s)", type(error).__name__)
            return None

    async def _answer(self, turn: Turn) -> TurnResult:
        policy = self.ledger.options.retries
        if policy.is_deadly(turn.attempt, interrupted=turn.interrupted):
            words = "Every worker that took this message died over it."
            return TurnResult(turn, tuple(await self._apologise(turn)), Failure(ErrorClass.TERMINAL, words))
        try:
            reply = await self.responder.respond(turn)
            return TurnResult(
                turn,
                tuple(reply.says),
                keep=reply.keep,
                why=reply.why,
                owed=reply.owed,
                has_nothing=reply.has_nothing,
                note=reply.note,
            )
        except Exception as error:
            if isinstance(error, FatalError):
                error = await self._pause(turn.chat.bot_id, error)
            failure = failure_of(error, turn.attempt, policy)
            log.warning("messaging: update %d of bot %d: %s", turn.update_id, turn.chat.bot_id, failure.text)
            if failure.error_class is not ErrorClass.TERMINAL:
                return TurnResult(turn, failure=failure)
            log.exception("messaging: update %d is given up", turn.update_id, exc_info=error)
            return TurnResult(turn, tuple(await self._apologise(turn)), failure)

    async def _apologise(self, turn: Turn) -> Sequence[Say]:
        """A word that cannot be found must not hold up the end of the turn."""
        try:
            return await self.responder.apologise(turn)
        except Exception as error:  # noqa: BLE001  as said above
            log.warning("messaging: no apology for update %d (%s)", turn.update_id, type(error).__name__)
            return []

    @contextlib.asynccontextmanager
    async def _holding(self, turn: Turn) -> AsyncIterator[None]:
        """Renews the lease of a turn that takes long."""
        keeper = asyncio.create_task(self._keep(turn))
        try:
            yield
        finally:
            keeper.cancel()

    async def _keep(self, turn: Turn) -> None:
        every = self.ledger.options.lease_for.total_seconds() / 3
        kept = True
        while kept:
            await asyncio.sleep(every)
            # While the database is away nothing can be kept; should the lease run out, finishing will notice.
            with contextlib.suppress(Exception):
                kept = await self.ledger.keep_turn(turn)

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
            stopped = DeliveryResult(delivery, failure=_STOPPED, maybe_done=True)
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
        if await self._write(self.ledger.finish_delivery, result):
            metrics.DELIVERIES.labels(result.state).inc()
            metrics.MAYBE_TWICE.inc(result.maybe_done)

    async def _write(self, finish: Callable[[Result], Awaitable[Ended]], result: Result) -> Ended:
        """Write down how it ended. What is not written down is done again, so a database that is away is waited for."""
        until = time.monotonic() + self.ledger.options.lease_for.total_seconds()
        while True:
            try:
                return await finish(result)
            except Exception as error:
                if class_of(error) is not ErrorClass.RETRYABLE or time.monotonic() > until:
                    raise
            await asyncio.sleep(_WRITE_AGAIN_S)

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
        """Pause the bot and tell the admins; a RetryableError when the bot was mended in the meantime.

        `used`: the bot as it was when the error came, if it could be looked up at all.
        """
        self.directory.forget(bot_id)
        async with self.ledger.sessions.begin() as session:
            refused = used or await bots.get_bot(session, bot_id)
            if await pause_and_alert(session, refused, str(error)):
                return error
            if (await bots.get_bot(session, bot_id)).state is BotState.ACTIVE:
                return RetryableError("The bot was given a new token just now.")
        return error

    async def tell_admins(self, job: TellAdmins) -> None:
        async with self.ledger.sessions.begin() as session:
            told = await tell_admins(session, job.alert_id, self.admin_chats, self.directory.doors.reaches)
        if not told:
            log.warning("messaging: alert %d reaches nobody yet: no admin chat, or no bot that works", job.alert_id)

    async def wake_chats(self, _: WakeChats) -> None:
        """Never fails: a tick that is tried again later would stand in the way of those to come."""
        older_than_s = max(self.ledger.options.lease_for.total_seconds(), 2.0)
        try:
            async with self.ledger.sessions.begin() as session:
                woken = await wake_idle_chats(session, older_than_s=older_than_s)
                if self.admin_chats:
                    await repeat_untold_alerts(session)
        except Exception as error:  # noqa: BLE001  as said above
            log.warning("messaging: idle chats were not looked for (%s)", type(error).__name__)
            return
        if woken:
            log.info("messaging: woke %d chats that nobody was at", woken)

    async def probe_bots(self, _: ProbeBots) -> None:
        """All at once: one whose server hangs does not keep the others waiting."""
        async with self.ledger.sessions.begin() as session:
            due = await bots.claim_probes(session)
        await asyncio.gather(*(self._probe(bot) for bot in due))

    async def _probe(self, bot: Bot) -> None:
        """By doing what every bot must be able to: say who it is, and be told where its updates go."""
        try:
            await bots.identify(self.telegram, self.directory.doors.access(bot))
            await self._connect(bot)
        except KunakError as error:
            if not (isinstance(error, FatalError) and await self._fetch_token(bot)):
                log.info("messaging: bot %d stays paused: %s", bot.id, error)
            return
        async with self.ledger.sessions.begin() as session:
            resumed = await resume_and_tell(session, bot)
        self.directory.forget(bot.id)
        log.info("messaging: bot %d %s", bot.id, "works again" if resumed else "was seen to by somebody else")

    async def _fetch_token(self, bot: Bot) -> bool:
        """Whether the bot that manages this one knows a token other than ours: with it, this one goes on."""
        doors = self.directory.doors
        try:
            async with self.ledger.sessions() as session:
                manager = await bots.get_bot(session, bot.managed_by or 0)
            fetched = await bots.fetch_managed(self.telegram, doors.access(manager), bot.telegram_id)
        except KunakError:
            return False
        async with self.ledger.sessions.begin() as session:
            await bots.adopt(session, doors, manager, fetched, actor="kunak")
            await tell_mended(session, bot)
        return True

    async def prune_ledger(self, _: PruneLedger) -> None:
        more = True
        while more:
            async with self.ledger.sessions.begin() as session:
                more = await prune_ledger(session, older_than_days=self.keep_days)
        async with self.ledger.sessions.begin() as session:
            await prune_job_log(session)

    async def connect_bot(self, job: ConnectBot) -> None:
        """Tell Telegram where updates go. What only a person can mend pauses the bot: asking again would not help."""
        async with self.ledger.sessions() as session:
            bot = await bots.get_bot(session, job.bot_id)
        self.directory.forget(bot.id)
        if bot.token_sealed is None:
            return
        works = False
        try:
            await self._connect(bot)
            works = bot.state is BotState.ACTIVE
        except (FatalError, TelegramRefusedError) as error:
            if bot.state is not BotState.REMOVED:
                if not isinstance(error, FatalError):
                    raise
                await self._pause(bot.id, error, bot)
        async with self.ledger.sessions.begin() as session:
            if bot.state is BotState.REMOVED:
                await bots.forget_token(session, bot.id)
            else:
                if works:
                    await end_pause(session, bot.id)
                await wake_bot(session, bot.id)
                if self.after_connecting is not None:
                    await self.after_connecting(session, bot.id)

    async def _connect(self, bot: Bot) -> None:
        access = self.directory.doors.access(bot)
        if bot.state is BotState.REMOVED or bot.updates_by is UpdatesBy.POLLING:
            await self.telegram.call(access, "deleteWebhook", {"drop_pending_updates": False})
            return
        if self.public_url is None:
            raise FatalError("KUNAK_PUBLIC_URL is not set: Telegram cannot call a webhook without an address.")
        await self.telegram.call(
            access,
            "setWebhook",
            {
                "url": self.public_url.rstrip("/") + self.directory.doors.webhook_path(bot),
                "secret_token": self.directory.doors.webhook_secret(bot),
                "allowed_updates": list(UPDATE_KINDS),
                "max_connections": 40,
            },
        )


def _message_id(answer: Any) -> int | None:
    found = answer.get("message_id") if isinstance(answer, dict) else None
    return found if isinstance(found, int) else None
