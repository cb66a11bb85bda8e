"""The table of refusals, row by row, as the servers word them."""

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from kunak.foundation.clock import now
from kunak.foundation.errors import ErrorClass
from kunak.integrations.model_endpoint.errors import REFUSALS, TextRefusedError, refusal, seconds_to_wait

RETRYABLE, FATAL, TERMINAL = ErrorClass.RETRYABLE, ErrorClass.FATAL, ErrorClass.TERMINAL


def openai(message: str, code: str | None = None, kind: str = "invalid_request_error") -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


CASES: list[tuple[int, Any, ErrorClass, int]] = [
    (429, openai("You exceeded your current quota.", "insufficient_quota"), FATAL, 0),
    (400, openai("Billing hard limit has been reached.", "billing_hard_limit_reached"), FATAL, 0),
    (403, {"detail": "Insufficient balance in the account."}, FATAL, 1),
    (402, {"message": "Please add a payment method."}, FATAL, 2),
    (402, None, FATAL, 2),
    (401, openai("Incorrect API key provided: sk-…", "invalid_api_key"), FATAL, 3),
    (403, {"message": "not allowed here"}, FATAL, 3),
    (498, {"message": "invalid token"}, FATAL, 3),
    (400, [{"error": {"message": "API key not valid."}}], TERMINAL, 10),
    (400, {"error": {"message": "API key not valid. Please pass a valid API key.", "code": 400}}, FATAL, 4),
    (404, openai("The model `x` does not exist or you do not have access to it.", "model_not_found"), FATAL, 5),
    (404, openai('model "x" not found, try pulling it first', kind="api_error"), FATAL, 5),
    (404, {"object": "error", "message": "The model `x` does not exist.", "code": 404}, FATAL, 5),
    (400, {"message": "invalid request: model 'x' is not supported by the rerank API"}, FATAL, 5),
    (424, {"error": "model is not a re-ranker model", "error_type": "Backend"}, FATAL, 5),
    (400, openai("Model x does not support matryoshka representation, changing output dimensions."), FATAL, 6),
    (400, openai("This model does not support specifying dimensions."), FATAL, 6),
    (429, openai("Rate limit reached for requests.", "rate_limit_exceeded", "requests"), RETRYABLE, 7),
    (429, openai("You exceeded your current quota of requests per minute.", "429"), RETRYABLE, 7),
    (429, {"error": "Model is overloaded", "error_type": "Overloaded"}, RETRYABLE, 7),
    (404, None, FATAL, 8),
    (405, {"detail": "Method Not Allowed"}, FATAL, 8),
    (307, None, FATAL, 8),
    (501, openai("This server was started without embeddings.", None, "not_supported_error"), FATAL, 8),
    (408, None, RETRYABLE, 9),
    (424, {"error": "Request failed during generation", "error_type": "Backend"}, RETRYABLE, 9),
    (499, {"message": "request cancelled"}, RETRYABLE, 9),
    (500, openai("The server had an error.", None, "server_error"), RETRYABLE, 9),
    (503, {"error": "unhealthy", "error_type": "Unhealthy"}, RETRYABLE, 9),
    (400, openai("This model's maximum context length is 8192 tokens, you requested 9000."), TERMINAL, 10),
    (413, {"error": "batch size 64 > maximum allowed batch size 32", "error_type": "Validation"}, TERMINAL, 10),
    (422, {"detail": [{"loc": ["body", "input"], "msg": "field required"}]}, TERMINAL, 10),
    (600, None, RETRYABLE, 11),
]


@pytest.mark.parametrize(("status", "body", "wanted", "row"), CASES)
def test_each_refusal_has_its_kind(status: int, body: Any, wanted: ErrorClass, row: int) -> None:
    error = refusal(status, body, host="models.example", key=None)
    assert error.error_class is wanted
    assert isinstance(error, REFUSALS[row].error)
    assert str(error).startswith("models.example ")


def test_no_row_is_without_a_case() -> None:
    assert {row for *_, row in CASES} == set(range(len(REFUSALS)))


def test_the_key_is_not_repeated_even_where_the_server_does() -> None:
    error = refusal(400, {"message": "bad header: Bearer sk-alice"}, host="models.example", key="sk-alice")
    assert isinstance(error, TextRefusedError)
    assert str(error) == "models.example refuses the request: bad header: Bearer …"


def test_long_words_are_cut() -> None:
    assert len(str(refusal(400, {"message": "x" * 5000}, host="models.example", key=None))) < 400


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("0.5", 0.5), ("-3", 0.0), ("soon", None), ("nan", None), ("", None)]
)
def test_how_long_to_wait(header: str, seconds: float | None) -> None:
    assert seconds_to_wait(header) == seconds


def test_a_date_to_wait_for() -> None:
    waiting = seconds_to_wait(format_datetime(now() + timedelta(seconds=90), usegmt=True))
    assert waiting is not None
    assert 80 < waiting <= 90
    assert seconds_to_wait(format_datetime(now() - timedelta(hours=1), usegmt=True)) == 0.0
