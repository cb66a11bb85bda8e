"""What a server says went wrong, read into one of the troubles we know. Every provider words it its own way."""

import re
from dataclasses import dataclass
from typing import Any

from kunak.foundation.observability.logs import mask_tokens
from kunak.integrations.language_model.access import ModelProtocol, ProviderAccess
from kunak.integrations.language_model.errors import (
    ERROR_OF,
    AnswerWithheldError,
    LanguageModelError,
    ModelRefusedError,
    ModelUnavailableError,
    Trouble,
)

_WORDS_AT_MOST = 300
_SHORTEST_KEY = 8
"""A shorter one (`ollama`, `none`) is no secret, and may be a word of the sentence."""

_BY_CODE = {
    Trouble.QUOTA: "insufficient_quota billing_hard_limit_reached billing_not_active payment_required billing_error",
    Trouble.KEY: "invalid_api_key authentication_error",
    Trouble.ACCESS: "account_deactivated unsupported_country_region_territory permission_error",
    Trouble.MODEL: "model_not_found model_not_available invalid_model DeploymentNotFound",
    Trouble.CONTEXT: "context_length_exceeded exceed_context_size_error string_above_max_length",
    Trouble.WITHHELD: (
        "content_filter content_policy_violation invalid_prompt bio_policy cyber_policy misalignment_policy_violation "
        "image_content_policy_violation responsible_ai_policy_violation"
    ),
    Trouble.RATE_LIMIT: "rate_limit_exceeded rate_limit_error",
    Trouble.SERVER: "server_error overloaded overloaded_error api_error internal_error vector_store_timeout",
}
_TROUBLE_OF_CODE = {code: trouble for trouble, codes in _BY_CODE.items() for code in codes.split()}

_BY_WORDS: tuple[tuple[Trouble, frozenset[int | None], re.Pattern[str]], ...] = tuple(
    (trouble, frozenset(statuses), re.compile(words, re.IGNORECASE))
    for trouble, statuses, words in (
        (
            Trouble.CONTEXT,
            (400, 413, 422, 500, None),
            r"context (length|window|size)|maximum context|prompt is too long|too many (input )?tokens",
        ),
        # More than a minute's tokens in one request: waiting does not help, trimming does.
        (Trouble.CONTEXT, (429,), r"request too large"),
        (Trouble.QUOTA, (403, 429), r"insufficient (credit|balance|quota|fund)|current quota|billing"),
        (
            Trouble.MODEL,
            (400, 403, 404, 422, None),
            (
                r"not a valid model|(unknown|invalid|unsupported) model\b|no endpoints found|"
                r"\bmodels?\b.{0,120}\b(not found|does not exist|not exist|not available|no access)"
            ),
        ),
        (Trouble.ADDRESS, (400,), r"(endpoint|route|path) \S+ (is |was )?not (supported|found)"),
        (Trouble.KEY, (400,), r"\bapi.?key\b"),
        (Trouble.WITHHELD, (400, 403), r"\bmoderation\b|\bflagged\b|content (management )?policy"),
    )
)
_BY_STATUS = {
    401: Trouble.KEY,
    402: Trouble.QUOTA,
    403: Trouble.ACCESS,
    404: Trouble.ADDRESS,
    405: Trouble.ADDRESS,
    408: Trouble.TIMEOUT,
    409: Trouble.SERVER,
    413: Trouble.CONTEXT,
    425: Trouble.SERVER,
    429: Trouble.RATE_LIMIT,
    501: Trouble.ADDRESS,
}
_NO_PLACE = re.compile(r"url|path|route|endpoint|resource|not.?found|\A\d*\Z", re.IGNORECASE)
"""Codes by which a 404 speaks of the address. Any other code is of a server that is at home there, and finds no answer
to this one request.
"""
_OUR_FAULT = re.compile(r"invalid_|image_|unsupported_|empty_image|failed_to_download|data_residency")

_SENTENCES = {
    Trouble.KEY: "refuses the key: put a good one into the settings",
    Trouble.ACCESS: "does not let us in",
    Trouble.QUOTA: "says that the account has no quota or no money left",
    Trouble.MODEL: "has no model {model} for us",
    Trouble.ADDRESS: "does not know this address: check its URL, which mostly ends in /v1{otherwise}",
    Trouble.REQUEST: "refuses the request",
    Trouble.CONTEXT: "finds the request too long",
    Trouble.RATE_LIMIT: "asks us to slow down",
    Trouble.TIMEOUT: "took too long",
    Trouble.WITHHELD: "declines to answer this",
}
_OTHERWISE = {
    ModelProtocol.RESPONSES: ", or, if it knows no Responses API, set its KUNAK_MODEL_PROTOCOL to chat",
    ModelProtocol.CHAT: "",
}
_MISPLACED_WORDS = frozenset({Trouble.KEY})
"""Where a server's own words may repeat the key in part."""


@dataclass(frozen=True)
class Fault:
    """An error as a server tells it. `status` is None in the middle of a stream."""

    status: int | None
    code: str = ""
    type: str = ""
    message: str = ""
    parameter: str = ""


def read_fault(status: int | None, body: Any) -> Fault:
    """The error in `body` (decoded JSON, of any shape; None when it was none)."""
    found = body[0] if isinstance(body, list) and body else body
    found = found if isinstance(found, dict) else {}
    inner = found.get("error") or found.get("detail")
    if isinstance(inner, str | list):
        inner = {"message": str(inner)}
    said = inner if isinstance(inner, dict) else found
    code = said.get("code")
    if isinstance(code, int) and code in range(400, 600):
        status, code = code if status in (None, 200) else status, None
    return Fault(
        status, *(str(each or "") for each in (code, said.get("type"), said.get("message"), said.get("param")))
    )


def trouble_of(fault: Fault) -> Trouble:
    """Codes say most, then words, then the status; what nobody knows is the server's trouble."""
    status = None if fault.status == 200 else fault.status  # noqa: PLR2004  an error inside a good answer
    for name in (fault.code, fault.type):
        if (known := _TROUBLE_OF_CODE.get(name)) and not _is_contradicted(known, fault):
            return known
    for trouble, statuses, words in _BY_WORDS:
        if status in statuses and words.search(fault.message):
            return trouble
    if status is None:
        return Trouble.REQUEST if _OUR_FAULT.match(fault.code or fault.type) else Trouble.SERVER
    return _by_status(status, fault.code)


def _by_status(status: int, code: str) -> Trouble:
    if status == 404 and not _NO_PLACE.search(code):  # noqa: PLR2004  HTTP's "not found"
        return Trouble.REQUEST
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status < 400:  # noqa: PLR2004  a redirect: not followed, the key would go along
        return Trouble.ADDRESS
    return Trouble.REQUEST if status < 500 else Trouble.SERVER  # noqa: PLR2004  borders of HTTP


def _is_contradicted(known: Trouble, fault: Fault) -> bool:
    """A request larger than a minute's allowance bears the code of a rate limit."""
    return known is Trouble.RATE_LIMIT and "request too large" in fault.message.lower()


def error_from(
    fault: Fault, access: ProviderAccess, model: str, *, retry_after: float | None = None
) -> LanguageModelError:
    """The error to raise; its sentence is fit for an admin and holds no key."""
    trouble = trouble_of(fault)
    words = _clean(fault.message, access)
    otherwise = _OTHERWISE[access.protocol]
    sentence = _SENTENCES.get(trouble, "does not answer").format(model=model, otherwise=otherwise)
    status = f" ({fault.status})" if fault.status else ""
    quote = f": {words}" if words and trouble not in _MISPLACED_WORDS else ""
    return make_error(trouble, f"{access.name} {sentence}{status}{quote}", retry_after, words, fault.parameter)


def make_error(
    trouble: Trouble, sentence: str, retry_after: float | None = None, reason: str = "", parameter: str = ""
) -> LanguageModelError:
    """The error of the one table for this trouble."""
    kind = ERROR_OF[trouble]
    if issubclass(kind, ModelUnavailableError):
        return kind(sentence, trouble=trouble, retry_after=retry_after)
    if issubclass(kind, AnswerWithheldError):
        return kind(sentence, reason=reason)
    if issubclass(kind, ModelRefusedError):
        return kind(sentence, trouble=trouble, parameter=parameter)
    return kind(sentence, trouble=trouble)


def _clean(words: str, access: ProviderAccess) -> str:
    """One short line without secrets."""
    if len(access.key) >= _SHORTEST_KEY:
        words = words.replace(access.key, "***")
    line = " ".join(mask_tokens(words).split())
    return line if len(line) <= _WORDS_AT_MOST else f"{line[: _WORDS_AT_MOST - 1]}…"
