"""Several providers in order: the first that is well answers. What one of them shows, no other takes over."""

import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from kunak.foundation.errors import ErrorClass
from kunak.foundation.observability import metrics
from kunak.integrations.circuit_breaker import Circuit, CircuitOptions, CircuitState, Clock, Permit
from kunak.integrations.language_model.access import ProviderAccess
from kunak.integrations.language_model.errors import (
    AnswerWithheldError,
    ContextTooLongError,
    LanguageModelError,
    ModelBlockedError,
    ModelNotFoundError,
    Trouble,
)
from kunak.integrations.language_model.failures import make_error
from kunak.integrations.language_model.interface import Event, Finished, LanguageModel, Model, Request

log = logging.getLogger(__name__)

OnBlocked = Callable[[str, str], Awaitable[None]]
"""Told the provider's name and a sentence, once each time a provider becomes unusable until a person mends it."""

_HOPE = (ErrorClass.RETRYABLE, ErrorClass.FATAL, ErrorClass.TERMINAL)
"""Of several errors the one that leaves the most hope is raised."""


@dataclass(frozen=True)
class Provider:
    """One of them: how it is reached, and who asks it."""

    access: ProviderAccess
    client: LanguageModel


@dataclass(frozen=True)
class ProviderState:
    """How a provider (or one model of it) is, in this process."""

    provider: str
    model: str
    state: CircuitState
    why: str = ""
    again_in_s: float = 0.0


OnMended = Callable[[str], Awaitable[None]]
"""Told the name of a provider, or of one model of it, in each process that sees it answer for the first time, or again:
another process, or one that is gone by now, may have found it unusable.
"""


async def tell_nobody(_provider: str, _words: str = "") -> None:
    return


class Providers:
    """A `LanguageModel` made of several, with a circuit breaker for each.

    `Request.model` is a word of the first provider's; those behind it answer with the model they are configured with.
    """

    def __init__(
        self,
        providers: Sequence[Provider],
        *,
        options: CircuitOptions | None = None,
        clock: Clock = time.monotonic,
        on_blocked: OnBlocked = tell_nobody,
        on_mended: OnMended = tell_nobody,
    ) -> None:
        self.all = tuple(providers)
        self._options = options or CircuitOptions()
        self._clock = clock
        self._on_blocked = on_blocked
        self._on_mended = on_mended
        self._circuits: dict[tuple[str, str], Circuit] = {}
        self._well: set[str] = set()

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """See `LanguageModel.stream`. Another provider is asked only while nothing was shown."""
        errors: list[LanguageModelError] = []
        for provider, asked in self._in_order(request):
            shown = False
            try:
                async with aclosing(self._ask(provider, asked)) as events:
                    async for event in events:
                        shown = True
                        yield event
            except LanguageModelError as error:
                if shown or isinstance(error, ContextTooLongError | AnswerWithheldError):
                    raise
                errors.append(error)
            else:
                return
        raise min(errors, key=lambda error: _HOPE.index(error.error_class))

    async def list_models(self) -> list[Model]:
        """Of every provider that answers.

        Raises:
            LanguageModelError: none does.
        """
        found: list[Model] = []
        errors: list[LanguageModelError] = []
        for provider in self.all:
            try:
                found += await provider.client.list_models()
            except LanguageModelError as error:
                errors.append(error)
        if len(errors) == len(self.all):
            raise errors[0]
        return found

    async def close(self) -> None:
        for provider in self.all:
            await provider.client.close()

    def states(self) -> list[ProviderState]:
        """How each provider is; and each model of it that was refused."""
        return [state for provider in self.all for state in self._states_of(provider)]

    def _states_of(self, provider: Provider) -> Iterator[ProviderState]:
        known = {model: circuit for (name, model), circuit in self._circuits.items() if name == provider.access.name}
        for model, circuit in ({"": Circuit(self._options, self._clock)} | known).items():
            if model and circuit.state is CircuitState.CLOSED:
                continue
            why = str(circuit.last_error or "")
            yield ProviderState(provider.access.name, model, circuit.state, why, circuit.again_in_s)

    def _in_order(self, request: Request) -> Iterator[tuple[Provider, Request]]:
        for place, provider in enumerate(self.all):
            model = (request.model if place == 0 else "") or provider.access.model
            yield provider, replace(request, model=model)

    def _circuit(self, provider: Provider, model: str = "") -> Circuit:
        key = (provider.access.name, model)
        if key not in self._circuits:
            self._circuits[key] = Circuit(self._options, self._clock)
        return self._circuits[key]

    async def _ask(self, provider: Provider, request: Request) -> AsyncGenerator[Event, None]:
        """One provider's answer, counted, and taken note of by its circuits."""
        permits = _admit([self._circuit(provider), self._circuit(provider, request.model)], provider.access.name)
        call = metrics.ModelCall(provider.access.name, request.model)
        try:
            async with aclosing(provider.client.stream(request)) as events:
                async for event in events:
                    call.token()
                    if isinstance(event, Finished):
                        _note_success(permits, call, event)
                        for subject in _subjects(provider.access.name, request.model):
                            await self._tell_well(subject)
                    yield event
        except LanguageModelError as error:
            call.end(error.trouble)
            await self._note_failure(_subjects(provider.access.name, request.model), permits, error)
            raise
        finally:
            call.end("stopped")  # whoever asked gave it up, unless it has ended already
            for permit in permits:
                permit.let_go()

    async def _note_failure(self, subjects: tuple[str, str], permits: list[Permit], error: LanguageModelError) -> None:
        provider, model = permits
        if isinstance(error, ModelNotFoundError):
            provider.succeeded()
        at_fault, name = (model, subjects[1]) if isinstance(error, ModelNotFoundError) else (provider, subjects[0])
        if at_fault.failed(error):
            log.warning("language model: %s is left alone for %.0f s: %s", name, at_fault.circuit.again_in_s, error)
            if isinstance(error, ModelBlockedError):
                await self._tell(name, str(error))

    async def _tell_well(self, subject: str) -> None:
        if subject not in self._well:
            await self._tell(subject)

    async def _tell(self, name: str, blocked: str = "") -> None:
        """That it is blocked, in these words; without words, that it is well."""
        (self._well.discard if blocked else self._well.add)(name)
        try:
            await (self._on_blocked(name, blocked) if blocked else self._on_mended(name))
        except Exception as error:  # noqa: BLE001  an alert that cannot be written must not cost the answer of the next provider
            log.warning("language model: admins could not be told about %s (%s)", name, type(error).__name__)


def _admit(circuits: list[Circuit], name: str) -> list[Permit]:
    """Leave of all of them.

    Raises:
        LanguageModelError: one is open; an error of the kind that opened it.
    """
    permits: list[Permit] = []
    for circuit in circuits:
        permit = circuit.admit()
        if permit is None:
            for given in permits:
                given.let_go()
            last = circuit.last_error
            trouble = last.trouble if isinstance(last, LanguageModelError) else Trouble.SERVER
            raise make_error(trouble, f"{name} is left alone for now: {last}", circuit.again_in_s or None)
        permits.append(permit)
    return permits


def _subjects(provider: str, model: str) -> tuple[str, str]:
    """What admins hear of: the provider, and one of its models."""
    return provider, f"{provider} ({model})"


def _note_success(permits: list[Permit], call: metrics.ModelCall, finished: Finished) -> None:
    were_open = [permit.succeeded() for permit in permits]
    if any(were_open):
        log.info("language model: %s answers again", finished.provider)
    usage = finished.usage
    call.end("ok")
    if usage is not None:
        call.count(input=usage.input, cached=usage.cached, output=usage.output, reasoning=usage.reasoning)
