"""The Chat Completions API, which most servers speak: Ollama, vLLM, OpenRouter and many more."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from kunak.integrations.language_model.access import ProviderAccess
from kunak.integrations.language_model.dialect import Body, Document
from kunak.integrations.language_model.errors import AnswerWithheldError, LanguageModelError, Trouble
from kunak.integrations.language_model.failures import Fault, error_from, make_error, read_fault
from kunak.integrations.language_model.interface import (
    Event,
    Finished,
    FinishReason,
    Image,
    Message,
    Passage,
    Quote,
    Request,
    Text,
    TextDelta,
    ToolCall,
    ToolResult,
    Usage,
)
from kunak.integrations.language_model.thinking import ThinkingFilter
from kunak.integrations.language_model.wording import as_address, as_string, as_text

_PROGRESS = ("content", "reasoning_content", "reasoning", "refusal", "tool_calls")
"""What a model is at work on; of thinking nothing more is wanted."""


class ChatDialect:
    """Writes requests of Chat Completions and reads their answers."""

    path = "chat/completions"
    optional = MappingProxyType(
        {
            # Everyone knows the old name but the newest models of OpenAI; others would overlook the new one silently.
            "max_tokens": "max_completion_tokens",
            "temperature": "",
            "reasoning_effort": "",
            "user": "",
            "store": "",
            "stream_options": "",
        }
    )

    def write(self, request: Request, model: str) -> Body:
        given = {
            "max_tokens": request.max_output_tokens,
            "temperature": request.temperature,
            "reasoning_effort": request.reasoning_effort,
            "user": request.user_hash,
            "tools": [
                {
                    "type": "function",
                    "function": {
                        "name": each.name,
                        "description": each.description,
                        "parameters": dict(each.parameters),
                    },
                }
                for each in request.tools
            ],
            "response_format": request.answer_schema
            and {
                "type": "json_schema",
                "json_schema": {
                    "name": request.answer_schema.name,
                    "schema": dict(request.answer_schema.schema),
                    "strict": True,
                },
            },
        }
        system = [{"role": "system", "content": request.instructions}] if request.instructions else []
        body: Body = {
            "model": model,
            "messages": [*system, *_write_all(request.messages)],
            "stream": True,
            "stream_options": {"include_usage": True},
            "store": False,
        }
        return body | {name: value for name, value in given.items() if value not in (None, "", [])}

    def read(self, access: ProviderAccess, model: str) -> "ChatReading":
        return ChatReading(access, model)


def _write_all(messages: tuple[Message, ...]) -> Iterator[Body]:
    for message in messages:
        for part in message.parts:
            if isinstance(part, ToolResult):
                yield {"role": "tool", "tool_call_id": part.call_id, "content": part.text}
        spoken = [part for part in message.parts if isinstance(part, Text | Image | Passage | Quote)]
        calls = [_write_call(part) for part in message.parts if isinstance(part, ToolCall)]
        if spoken or calls:
            written: Body = {"role": str(message.role), "content": _write_spoken(spoken)}
            yield written | ({"tool_calls": calls} if calls else {})


def _write_spoken(parts: list[Text | Image | Passage | Quote]) -> str | list[Body] | None:
    """One string where there is only text: many servers know nothing else."""
    if not parts:
        return None
    if not any(isinstance(part, Image) for part in parts):
        return "\n\n".join(as_text(part) for part in parts if not isinstance(part, Image))
    return [
        {"type": "image_url", "image_url": {"url": as_address(part)}}
        if isinstance(part, Image)
        else {"type": "text", "text": as_text(part)}
        for part in parts
    ]


def _write_call(call: ToolCall) -> Body:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


@dataclass
class _JoinedCall:
    """A tool call that comes in pieces."""

    id: str = ""
    name: str = ""
    arguments: str = ""


class ChatReading:
    """Reads one answer: it counts only when a `finish_reason` has come, or, from servers that know none, `[DONE]`."""

    def __init__(self, access: ProviderAccess, model: str) -> None:
        self._access = access
        self._model = model
        self._id = ""
        self._thinking = ThinkingFilter()
        self._spoken = False
        self._refusal = ""
        self._reason = ""
        self._calls: dict[int, _JoinedCall] = {}
        self._usage: Usage | None = None
        self.tokens = 0
        self.done = False

    @property
    def whole(self) -> bool:
        return bool(self._reason) or self.done

    def take(self, document: Document) -> Iterator[Event]:
        """See `Reading.take`."""
        if document.get("type") == "[DONE]":
            self.done = True
            return
        self._note(document)
        for choice in document.get("choices") or []:
            if choice.get("index", 0) == 0:
                yield from self._take_delta(choice.get("delta") or {})
                self._end_with(choice)

    def take_whole(self, document: Document) -> Iterator[Event]:
        """See `Reading.take_whole`."""
        self._note(document)
        choice = document["choices"][0]
        yield from self._take_delta(choice["message"])
        self._end_with(choice)
        self.done = True

    def end(self) -> Iterator[Event]:
        """See `Reading.end`."""
        name = self._access.name
        if not self.whole:
            raise make_error(Trouble.CUT, f"{name} ended in the middle of an answer.")
        yield from self._say(self._thinking.end())
        if self._reason == "content_filter" or (self._refusal and not self._spoken):
            raise AnswerWithheldError(f"{name} declines to answer this.", reason=self._refusal or self._reason)
        for at in sorted(self._calls):
            call = self._calls[at]
            yield ToolCall(str(call.id or f"call_{at}"), as_string(call.name), call.arguments)
        yield Finished(self._finish_reason(), self._usage, str(self._model), str(self._id), name)

    def _note(self, document: Document) -> None:
        if document.get("error") or "error" in (document.get("type"), document.get("object")):
            raise self._failure(read_fault(None, document))
        self._id = document.get("id") or self._id
        self._model = document.get("model") or self._model
        self._usage = _read_usage(document.get("usage")) or self._usage

    def _take_delta(self, delta: Document) -> Iterator[Event]:
        self.tokens += any(delta.get(name) for name in _PROGRESS)
        yield from self._say(self._thinking.take(_text_of(delta.get("content"))))
        self._refusal += delta.get("refusal") or ""
        for number, piece in enumerate(delta.get("tool_calls") or []):
            call = self._calls.setdefault(piece.get("index", number), _JoinedCall())
            function = piece.get("function") or {}
            call.id = piece.get("id") or call.id
            call.name = function.get("name") or call.name
            call.arguments += function.get("arguments") or ""

    def _say(self, text: str) -> Iterator[Event]:
        if text:
            self._spoken = True
            yield TextDelta(text)

    def _end_with(self, choice: Document) -> None:
        reason = choice.get("finish_reason")
        if reason == "error":  # OpenRouter, when the server behind it failed
            raise self._failure(Fault(None, message="the server behind it failed"))
        self._reason = reason or self._reason

    def _finish_reason(self) -> FinishReason:
        if self._reason == "length":
            return FinishReason.LENGTH
        return FinishReason.TOOL_CALLS if self._calls else FinishReason.STOP

    def _failure(self, fault: Fault) -> LanguageModelError:
        return error_from(fault, self._access, self._model)


def _text_of(content: Any) -> str:
    """Text, or (from a few servers) a list of parts, some of them thinking."""
    if isinstance(content, list):
        return "".join(part["text"] for part in content if part["type"] == "text")
    return as_string(content or "")


def _read_usage(said: Any) -> Usage | None:
    if not isinstance(said, dict):
        return None
    read, written = said.get("prompt_tokens_details") or {}, said.get("completion_tokens_details") or {}
    return Usage.counted(
        int(said.get("prompt_tokens") or 0),
        int(read.get("cached_tokens") or 0),
        int(said.get("completion_tokens") or 0),
        int(written.get("reasoning_tokens") or 0),
    )
