"""Whatever a server sends, it is an answer or an error of ours, never one of Python's."""

import contextlib
from typing import Any

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integrations.language_model.conftest import client_of

from kunak.foundation.errors import ErrorClass
from kunak.integrations.language_model.access import ModelProtocol
from kunak.integrations.language_model.client import HttpLanguageModel
from kunak.integrations.language_model.errors import LanguageModelError
from kunak.integrations.language_model.fake import FakeProvider, Manner
from kunak.integrations.language_model.interface import Message, Request, complete

ASKED = Request((Message.user("Hello."),))
NAMES = (
    *("type", "response", "error", "output", "status", "content", "text", "delta", "item", "call_id", "name", "usage"),
    *("arguments", "input_tokens", "choices", "message", "tool_calls", "function", "index", "id", "finish_reason"),
    *("refusal", "model", "output_tokens_details", "prompt_tokens", "code"),
)
VALUES = (
    *("response.completed", "response.incomplete", "response.failed", "response.output_text.delta"),
    *("response.output_item.done", "error", "message", "function_call", "output_text", "refusal", "completed"),
    *("incomplete", "stop", "length", "content_filter", "tool_calls"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(VALUES) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=20,
)
DOCUMENTS = st.lists(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=8), max_size=4)


@pytest.mark.parametrize("protocol", list(ModelProtocol))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(documents=DOCUMENTS)
async def test_documents_that_make_no_sense(protocol: ModelProtocol, documents: list[dict[str, Any]]) -> None:
    async def answer(_: web.Request) -> web.Response:
        body = b"".join(b"data: " + orjson.dumps(each) + b"\n\n" for each in documents)
        return web.Response(body=body, content_type="text/event-stream")

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(application) as server, client_of(str(server.make_url("")), protocol) as model:
        with contextlib.suppress(LanguageModelError):
            assert (await complete(model, ASKED)).finished.provider == "fake"


@pytest.mark.parametrize(
    "usage",
    [7, "many", [], {"input_tokens": "x"}, {"prompt_tokens": {}}, {"input_tokens_details": 3}, {"input_tokens": 0}],
)
async def test_a_count_of_tokens_that_is_none(
    fake: FakeProvider, model: HttpLanguageModel, usage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kunak.integrations.language_model.fake.speech.SpeaksChat._usage", lambda *_: usage)
    whole = "kunak.integrations.language_model.fake.speech.SpeaksResponses.whole"
    document = {"status": "completed", "output": [], "usage": usage}
    monkeypatch.setattr(whole, lambda *_: document)
    with contextlib.suppress(LanguageModelError):
        assert (await complete(model, ASKED)).finished.usage is None


async def test_an_answer_that_is_completed_and_failed(fake: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = "kunak.integrations.language_model.fake.speech.SpeaksResponses.whole"
    monkeypatch.setattr(whole, lambda *_: {"status": "failed", "output": []})
    fake.manner = Manner(streams=False)
    async with client_of(fake.url, ModelProtocol.RESPONSES) as model:
        with pytest.raises(LanguageModelError) as raised:
            await complete(model, ASKED)
    assert raised.value.error_class is ErrorClass.RETRYABLE


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"7", b'{"error": 7}', b'{"error": {"code": []}}', b"{", b"\xff"]
)
@pytest.mark.parametrize("status", [200, 204, 400, 404, 429, 500])
async def test_bodies_that_make_no_sense(protocol: ModelProtocol, body: bytes, status: int) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, body=body, content_type="application/json")

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(application) as server, client_of(str(server.make_url("")), protocol) as model:
        with pytest.raises(LanguageModelError):
            await complete(model, ASKED)
        with pytest.raises(LanguageModelError):
            await model.list_models()
