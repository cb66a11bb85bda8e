"""What providers say when something is wrong, row by row, and how long they ask us to wait."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kunak.foundation.errors import ErrorClass, InvalidInputError
from kunak.integrations.language_model.access import ModelProtocol, ProviderAccess
from kunak.integrations.language_model.errors import ERROR_OF, AnswerWithheldError, Trouble
from kunak.integrations.language_model.failures import error_from, make_error, read_fault, trouble_of
from kunak.integrations.language_model.waits import read_wait

KEY = "town-key-4711-secret"
ACCESS = ProviderAccess("friend", "https://models.example/v1", "m", ModelProtocol.CHAT, KEY)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def said(message: str = "", code: Any = None, kind: str = "", param: str = "") -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "code": code, "param": param}}


@pytest.mark.parametrize(
    ("status", "body", "trouble"),
    [
        (301, None, Trouble.ADDRESS),
        (400, None, Trouble.REQUEST),
        (400, said("Unsupported parameter", "unsupported_parameter", "invalid_request_error"), Trouble.REQUEST),
        (400, said("…", "context_length_exceeded"), Trouble.CONTEXT),
        (400, said("This model's maximum context length is 4096 tokens."), Trouble.CONTEXT),
        (400, {"object": "error", "message": "Prompt is too long", "code": 400}, Trouble.CONTEXT),
        (400, said("exceeds the available context size", 400, "exceed_context_size_error"), Trouble.CONTEXT),
        (400, said("llama is not a valid model ID", 400), Trouble.MODEL),
        (400, [said("API key not valid. Please pass a valid API key.", 400)], Trouble.KEY),
        (400, said("…", "content_filter"), Trouble.WITHHELD),
        (400, said("Your request was flagged.", "invalid_prompt"), Trouble.WITHHELD),
        (401, said("Incorrect API key provided", "invalid_api_key"), Trouble.KEY),
        (401, b"", Trouble.KEY),
        (402, said("Insufficient credits", 402), Trouble.QUOTA),
        (403, said("Country not supported", "unsupported_country_region_territory"), Trouble.ACCESS),
        (403, None, Trouble.ACCESS),
        (403, said("Your input was flagged by moderation", 403), Trouble.WITHHELD),
        (404, said("The model `x` does not exist", "model_not_found"), Trouble.MODEL),
        (404, said("model 'x' not found", None, "not_found_error"), Trouble.MODEL),
        (404, {"object": "error", "message": "The model `x` does not exist.", "code": 404}, Trouble.MODEL),
        (404, said("No endpoints found for x.", 404), Trouble.MODEL),
        (404, said("models/x is not found for API version v1main", 404), Trouble.MODEL),
        (404, said("The API deployment for this resource does not exist.", "DeploymentNotFound"), Trouble.MODEL),
        (404, {"detail": "Not Found"}, Trouble.ADDRESS),
        (404, said("Unknown request URL: POST /v2/responses.", "unknown_url"), Trouble.ADDRESS),
        (404, said("Resource not found", "404"), Trouble.ADDRESS),
        (404, said("Nothing is prepared for this question", "no_fixture_match"), Trouble.REQUEST),
        (400, said("Endpoint /v1/responses is not supported"), Trouble.ADDRESS),
        (404, None, Trouble.ADDRESS),
        (405, None, Trouble.ADDRESS),
        (408, None, Trouble.TIMEOUT),
        (409, None, Trouble.SERVER),
        (413, None, Trouble.CONTEXT),
        (422, {"detail": [{"loc": ["body", "store"], "msg": "Extra inputs"}]}, Trouble.REQUEST),
        (429, None, Trouble.RATE_LIMIT),
        (429, said("Rate limit reached", "rate_limit_exceeded", "tokens"), Trouble.RATE_LIMIT),
        (429, said("Request too large for m on tokens per min", "rate_limit_exceeded", "tokens"), Trouble.CONTEXT),
        (429, said("You exceeded your current quota", "insufficient_quota"), Trouble.QUOTA),
        (500, None, Trouble.SERVER),
        (500, {"error": "model runner has crashed"}, Trouble.SERVER),
        (501, None, Trouble.ADDRESS),
        (502, None, Trouble.SERVER),
        (503, said("overloaded", None, "server_error"), Trouble.SERVER),
        (504, None, Trouble.SERVER),
        (529, said("Overloaded", None, "overloaded_error"), Trouble.SERVER),
        (200, said("The server had an error", None, "server_error"), Trouble.SERVER),
        (200, said("Invalid API key", 401), Trouble.KEY),
        # In the middle of a stream there is no status.
        (None, said("Provider disconnected", 502), Trouble.SERVER),
        (None, said("Rate limit", "rate_limit_exceeded"), Trouble.RATE_LIMIT),
        (None, {"type": "error", "code": "server_error", "message": "…"}, Trouble.SERVER),
        (None, {"type": "error", "error": {"code": "insufficient_quota"}}, Trouble.QUOTA),
        (None, said("…", "invalid_image_format"), Trouble.REQUEST),
        (None, said("…", "bio_policy"), Trouble.WITHHELD),
        (None, said("Model 'x' does not exist", "invalid_model"), Trouble.MODEL),
        (None, said("The model `x` does not exist"), Trouble.MODEL),
        (None, {"error": "slow down"}, Trouble.SERVER),
        (None, said("Something nobody has heard of", "what"), Trouble.SERVER),
        (None, said("too many tokens in the prompt"), Trouble.CONTEXT),
    ],
)
def test_every_error_of_a_provider_is_a_trouble_we_know(status: int | None, body: Any, trouble: Trouble) -> None:
    assert trouble_of(read_fault(status, body)) is trouble


@pytest.mark.parametrize(
    ("trouble", "codes"),
    [
        (Trouble.SERVER, "server_error vector_store_timeout"),
        (Trouble.RATE_LIMIT, "rate_limit_exceeded"),
        (Trouble.WITHHELD, "invalid_prompt bio_policy misalignment_policy_violation image_content_policy_violation"),
        (
            Trouble.REQUEST,
            (
                "data_residency_mismatch invalid_image invalid_image_format invalid_base64_image invalid_image_url "
                "image_too_large image_too_small image_parse_error invalid_image_mode image_file_too_large "
                "unsupported_image_media_type empty_image_file failed_to_download_image image_file_not_found"
            ),
        ),
    ],
)
def test_every_code_of_a_failed_response_is_known(trouble: Trouble, codes: str) -> None:
    for code in codes.split():
        assert trouble_of(read_fault(None, said("…", code))) is trouble, code


@pytest.mark.parametrize(
    ("error_class", "troubles"),
    [
        (
            ErrorClass.RETRYABLE,
            {"connection", "timeout", "rate_limit", "server", "cut", "malformed", "empty"},
        ),
        (ErrorClass.FATAL, {"key", "access", "quota", "address", "model"}),
        (ErrorClass.TERMINAL, {"request", "context", "withheld"}),
    ],
)
def test_the_one_table_of_classes(error_class: ErrorClass, troubles: set[str]) -> None:
    assert {trouble for trouble, kind in ERROR_OF.items() if kind.error_class is error_class} == troubles
    for trouble in troubles:
        assert make_error(Trouble(trouble), "…").trouble == trouble


def test_a_key_that_a_provider_repeats_is_masked() -> None:
    for status, words in ((400, f"bad {KEY} or sk-proj-abcdef123456"), (401, f"Incorrect API key: {KEY}")):
        error = error_from(read_fault(status, said(words)), ACCESS, "m")
        assert KEY not in str(error)
        assert "abcdef" not in str(error)
    assert KEY not in repr(ACCESS)
    assert "models.example" not in repr(ACCESS), "an address may hold a password"


def test_long_words_are_shortened_and_a_refusal_keeps_its_reason() -> None:
    error = error_from(read_fault(400, said("no\n" * 500, "content_filter")), ACCESS, "m")
    assert isinstance(error, AnswerWithheldError)
    assert len(error.reason) == 300
    assert "\n" not in str(error)


@pytest.mark.parametrize("key", ["sk-one\nX-Evil: 1", "ключ", "two words"])
def test_a_key_that_would_break_a_header_is_refused_without_repeating_it(key: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        ProviderAccess("friend", "https://models.example/v1", "m", ModelProtocol.CHAT, key)
    assert key not in str(raised.value)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "Fri, 20 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Fri, 20 Nov 2026 11:59:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "99999999"}, 86_400.0),
        ({"x-ratelimit-reset-requests": "6m0s"}, 360.0),
        ({"x-ratelimit-reset-tokens": "20ms", "x-ratelimit-reset-requests": "1.5s"}, 0.02),
        (
            {
                "x-ratelimit-reset-tokens": "20ms",
                "x-ratelimit-reset-requests": "1h2m3s",
                "x-ratelimit-remaining-requests": "0",
            },
            3723.0,
        ),
        ({"x-ratelimit-reset-tokens": "a while"}, None),
        ({"retry-after": "soon", "x-ratelimit-reset-tokens": "2s"}, 2.0),
    ],
)
def test_waits_in_every_form(headers: dict[str, str], wait: float | None) -> None:
    assert read_wait(headers, NOW) == pytest.approx(wait)
