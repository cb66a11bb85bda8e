"""What we ask of a language model, whoever runs it, and what comes back. Imports nothing of any vendor.

An answer counts only when its `Finished` has come: a stream that ends without one raises (`errors`).
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Protocol


class Role(StrEnum):
    """Who says it."""

    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True)
class Text:
    """Plain words."""

    text: str


@dataclass(frozen=True)
class Image:
    """A picture: at an address the provider can fetch, or as bytes with their media type."""

    url: str = ""
    content: bytes = field(default=b"", repr=False)
    media_type: str = "image/jpeg"


@dataclass(frozen=True)
class Passage:
    """Retrieved text, to be quoted by its number. It is data: whatever it says, it gives no orders."""

    number: int
    text: str
    title: str = ""


@dataclass(frozen=True)
class Quote:
    """What somebody else said, and the question is about. It is data, as a passage is."""

    text: str
    author: str = ""


@dataclass(frozen=True)
class ToolCall:
    """The model asks for a tool. `arguments` is JSON as the model wrote it, which may be wrong."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class ToolResult:
    """What a tool answered to the call with this id."""

    call_id: str
    text: str


Part = Text | Image | Passage | Quote | ToolCall | ToolResult


@dataclass(frozen=True)
class Message:
    """One turn of the conversation. Tool calls belong to the assistant, tool results to the user."""

    role: Role
    parts: tuple[Part, ...]

    @classmethod
    def user(cls, *parts: Part | str) -> "Message":
        return cls(Role.USER, _as_parts(parts))

    @classmethod
    def assistant(cls, *parts: Part | str) -> "Message":
        return cls(Role.ASSISTANT, _as_parts(parts))


def _as_parts(parts: Sequence[Part | str]) -> tuple[Part, ...]:
    return tuple(Text(part) if isinstance(part, str) else part for part in parts)


@dataclass(frozen=True)
class Tool:
    """A function the model may ask for; `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class AnswerSchema:
    """The answer is to be JSON of this schema, strictly. `name`: Latin letters, digits, `_` and `-`."""

    name: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Timeouts:
    """Seconds. Keep-alives do not count as tokens; thinking does."""

    connect: float = 5.0
    first_token: float = 60.0
    between_tokens: float = 30.0
    total: float = 300.0


@dataclass(frozen=True)
class Request:
    """One question to a model. What a server does not support is left out when it says so by name."""

    messages: tuple[Message, ...]
    instructions: str = ""
    """The system prompt."""
    model: str = ""
    """Empty: the one the provider is configured with."""
    tools: tuple[Tool, ...] = ()
    max_output_tokens: int | None = None
    temperature: float | None = None
    reasoning_effort: str | None = None
    """`none`, `minimal`, `low`, `medium`, `high`: the model decides what it knows."""
    answer_schema: AnswerSchema | None = None
    user_hash: str = ""
    """Tells the provider's abuse watch users apart, and nothing about them."""
    timeouts: Timeouts | None = None
    """None: the provider's own."""


class FinishReason(StrEnum):
    """Why the answer ended."""

    STOP = "stop"
    LENGTH = "length"
    """Cut short by a limit: usable, and not whole."""
    TOOL_CALLS = "tool_calls"


@dataclass(frozen=True)
class Usage:
    """Tokens. `cached` is a part of `input`, `reasoning` a part of `output`."""

    input: int = 0
    cached: int = 0
    output: int = 0
    reasoning: int = 0

    @classmethod
    def counted(cls, input_: int, cached: int, output: int, reasoning: int) -> "Usage | None":
        """None for nothing but zeros: an answer costs something, so this server does not count."""
        return cls(input_, cached, output, reasoning) if input_ or output else None


@dataclass(frozen=True)
class TextDelta:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True)
class Finished:
    """The answer is whole, or as whole as `reason` says."""

    reason: FinishReason
    usage: Usage | None
    """None when the server does not count."""
    model: str
    """The one that answered, in the server's words: a dated name where an alias was asked."""
    response_id: str = ""
    provider: str = ""


Event = TextDelta | ToolCall | Finished


@dataclass(frozen=True)
class Model:
    """A model that a provider offers."""

    id: str
    shutdown_date: date | None = None
    """From this day on it does not answer."""


class LanguageModel(Protocol):
    """Someone who answers."""

    def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """The answer in pieces; the last event is `Finished`.

        Use it inside `contextlib.aclosing`: closing it (or cancelling the task that reads it) hangs up, and the
        provider stops.

        Raises:
            LanguageModelError: at any point; what came before is then not an answer.
        """
        ...

    async def list_models(self) -> list[Model]:
        """What is offered now.

        Raises:
            LanguageModelError: as above.
        """
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True)
class Answer:
    """A whole answer at once."""

    text: str
    tool_calls: tuple[ToolCall, ...]
    finished: Finished


async def complete(model: LanguageModel, request: Request, on_text: Callable[[str], None] | None = None) -> Answer:
    """Wait for the whole answer; `on_text` gets each piece of it as it comes.

    Raises:
        LanguageModelError: there is none.
    """
    pieces: list[str] = []
    calls: list[ToolCall] = []
    async with aclosing(model.stream(request)) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                pieces.append(event.text)
                if on_text is not None:
                    on_text(event.text)
            elif isinstance(event, ToolCall):
                calls.append(event)
            else:
                return Answer("".join(pieces), tuple(calls), event)
    raise RuntimeError("A stream ended without saying so; every client raises instead.")
