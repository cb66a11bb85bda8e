"""A model for work that nobody in particular asked for: each of its calls is counted, and budgets hold for it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from kunak.features.language_models.schemas import Allowed, Bill, Bookkeeping, Refused, Spender, Tokens
from kunak.features.language_models.service.allow import allow, bill
from kunak.features.language_models.service.meter import Meter, estimate_of
from kunak.features.language_models.service.settle import give_back, settle_at_once
from kunak.foundation.db.engine import Sessions
from kunak.integrations.language_model.errors import ModelUnavailableError, Trouble
from kunak.integrations.language_model.interface import Event, LanguageModel, Model, Request


class CountedModel:
    """A `LanguageModel` whose calls are written down at once, for `spender`, under `purpose`."""

    def __init__(
        self,
        model: LanguageModel,
        sessions: Sessions,
        books: Bookkeeping,
        *,
        purpose: str,
        spender: Spender | None = None,
    ) -> None:
        self._model, self._sessions, self._books = model, sessions, books
        self._purpose, self._spender = purpose, spender or Spender()
        self.bill: Bill | None = None
        """Of the last call that cost anything."""

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """See `LanguageModel.stream`.

        Raises:
            ModelUnavailableError: a budget is spent.
        """
        estimate = Tokens(estimate_of(request), 0, request.max_output_tokens or 0)
        allowed = await allow(self._sessions, self._books, self._spender, self._purpose, estimate)
        if isinstance(allowed, Refused):
            raise ModelUnavailableError(f"No model is asked: {allowed.reason}.", trouble=Trouble.RATE_LIMIT)
        meter = Meter(self._model)
        try:
            async with aclosing(meter.stream(replace(request, model=request.model or allowed.model))) as events:
                async for event in events:
                    yield event
        finally:
            self.bill = await asyncio.shield(close_books(self._sessions, allowed, meter)) or self.bill

    async def list_models(self) -> list[Model]:
        return await self._model.list_models()

    async def close(self) -> None:
        """Whoever opened the model closes it."""


async def close_books(sessions: Sessions, allowed: Allowed, meter: Meter) -> Bill | None:
    """Write down at once what the call cost; None: it cost nothing."""
    if meter.was_free:
        await give_back(sessions, allowed)
        return None
    cost = bill_of(allowed, meter)
    await settle_at_once(sessions, cost)
    return cost


async def close_hearing(sessions: Sessions, allowed: Allowed, seconds: int | None) -> None:
    """Write down at once what it cost to listen so long; None: nobody knows, and the estimate stands."""
    books, counted = allowed.books, None if seconds is None else Tokens(seconds=max(seconds, 1))
    await settle_at_once(sessions, bill(allowed, books.provider, books.model, counted, allowed.estimate))


def bill_of(allowed: Allowed, meter: Meter) -> Bill:
    """What the call cost, or about, when it was broken off."""
    done = meter.finished
    provider = done.provider if done is not None else allowed.books.provider
    model = done.model if done is not None else allowed.model or allowed.books.model
    return bill(allowed, provider, model, meter.counted, meter.estimate)
