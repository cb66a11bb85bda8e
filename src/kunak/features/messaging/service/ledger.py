"""The ledger as a running process holds it: every step of the hot path, gathered into shared transactions."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from kunak.features.messaging.repository import inbox
from kunak.features.messaging.schemas import (
    ChatKey,
    Delivery,
    DeliveryResult,
    Limits,
    NewUpdate,
    NotYet,
    Turn,
    TurnResult,
)
from kunak.features.messaging.service.deliveries import claim_deliveries, finish_deliveries
from kunak.features.messaging.service.failures import RetryPolicy
from kunak.features.messaging.service.receive import receive_updates
from kunak.features.messaging.service.turns import claim_turns, extend_turn, finish_turns
from kunak.foundation.db.batching import Batcher
from kunak.foundation.db.engine import Sessions


@dataclass(frozen=True)
class LedgerOptions:
    """How patient the ledger is.

    `lease_for`: how long a worker's claim outlives the worker; `grace_s`: how long an update waits for an earlier one
    that has not arrived; `burst_s`: what a person writes within so many seconds is answered together.
    """

    lease_for: timedelta = timedelta(seconds=30)
    grace_s: float = 0.3
    burst_s: float = 1.0
    limits: Limits = field(default_factory=Limits)
    retries: RetryPolicy = field(default_factory=RetryPolicy)


class Ledger:
    """Each method does its step in a transaction shared with whatever else is asked for at that moment."""

    def __init__(self, sessions: Sessions, options: LedgerOptions) -> None:
        self.sessions = sessions
        self.options = options
        lease_for = options.lease_for
        self._receive: Batcher[NewUpdate, bool] = Batcher(sessions, receive_updates)
        self._claim_turn: Batcher[ChatKey, Turn | NotYet | None] = Batcher(
            sessions, partial(claim_turns, lease_for=lease_for, grace_s=options.grace_s, burst_s=options.burst_s)
        )
        self._finish_turn: Batcher[TurnResult, bool | Turn] = Batcher(
            sessions, partial(finish_turns, lease_for=lease_for, burst_s=options.burst_s)
        )
        self._claim_delivery: Batcher[ChatKey, Delivery | NotYet | None] = Batcher(
            sessions, partial(claim_deliveries, lease_for=lease_for, limits=options.limits)
        )
        self._finish_delivery: Batcher[DeliveryResult, bool] = Batcher(
            sessions, partial(finish_deliveries, limits=options.limits)
        )

    async def receive(self, update: NewUpdate) -> bool:
        """Store an update; whether it was new. Returns after commit."""
        return await self._receive.add(update)

    async def claim_turn(self, chat: ChatKey) -> Turn | NotYet | None:
        return await self._claim_turn.add(chat)

    async def keep_turn(self, turn: Turn) -> bool:
        """Hold on to a turn that takes long; False when it is no longer ours."""
        async with self.sessions.begin() as session:
            return await inbox.keep_turn(session, turn, self.options.lease_for)

    async def extend_turn(self, turn: Turn) -> Turn | None:
        """The turn with what belongs to it and came since it was taken; None when nothing did."""
        options = self.options
        async with self.sessions.begin() as session:
            return await extend_turn(session, turn, lease_for=options.lease_for, burst_s=options.burst_s)

    async def finish_turn(self, result: TurnResult) -> bool | Turn:
        """Whether it is written down; a longer turn where more has come that belongs to it."""
        return await self._finish_turn.add(result)

    async def claim_delivery(self, chat: ChatKey) -> Delivery | NotYet | None:
        return await self._claim_delivery.add(chat)

    async def finish_delivery(self, result: DeliveryResult) -> bool:
        return await self._finish_delivery.add(result)
