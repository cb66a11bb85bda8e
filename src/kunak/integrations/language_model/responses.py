"""The Responses API of OpenAI and of servers that copy it. Nothing is stored there."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

from kunak.integrations.language_model.access import ProviderAccess
from kunak.integrations.language_model.dialect import Body, Document
from kunak.integrations.language_model.errors import AnswerWithheldError, LanguageModelError, Trouble
from kunak.integrations.language_model.failures import error_from, make_error, read_fault
from kunak.integrations.language_model.interface import (
    Event,
    Finished,
    FinishReason,
    Image,
    Message,
    Passage,
    Quote,
    Request,
    Role,
    Text,
    TextDelta,
    ToolCall,
    ToolResult,
    Usage,
)
from kunak.integrations.language_model.wording import as_address, as_string, as_text


class ResponsesDialect:
    """Writes requests of the Responses API and reads its answers."""

    path = "responses"
    optional = MappingProxyType({"temperature": "", "reasoning": "", "safety_identifier": ""})

    def write(self, request: Request, model: str) -> Body:
        given = {
            "instructions": request.instructions,
            "max_output_tokens": request.max_output_tokens,
            "temperature": request.temperature,
            "reasoning": request.reasoning_effort and {"effort": request.reasoning_effort},
            "safety_identifier": request.user_hash,
            "tools": [_tool(each.name, each.description, dict(each.parameters)) for each in request.tools],
            "text": request.answer_schema
            and {
                "format": {
                    "type": "json_schema",
                    "name": request.answer_schema.name,
                    "schema": dict(request.answer_schema.schema),
                    "strict": True,
                }
            },
        }
        body: Body = {"model": model, "input": list(_write_all(request.messages)), "stream": True, "store": False}
        return body | {name: value for name, value in given.items() if value not in (None, "", [])}

    def read(self, access: ProviderAccess, model: str) -> "ResponsesReading":
        return ResponsesReading(access, model)


def _tool(name: str, description: str, parameters: dict[str, Any]) -> Body:
    return {
        "type": "function",
        "name": name,
        "description": description,
        "parameters": parameters,
        "strict": False,
    }


def _write_all(messages: tuple[Message, ...]) -> Iterator[Body]:
    for message in messages:
        spoken = [part for part in message.parts if isinstance(part, Text | Image | Passage | Quote)]
        for part in message.parts:
            if isinstance(part, ToolResult):
                yield {"type": "function_call_output", "call_id": part.call_id, "output": part.text}
        if spoken:
            yield {"role": str(message.role), "content": [_write(part, message.role) for part in spoken]}
        for part in message.parts:
            if isinstance(part, ToolCall):
                yield {"type": "function_call", "call_id": part.id, "name": part.name, "arguments": part.arguments}


def _write(part: Text | Image | Passage | Quote, role: Role) -> Body:
    if isinstance(part, Image):
        return {"type": "input_image", "image_url": as_address(part), "detail": "auto"}
    return {"type": "output_text" if role is Role.ASSISTANT else "input_text", "text": as_text(part)}


class ResponsesReading:
    """Reads one answer: it counts only when `response.completed` (or `response.incomplete`) has come."""

    def __init__(self, access: ProviderAccess, model: str) -> None:
        self._access = access
        self._model = model
        self._spoken = False
        self._called: set[str] = set()
        self._refusal = ""
        self._last: Document | None = None
        self.tokens = 0

    @property
    def whole(self) -> bool:
        return self._last is not None

    @property
    def done(self) -> bool:
        return self._last is not None

    def take(self, document: Document) -> Iterator[Event]:
        """See `Reading.take`."""
        kind = document.get("type", "")
        self.tokens += kind.endswith(".delta")
        match kind:
            case "response.output_text.delta":
                yield from self._say(document["delta"])
            case "response.refusal.delta":
                self._refusal += document["delta"]
            case "response.output_item.done":
                yield from self._call(document["item"])
            case "response.completed" | "response.incomplete":
                ended = document.get("response") or {}
                yield from self.take_whole(_with_status(ended, kind.removeprefix("response.")))
            case "response.failed":
                raise self._failure(document["response"])
            case _:
                if kind == "error" or document.get("error"):
                    raise self._failure(document)

    def take_whole(self, document: Document) -> Iterator[Event]:
        """See `Reading.take_whole`. Whatever was not streamed is said now."""
        document = _with_status(document, "completed" if document.get("output") else "unknown")
        if document.get("error") or document["status"] not in ("completed", "incomplete"):
            raise self._failure(document)
        for item in document.get("output") or []:
            yield from self._call(item)
            if item.get("type") == "message":
                yield from self._catch_up(item)
        self._last = document

    def end(self) -> Iterator[Event]:
        """See `Reading.end`."""
        name = self._access.name
        if self._last is None:
            raise make_error(Trouble.CUT, f"{name} ended in the middle of an answer.")
        cut_short = _reason_of(self._last)
        if cut_short == "content_filter" or (self._refusal and not self._spoken):
            raise self._withheld(self._refusal or cut_short)
        reason = FinishReason.TOOL_CALLS if self._called else FinishReason.STOP
        yield Finished(
            FinishReason.LENGTH if cut_short else reason,
            _read_usage(self._last.get("usage")),
            str(self._last.get("model") or self._model),
            str(self._last.get("id") or ""),
            name,
        )

    def _say(self, text: Any) -> Iterator[Event]:
        if as_string(text):
            self._spoken = True
            yield TextDelta(text)

    def _call(self, item: Document) -> Iterator[Event]:
        if item.get("type") == "function_call" and item["call_id"] not in self._called:
            self._called.add(item["call_id"])
            yield ToolCall(*(as_string(item[name]) for name in ("call_id", "name", "arguments")))

    def _catch_up(self, item: Document) -> Iterator[Event]:
        """For servers that send only the end."""
        streamed = self._spoken
        for part in item.get("content") or []:
            if part["type"] == "refusal":
                self._refusal = part["refusal"]
            elif part["type"] == "output_text" and not streamed:
                yield from self._say(part["text"])

    def _withheld(self, reason: str) -> AnswerWithheldError:
        return AnswerWithheldError(f"{self._access.name} declines to answer this.", reason=reason)

    def _failure(self, document: Document) -> LanguageModelError:
        if not document.get("error") and _reason_of(document) == "content_filter":
            return self._withheld("content_filter")  # some servers call that a failure, and tell no error
        return error_from(read_fault(None, document), self._access, self._model)


def _with_status(document: Document, status: str) -> Document:
    """With this one where it tells none: a server may leave it to the name of the event."""
    return document | {"status": document.get("status") or status}


def _reason_of(document: Document) -> str:
    """Why it is incomplete; empty when it is not."""
    if document.get("status") == "completed":
        return ""
    return str((document.get("incomplete_details") or {}).get("reason") or "unknown")


def _read_usage(said: Any) -> Usage | None:
    if not isinstance(said, dict):
        return None
    read, written = said.get("input_tokens_details") or {}, said.get("output_tokens_details") or {}
    return Usage.counted(
        int(said.get("input_tokens") or 0),
        int(read.get("cached_tokens") or 0),
        int(said.get("output_tokens") or 0),
        int(written.get("reasoning_tokens") or 0),
    )
