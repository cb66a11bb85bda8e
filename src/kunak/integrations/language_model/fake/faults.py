"""How the fake fails, and the habits of servers that are no failures."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Fault(StrEnum):
    """One way to fail. A model named `fault-` and the value of one always fails so."""

    RATE_LIMIT = "rate-limit"
    RATE_LIMIT_WITH_WAIT = "rate-limit-with-wait"
    QUOTA = "quota"
    SERVER_ERROR = "server-error"
    OVERLOADED = "overloaded"
    KEY = "key"
    FORBIDDEN = "forbidden"
    NO_MODEL = "no-model"
    CONTEXT = "context"
    BAD_REQUEST = "bad-request"
    FILTERED_REQUEST = "filtered-request"
    PROXY_PAGE = "proxy-page"
    """502 with a page of HTML."""
    PAGE_IN_PLACE_OF_ANSWER = "page"
    """200 with a page of HTML."""
    ERROR_IN_PLACE_OF_ANSWER = "error-with-200"
    GARBAGE = "garbage"
    """200, and neither events nor JSON."""
    NO_ANSWER = "no-answer"
    """Takes the request and never says a word."""
    SLOW_FIRST_TOKEN = "slow-first-token"  # noqa: S105  a word of a model, not of a door
    """Begins the stream, keeps it alive, and gives no token."""
    STALL = "stall"
    """Stops in the middle, and keeps the connection."""
    CUT = "cut"
    """The connection breaks in the middle."""
    SILENT_END = "silent-end"
    """The stream ends in the middle as if all were said."""
    MALFORMED = "malformed"
    EMPTY = "empty"
    FAILS_IN_THE_MIDDLE = "fails-in-the-middle"
    """`response.failed`, or an error among the chunks."""
    FILTERED_ANSWER = "filtered-answer"
    REFUSAL = "refusal"
    LENGTH = "length"
    """Cut short by the limit of tokens: no failure, but not a whole answer."""


@dataclass(frozen=True)
class Manner:
    """Habits that are allowed and trip careless clients up."""

    line_end: str = "\n"
    keep_alives: bool = False
    counts_tokens: bool = True
    says_done: bool = True
    thinks: bool = False
    thinks_aloud: bool = False
    """In the text of the answer, between tags; in Chat Completions alone."""
    tells_more: bool = False
    """Events and items that nobody has heard of, and an end after the end."""
    names_events: bool = True
    """By `event:` lines."""
    says_why: bool = True
    """Why it ended: a `finish_reason`, or the status of a response."""
    splits: bool = False
    """Sends byte by byte, so that characters are cut."""
    closes_kept: bool = False
    """Hangs up on every second request over the same connection."""
    streams: bool = True
    refuses: frozenset[str] = frozenset()
    """Parameters that are answered with 400."""
    sees: bool = True
    """A model that does not is asked about pictures in vain."""
    context: int | None = None
    """Tokens: what is longer is refused."""
    token_s: float = 0.0
    """Pause before each token."""
    pauses: int = 0
    """So many times an answer stops on its way, at equal distances, until `FakeProvider.go_on` is called."""


@dataclass(frozen=True)
class HttpFault:
    """A fault that is an answer of HTTP."""

    status: int
    body: dict[str, Any] | str
    headers: tuple[tuple[str, str], ...] = ()


def _error(message: str, kind: str, code: str | None = None, parameter: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": parameter, "code": code}}


_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
_BAD = "invalid_request_error"

HTTP_FAULTS = {
    Fault.RATE_LIMIT: HttpFault(429, _error("Rate limit reached.", "requests", "rate_limit_exceeded")),
    Fault.RATE_LIMIT_WITH_WAIT: HttpFault(
        429, _error("Rate limit reached.", "requests", "rate_limit_exceeded"), (("Retry-After", "7"),)
    ),
    Fault.QUOTA: HttpFault(429, _error("You exceeded your current quota.", "insufficient_quota", "insufficient_quota")),
    Fault.SERVER_ERROR: HttpFault(500, _error("The server had an error.", "server_error")),
    Fault.OVERLOADED: HttpFault(529, _error("Overloaded.", "overloaded_error")),
    Fault.KEY: HttpFault(401, _error("Incorrect API key provided: {key}.", _BAD, "invalid_api_key")),
    Fault.FORBIDDEN: HttpFault(
        403, _error("Country not supported.", "request_forbidden", "unsupported_country_region_territory")
    ),
    Fault.NO_MODEL: HttpFault(404, _error("The model does not exist.", _BAD, "model_not_found")),
    Fault.CONTEXT: HttpFault(
        400, _error("This model's maximum context length is 8 tokens.", _BAD, "context_length_exceeded", "input")
    ),
    Fault.BAD_REQUEST: HttpFault(400, _error("Invalid type for 'messages'.", _BAD, "invalid_type", "messages")),
    Fault.FILTERED_REQUEST: HttpFault(400, _error("The prompt was filtered.", _BAD, "content_filter")),
    Fault.PROXY_PAGE: HttpFault(502, _PAGE),
    Fault.PAGE_IN_PLACE_OF_ANSWER: HttpFault(200, _PAGE),
    Fault.ERROR_IN_PLACE_OF_ANSWER: HttpFault(200, _error("The server had an error.", "server_error")),
}


BLIND = HttpFault(400, _error("This model does not support image input.", _BAD))


def refusal_of(parameter: str) -> HttpFault:
    """What a server says to a parameter it does not know."""
    return HttpFault(400, _error(f"Unsupported parameter: '{parameter}'.", _BAD, "unsupported_parameter", parameter))
