"""JSON from Telegram, also where a half of a surrogate pair stands in it, which UTF-8 cannot carry on.

Telegram cuts some texts inside an emoji. A strict reader refuses the whole answer over it: the poller of that bot would
ask for the same updates without end.
"""

import json
from typing import Any

import orjson


def read_json(body: bytes) -> Any:
    """The value in `body`; each lone half of a pair becomes U+FFFD.

    Raises:
        ValueError: it is not JSON in UTF-8, or is nested too deep.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        if rb"\ud" not in body.lower() and b"\xed" not in body:
            raise
    try:
        return orjson.loads(_made_whole(json.dumps(json.loads(body), ensure_ascii=False)))
    except RecursionError as error:
        raise ValueError("It is nested too deep.") from error


def _made_whole(text: str) -> bytes:
    """UTF-8, by way of UTF-16: there two halves that belong together meet, and what is left alone is replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
