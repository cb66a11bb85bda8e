"""A model that is listened to, so that a call which breaks off can be reckoned too."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from kunak.features.language_models.schemas import Tokens
from kunak.integrations.language_model.errors import LanguageModelError, Trouble
from kunak.integrations.language_model.interface import (
    Event,
    Finished,
    LanguageModel,
    Message,
    Model,
    Passage,
    Request,
    Text,
    TextDelta,
    ToolCall,
    ToolResult,
)

CHARACTERS_A_TOKEN = 3
"""Of Russian; English has four, so an estimate is rather too high."""
_TOKENS_OF_IMAGE = 1000
_WORKED_FOR_NOTHING = frozenset({Trouble.TIMEOUT, Trouble.CUT, Trouble.MALFORMED, Trouble.EMPTY, Trouble.WITHHELD})
"""Troubles that come after the model has begun: providers charge for what they did until then."""


class Meter:
    """A `LanguageModel` for one call."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self._asked = 0
        self._said = 0
        self._free = True
        self.finished: Finished | None = None

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """See `LanguageModel.stream`."""
        self._asked, self._free = estimate_of(request), False
        try:
            async with aclosing(self._model.stream(request)) as events:
                async for event in events:
                    self._listen(event)
                    yield event
        except LanguageModelError as error:
            self._free = not self._said and error.trouble not in _WORKED_FOR_NOTHING
            raise

    def _listen(self, event: Event) -> None:
        if isinstance(event, TextDelta):
            self._said += len(event.text)
        elif isinstance(event, ToolCall):
            self._said += len(event.arguments)
        else:
            self.finished = event

    @property
    def was_free(self) -> bool:
        """Nothing was asked, or the provider refused before it began."""
        return self._free

    @property
    def counted(self) -> Tokens | None:
        """As the server says; None when it does not count, or never came to it."""
        usage = self.finished.usage if self.finished is not None else None
        return None if usage is None else Tokens(usage.input, usage.cached, usage.output)

    @property
    def estimate(self) -> Tokens:
        """Of what went to and fro so far."""
        return Tokens(self._asked, 0, self._said // CHARACTERS_A_TOKEN + 1)

    async def list_models(self) -> list[Model]:
        return await self._model.list_models()

    async def close(self) -> None:
        """Whoever opened the model closes it."""


def estimate_of(request: Request) -> int:
    """About how many tokens a request has."""
    letters = len(request.instructions) + sum(_letters(message) for message in request.messages)
    return letters // CHARACTERS_A_TOKEN + 1


def _letters(message: Message) -> int:
    total = 0
    for part in message.parts:
        match part:
            case Text(text) | Passage(text=text) | ToolResult(text=text):
                total += len(text)
            case ToolCall(arguments=arguments):
                total += len(arguments)
            case _:
                total += _TOKENS_OF_IMAGE * CHARACTERS_A_TOKEN
    return total
