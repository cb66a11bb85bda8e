"""JSON as PostgreSQL's jsonb takes it."""

import re
from typing import Any

import orjson

_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def to_jsonb(value: Any) -> str:
    """`value` as JSON text without U+0000, which JSON can hold and PostgreSQL cannot, and which says nothing."""
    text = orjson.dumps(value).decode()
    while "\\u0000" in text:
        cleaned = _NUL.sub(r"\1", text)
        if cleaned == text:
            break
        text = cleaned
    return text
