"""An answer of the fake, put into the two protocols: as a stream of events, or whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from kunak.integrations.language_model.fake.answers import Asked, Said, count_tokens, fragments
from kunak.integrations.language_model.fake.faults import Fault, Manner

_FAILURE = {"code": "server_error", "message": "The model failed."}
_REFUSAL = "I will not say that."
_THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": []}
_THOUGHT_ALOUD = "\n<think>\nThey greet me in <b>Russian</b>.\n</think>\n\n"
_UNHEARD_OF: tuple[dict[str, Any], ...] = (
    {"type": "response.mood.delta", "mood": {"depth": []}},
    {"type": "response.output_text.annotation.added", "annotation": {"type": "url_citation", "url": "x"}},
    {"type": "response.output_item.done", "output_index": 0, "item": _THOUGHT},
)


@dataclass(frozen=True)
class Speech:
    """One answer: what is said, how it ends, and the habits of the server."""

    asked: Asked
    said: Said
    number: int
    manner: Manner
    fault: Fault | None
    cut_short: bool

    @property
    def tokens(self) -> tuple[int, int]:
        return count_tokens(self.asked.everything), len(self.said.pieces)


class Speaks(Protocol):
    """One protocol. Events are named (or not) documents; a string is sent as it is."""

    def stream(self, speech: Speech) -> Iterator[tuple[str, dict[str, Any] | str]]: ...

    def whole(self, speech: Speech) -> dict[str, Any]: ...


class SpeaksResponses:
    """The Responses API."""

    def stream(self, speech: Speech) -> Iterator[tuple[str, dict[str, Any] | str]]:
        for number, document in enumerate(self._events(speech)):
            yield document["type"], document | {"sequence_number": number}
        if speech.manner.tells_more:
            yield "", "[DONE]"

    def _events(self, speech: Speech) -> Iterator[dict[str, Any]]:
        begun = self._response(speech, "in_progress", [])
        yield {"type": "response.created", "response": begun}
        yield {"type": "response.in_progress", "response": begun}
        if speech.manner.thinks:
            yield {"type": "response.reasoning_summary_text.delta", "item_id": "rs_1", "delta": "Thinking."}
        yield from _UNHEARD_OF if speech.manner.tells_more else ()
        for index, item in enumerate(self._output(speech)):
            place = {"item_id": item["id"], "output_index": index}
            empty: dict[str, Any] = {"content": []} if item["type"] == "message" else {"arguments": ""}
            yield {"type": "response.output_item.added", "output_index": index, "item": item | empty}
            for event in self._message(speech, item) if item["type"] == "message" else self._call(item):
                yield event | place
            yield {"type": "response.output_item.done", "output_index": index, "item": item}
        if speech.fault is Fault.FAILS_IN_THE_MIDDLE:
            yield {"type": "response.failed", "response": begun | {"status": "failed", "error": _FAILURE}}
        else:
            ended = self.whole(speech)
            why = _why_incomplete(speech)
            yield {"type": f"response.{'incomplete' if why else 'completed'}", "response": ended}

    def _message(self, speech: Speech, item: dict[str, Any]) -> Iterator[dict[str, Any]]:
        part, place = item["content"][0], {"content_index": 0}
        refused = part["type"] == "refusal"
        name, kind = ("refusal", "refusal") if refused else ("text", "output_text")
        yield {"type": "response.content_part.added", "part": part | {name: ""}} | place
        for piece in [_REFUSAL] if refused else speech.said.pieces:
            yield {"type": f"response.{kind}.delta", "delta": piece, "logprobs": []} | place
        yield {"type": f"response.{kind}.done", name: part[name], "logprobs": []} | place
        yield {"type": "response.content_part.done", "part": part} | place

    def _call(self, item: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for piece in fragments(item["arguments"]):
            yield {"type": "response.function_call_arguments.delta", "delta": piece}
        yield {
            "type": "response.function_call_arguments.done",
            "name": item["name"],
            "arguments": item["arguments"],
        }

    def whole(self, speech: Speech) -> dict[str, Any]:
        reason = _why_incomplete(speech)
        thought = [_THOUGHT] if speech.manner.tells_more else []
        ended = self._response(speech, "incomplete" if reason else "completed", [*thought, *self._output(speech)])
        read, written = speech.tokens
        usage = {
            "input_tokens": read,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": written,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": read + written,
        }
        return ended | {
            "status": ended["status"] if speech.manner.says_why else None,
            "usage": usage if speech.manner.counts_tokens else None,
            "incomplete_details": {"reason": reason} if reason else None,
        }

    def _response(self, speech: Speech, status: str, output: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": f"resp_{speech.number}",
            "object": "response",
            "status": status,
            "model": speech.asked.model,
            "output": output,
            "store": False,
            "error": None,
            "created_at": 1,
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
        }

    def _output(self, speech: Speech) -> Iterator[dict[str, Any]]:
        text = {"type": "output_text", "text": speech.said.text, "annotations": [], "logprobs": []}
        content: list[dict[str, Any]] = [text]
        if speech.fault is Fault.REFUSAL:
            content = [{"type": "refusal", "refusal": _REFUSAL}]
        if speech.said.text or speech.fault is Fault.REFUSAL:
            yield {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": content}
        for call in speech.said.calls:
            yield {
                "type": "function_call",
                "id": f"fc_{call.id}",
                "status": "completed",
                "call_id": call.id,
                "name": call.name,
                "arguments": call.arguments,
            }


class SpeaksChat:
    """Chat Completions."""

    def stream(self, speech: Speech) -> Iterator[tuple[str, dict[str, Any] | str]]:
        yield "", self._chunk(speech, {"role": "assistant", "content": ""})
        if speech.manner.thinks:
            yield "", self._chunk(speech, {"reasoning_content": "Thinking."})
        if speech.manner.tells_more:
            yield "", self._base(speech, "mood") | {"choices": None, "error": None, "mood": {"depth": []}}
        for piece in [*_aloud(speech), *speech.said.pieces]:
            yield "", self._chunk(speech, {"content": piece})
        if speech.fault is Fault.REFUSAL:
            yield "", self._chunk(speech, {"refusal": _REFUSAL})
        for delta in self._call_deltas(speech):
            yield "", self._chunk(speech, delta)
        if speech.fault is Fault.FAILS_IN_THE_MIDDLE:
            yield "", {"error": _FAILURE}
            return
        if speech.manner.says_why:
            yield "", self._chunk(speech, {}, self._finish_reason(speech))
        if speech.manner.counts_tokens:
            yield "", self._base(speech, "chat.completion.chunk") | {"choices": [], "usage": self._usage(speech)}
        yield from [("", "[DONE]")] * (speech.manner.says_done + speech.manner.tells_more)

    def whole(self, speech: Speech) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": "".join([*_aloud(speech), speech.said.text]) or None}
        if speech.fault is Fault.REFUSAL:
            message["refusal"] = _REFUSAL
        if speech.said.calls:
            message["tool_calls"] = [_written(number, call) for number, call in enumerate(speech.said.calls)]
        why = self._finish_reason(speech) if speech.manner.says_why else None
        choice = {"index": 0, "message": message, "finish_reason": why}
        whole = self._base(speech, "chat.completion") | {"choices": [choice]}
        return whole | ({"usage": self._usage(speech)} if speech.manner.counts_tokens else {})

    def _chunk(self, speech: Speech, delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return self._base(speech, "chat.completion.chunk") | {"choices": [choice]}

    def _base(self, speech: Speech, kind: str) -> dict[str, Any]:
        return {"id": f"chatcmpl-{speech.number}", "object": kind, "created": 1, "model": speech.asked.model}

    def _call_deltas(self, speech: Speech) -> Iterator[dict[str, Any]]:
        for number, call in enumerate(speech.said.calls):
            begun = _written(number, call)
            yield {"tool_calls": [begun | {"function": {"name": call.name, "arguments": ""}}]}
            for piece in fragments(call.arguments):
                yield {"tool_calls": [{"index": number, "function": {"arguments": piece}}]}

    def _finish_reason(self, speech: Speech) -> str:
        reason = _why_incomplete(speech)
        if reason:
            return "content_filter" if reason == "content_filter" else "length"
        return "tool_calls" if speech.said.calls else "stop"

    def _usage(self, speech: Speech) -> dict[str, Any]:
        read, written = speech.tokens
        return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def _aloud(speech: Speech) -> Iterator[str]:
    """In pieces that cut the tags."""
    if speech.manner.thinks_aloud:
        yield from fragments(_THOUGHT_ALOUD, 4)


def _written(number: int, call: Any) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"index": number, "id": call.id, "type": "function", "function": function}


def _why_incomplete(speech: Speech) -> str:
    if speech.fault is Fault.FILTERED_ANSWER:
        return "content_filter"
    return "max_output_tokens" if speech.cut_short or speech.fault is Fault.LENGTH else ""
