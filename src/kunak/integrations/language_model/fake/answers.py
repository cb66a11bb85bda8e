"""What the fake says: it follows from the question alone, so that tests can tell beforehand."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kunak.integrations.language_model.interface import ToolCall

_PASSAGE = re.compile(r'<passage number="(\d+)"[^>]*>\n(.*?)\n</passage>', re.DOTALL)
_PIECE = re.compile(r"\s*\S+|\s+\Z")


@dataclass(frozen=True)
class Asked:
    """A request, read in either protocol."""

    model: str
    everything: str
    """All text of the prompt."""
    last: str
    """The text of the last message."""
    schema: dict[str, Any] | None
    max_tokens: int | None
    has_images: bool = False


@dataclass(frozen=True)
class Said:
    """An answer before it is put into a protocol."""

    text: str
    calls: tuple[ToolCall, ...] = ()

    @property
    def pieces(self) -> list[str]:
        return _PIECE.findall(self.text)


def read_asked(body: dict[str, Any]) -> Asked:
    """`body` is of the Responses API, or of Chat Completions."""
    messages = body.get("input") or body.get("messages") or []
    texts = [_text_of(each) for each in messages] if isinstance(messages, list) else [str(messages)]
    instructions = [str(body["instructions"])] if body.get("instructions") else []
    output_format = (body.get("text") or {}).get("format") or (body.get("response_format") or {}).get("json_schema")
    limits = (body.get(name) for name in ("max_output_tokens", "max_completion_tokens", "max_tokens"))
    return Asked(
        model=str(body.get("model")),
        everything="\n".join(instructions + texts),
        last=texts[-1] if texts else "",
        schema=(output_format or {}).get("schema"),
        max_tokens=next((limit for limit in limits if limit), None),
        has_images=any(map(_shows, messages)) if isinstance(messages, list) else False,
    )


def _shows(message: dict[str, Any]) -> bool:
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    return any(part.get("type") in ("image_url", "input_image") for part in parts)


def _text_of(message: dict[str, Any]) -> str:
    content = message.get("content") or message.get("output") or ""
    if isinstance(content, str):
        return content
    return "\n".join(str(part["text"]) for part in content if "text" in part)


def answer(asked: Asked) -> Said:
    """JSON where a schema is given, the first sentence of each passage with its number, else an echo."""
    if asked.schema is not None:
        return Said(json.dumps(obey(asked.schema), ensure_ascii=False))
    if passages := _PASSAGE.findall(asked.everything):
        return Said(" ".join(f"{text.partition('. ')[0].rstrip('.')} [{number}]." for number, text in passages))
    return Said(f"You said: {asked.last}")


def obey(schema: dict[str, Any]) -> Any:
    """The plainest value that fits a JSON schema."""
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {name: obey(each) for name, each in (schema.get("properties") or {}).items()}
    if kind == "array":
        return [obey(schema.get("items") or {})] * (schema.get("minItems") or 0)
    return {"string": "", "integer": 0, "number": 0, "boolean": False}.get(str(kind))


def count_tokens(text: str) -> int:
    """A token is a word here."""
    return len(text.split())


def cut_short(said: Said, limit: int | None) -> tuple[Said, bool]:
    """What fits into `limit` tokens, and whether something did not."""
    if limit is None or len(said.pieces) <= limit:
        return said, False
    return Said("".join(said.pieces[:limit])), True


def fragments(text: str, size: int = 12) -> Iterator[str]:
    """Pieces of arguments, as providers stream them."""
    for start in range(0, max(len(text), 1), size):
        yield text[start : start + size]
