"""The fake is a provider to others too: the official library reads it, in both protocols."""

from collections.abc import AsyncIterator

import openai
import pytest
from tests.integrations.language_model.conftest import KEY

from kunak.integrations.language_model.fake import FakeProvider
from kunak.integrations.language_model.interface import ToolCall

CALL = ToolCall("call_1", "weather", '{"town": "Нальчик"}')


@pytest.fixture
async def library(fake: FakeProvider) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(api_key=KEY, base_url=fake.url, max_retries=0) as library:
        yield library


async def test_a_stream_of_responses(library: openai.AsyncOpenAI) -> None:
    async with library.responses.stream(model="fake-1", input="Hello, Alice.") as events:
        heard = "".join([event.delta async for event in events if event.type == "response.output_text.delta"])
        final = await events.get_final_response()
    assert heard == final.output_text == "You said: Hello, Alice."
    assert final.usage is not None
    assert final.usage.total_tokens == 6


async def test_a_stream_of_chat_completions(library: openai.AsyncOpenAI) -> None:
    async with library.chat.completions.stream(
        model="fake-1", messages=[{"role": "user", "content": "Hello, Bob."}]
    ) as events:
        final = await events.get_final_completion()
    assert final.choices[0].message.content == "You said: Hello, Bob."


async def test_whole_answers_and_tools(fake: FakeProvider, library: openai.AsyncOpenAI) -> None:
    fake.say(CALL, CALL)
    answered = await library.responses.create(model="fake-1", input="What is the weather?")
    [item] = answered.output
    assert item.type == "function_call"
    assert item.arguments == CALL.arguments
    chatted = await library.chat.completions.create(model="fake-1", messages=[{"role": "user", "content": "And now?"}])
    assert chatted.choices[0].finish_reason == "tool_calls"


@pytest.mark.parametrize(
    ("model", "error"),
    [
        ("fault-key", openai.AuthenticationError),
        ("fault-quota", openai.RateLimitError),
        ("fault-context", openai.BadRequestError),
        ("fault-server-error", openai.InternalServerError),
        ("gone", openai.NotFoundError),
    ],
)
async def test_faults_by_the_name_of_the_model(
    library: openai.AsyncOpenAI, model: str, error: type[openai.APIError]
) -> None:
    with pytest.raises(error):
        await library.responses.create(model=model, input="Hello.")


async def test_the_list_of_models(fake: FakeProvider, library: openai.AsyncOpenAI) -> None:
    fake.models = {"old": "2026-12-24"}
    assert [(each.id, each.shutdown_date) async for each in library.models.list()] == [("old", "2026-12-24")]
