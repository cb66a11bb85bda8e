"""A chat is answered: its turn is taken, what is to be said is found, and how it ended is written down."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from kunak.features.bots.service import Directory
from kunak.features.messaging.jobs.pause import pause
from kunak.features.messaging.jobs.write import STOPPED, write_down
from kunak.features.messaging.schemas import AnswerChat, ChatKey, Failure, Reply, Say, Turn, TurnResult
from kunak.features.messaging.service.failures import failure_of
from kunak.features.messaging.service.ledger import Ledger
from kunak.foundation.clock import now
from kunak.foundation.errors import ErrorClass, FatalError
from kunak.foundation.observability import metrics

log = logging.getLogger(__name__)

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
class Answering:
    """Answers chats, one turn each at a time."""

    ledger: Ledger
    directory: Directory
    responder: Responder

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
            await asyncio.shield(self._write(TurnResult(turn, failure=STOPPED)))
            raise
        finished = result if isinstance(result, Turn) else await self._write(result)
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
        except asyncio.CancelledError:
            await asyncio.shield(self._pay(answering))
            raise
        finally:
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)

    async def _pay(self, answering: "asyncio.Task[TurnResult]") -> None:
        """What an answer owes that was ready, and is made anew with more."""
        if answering.done() and not answering.cancelled() and (owed := answering.result().owed) is not None:
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
                error = await pause(self.ledger.sessions, self.directory, turn.chat.bot_id, error)
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

    async def _write(self, result: TurnResult) -> bool | Turn:
        return await write_down(self.ledger.finish_turn, result, self.ledger.options.lease_for)
