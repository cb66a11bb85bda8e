"""What a refusal of a model's server means: one table, first row that fits.

ModelUnavailableError   RETRYABLE   network, time-out, too many requests, trouble of its own, an answer nobody can read
ModelUnusableError      FATAL       key, quota, address or model: nothing works until a person mends it
TextRefusedError        TERMINAL    this request will never be answered; others may
"""

import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from math import isfinite
from typing import Any

from kunak.foundation.clock import now
from kunak.foundation.errors import FatalError, KunakError, RetryableError, TerminalError

_LONGEST_WORDS = 300
_READ = 2_000
"""Characters of what a server says that are looked at."""
_LONGEST_WAIT_S = 3_600.0


class ModelUnavailableError(RetryableError):
    """The model's server does not answer just now."""


class ModelUnusableError(FatalError):
    """The model cannot be used until a person mends its settings."""


class TextRefusedError(TerminalError):
    """The model takes no such text."""

    def __init__(self, message: str = "", *, position: int | None = None) -> None:
        """`position`: which of the texts given was refused, counted from 0, where that is known."""
        super().__init__(message)
        self.position = position


@dataclass(frozen=True)
class Refusal:
    """One row: an answer with one of these statuses, in which `words` are found, is this error, said like this.

    `{host}` and `{words}` in the sentence are the server's name and what it said. Where a key is at stake the server's
    own words are left out: some repeat the key.
    """

    statuses: Container[int]
    error: type[KunakError]
    sentence: str
    words: re.Pattern[str] | None = None

    def fits(self, status: int, said: str) -> bool:
        return status in self.statuses and (self.words is None or self.words.search(said) is not None)


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


_ANY = range(300, 600)
_NO_QUOTA = "{host} says that the account has no quota left; top it up or raise its limit."
_NO_MODEL = "{host} has no such model, or not for this use: {words}"
_BAD_KEY = "{host} refuses the key, or the key may not use this model."

REFUSALS = (
    # OpenAI says this with 429, where waiting would not help. Known by its code: others call a minute's limit "quota".
    Refusal(_ANY, ModelUnusableError, _NO_QUOTA, _words(r"insufficient_quota|billing_(hard_limit|not_active)")),
    Refusal((400, 402, 403), ModelUnusableError, _NO_QUOTA, _words(r"insufficient[ _]balance|payment required")),
    Refusal((402,), ModelUnusableError, _NO_QUOTA),
    Refusal((401, 403, 407, 498), ModelUnusableError, _BAD_KEY),
    Refusal((400,), ModelUnusableError, _BAD_KEY, _words(r"\bapi[ _-]?key\b")),
    Refusal(
        range(400, 500),
        ModelUnusableError,
        _NO_MODEL,
        _words(
            r"model_not_found|(invalid|unknown|unsupported)[ _]model"
            r"|\bmodel\b.{0,120}?(not found|not exist|not supported|not a re-?ranker)"
        ),
    ),
    Refusal(
        (400, 422),
        ModelUnusableError,
        "{host} cannot shorten the vectors of this model to KUNAK_EMBEDDINGS_DIMENSIONS: {words}",
        _words(r"matryoshka|dimensions?\b.{0,60}?support|support.{0,60}?\bdimensions?\b"),
    ),
    Refusal((429,), ModelUnavailableError, "{host} asks for fewer requests."),
    Refusal((404, 405, 410, 501, *range(300, 400)), ModelUnusableError, "{host} has nothing at this address: {words}"),
    # 424 is how text-embeddings-inference says that its model failed; 499 how Cohere says that it gave up.
    Refusal((408, 409, 423, 424, 425, 499, *range(500, 600)), ModelUnavailableError, "{host} is in trouble: {words}"),
    Refusal(range(400, 500), TextRefusedError, "{host} refuses the request: {words}"),
    Refusal(range(1_000), ModelUnavailableError, "{host} answers with a status that means nothing: {words}"),
)


def refusal(status: int, body: Any, *, host: str, key: str | None, retry_after: str | None = None) -> KunakError:
    """The error for this answer. `body`: its JSON, or None; `retry_after`: the header of that name."""
    said = _what_it_says(body)
    row = next(row for row in REFUSALS if row.fits(status, said))
    sentence = row.sentence.format(host=host, words=without_key(_message(body) or f"status {status}", key))
    if row.error is ModelUnavailableError:
        return ModelUnavailableError(sentence, retry_after=seconds_to_wait(retry_after))
    return row.error(sentence)


def refusal_within(body: Any) -> int | None:
    """The status of a refusal that came as a success, as some proxies send it; None for a real answer."""
    if not isinstance(body, dict) or not body.get("error"):
        return None
    error = body["error"]
    code = error.get("code") if isinstance(error, dict) else None
    is_status = isinstance(code, int) and not isinstance(code, bool) and code in range(400, 600)
    return code if is_status else int(HTTPStatus.BAD_GATEWAY)


def without_key(words: str, key: str | None) -> str:
    """The server's words, cut to what a log line bears, with the key blacked out should they hold it."""
    if key:
        words = words.replace(key, "…")
    return words if len(words) <= _LONGEST_WORDS else words[: _LONGEST_WORDS - 1] + "…"


def seconds_to_wait(header: str | None) -> float | None:
    """What a Retry-After header asks for, in seconds from now, an hour at most; it may hold seconds or a date."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        seconds = _seconds_until(header)
    return min(max(seconds, 0.0), _LONGEST_WAIT_S) if isfinite(seconds) else None


def _seconds_until(date: str) -> float:
    try:
        moment = parsedate_to_datetime(date)
        return (moment.replace(tzinfo=moment.tzinfo or UTC) - now()).total_seconds()
    except (ValueError, OverflowError):
        return float("nan")


def _what_it_says(body: Any) -> str:
    """Message, code and type together, as the servers spread their meaning over the three."""
    return " ".join(str(part)[:_READ] for part in _parts(body, "message", "code", "type", "error_type", "detail"))


def _message(body: Any) -> str:
    return " ".join(str(part)[:_READ] for part in _parts(body, "message", "detail"))


def _parts(body: Any, *names: str) -> list[Any]:
    """OpenAI nests under `error`; Cohere, Jina, vLLM and TEI write at the top, where `error` may be a text."""
    if not isinstance(body, dict):
        return []
    error = body.get("error")
    if isinstance(error, dict):
        body = error
    elif error:
        body = {"message": error, **body}
    return [body[name] for name in names if body.get(name)]
