"""What both clients promise, asked of our fake and of a server that others wrote."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

import pytest
from tests.integrations.language_model.conftest import KEY, SHORT, Peer, client_of

from kunak.foundation.errors import ErrorClass
from kunak.integrations.language_model.access import ModelProtocol
from kunak.integrations.language_model.client import HttpLanguageModel
from kunak.integrations.language_model.errors import LanguageModelError, ModelUnavailableError, Trouble
from kunak.integrations.language_model.fake import Fault
from kunak.integrations.language_model.interface import (
    AnswerSchema,
    Finished,
    FinishReason,
    Message,
    Request,
    TextDelta,
    Tool,
    ToolCall,
    complete,
)

RETRYABLE, FATAL, TERMINAL = ErrorClass.RETRYABLE, ErrorClass.FATAL, ErrorClass.TERMINAL
QUESTION = Request((Message.user("What is on in the town tonight? Tell me all of it."),))
LONG = "Салам! " + "Сегодня в городе концерт 🎻, и вход свободный. " * 20
TOOL = Tool("weather", "The weather in a town.", {"type": "object", "properties": {"town": {"type": "string"}}})


@pytest.fixture
async def model(peer: Peer, protocol: ModelProtocol) -> AsyncIterator[HttpLanguageModel]:
    async with client_of(peer.url, protocol, model=peer.model) as client:
        yield client


async def test_an_answer_comes_in_pieces_and_ends_with_what_it_cost(peer: Peer, model: HttpLanguageModel) -> None:
    await peer.say(LONG)
    async with aclosing(model.stream(QUESTION)) as events:
        heard = [event async for event in events]
    pieces = [event.text for event in heard if isinstance(event, TextDelta)]
    assert "".join(pieces).strip() == LONG.strip()
    assert len(pieces) > 50
    last = heard[-1]
    assert isinstance(last, Finished)
    assert (last.reason, last.model, last.provider) == (FinishReason.STOP, peer.model, "fake")
    assert last.usage is not None
    assert last.usage.input > 0
    assert last.usage.output > 0
    assert last.response_id


async def test_several_turns_are_understood(peer: Peer, model: HttpLanguageModel) -> None:
    await peer.say("Good, and you?")
    turns = (Message.user("Hello."), Message.assistant("Hello, Alice."), Message.user("How are you?"))
    assert (await complete(model, Request(turns, instructions="Be kind."))).text.strip() == "Good, and you?"


async def test_a_tool_is_called_and_its_result_taken(peer: Peer, model: HttpLanguageModel) -> None:
    await peer.say(ToolCall("call_1", "weather", '{"town": "Нальчик"}'))
    asked = Request((Message.user("What is the weather in Нальчик?"),), tools=(TOOL,))
    answer = await complete(model, asked)
    assert answer.finished.reason is FinishReason.TOOL_CALLS
    [call] = answer.tool_calls
    assert (call.name, "Нальчик" in call.arguments or "\\u041d" in call.arguments) == ("weather", True)


async def test_json_of_a_schema_comes_back(peer: Peer, model: HttpLanguageModel) -> None:
    schema = AnswerSchema(
        "verdict",
        {
            "type": "object",
            "properties": {"intent": {"type": "string", "enum": ["ask", "chat"]}},
            "required": ["intent"],
            "additionalProperties": False,
        },
    )
    answer = await complete(model, Request((Message.user("Hi."),), answer_schema=schema))
    assert answer.text.replace(" ", "") == '{"intent":"ask"}'


async def test_the_models_are_listed(peer: Peer, model: HttpLanguageModel) -> None:
    assert peer.model in [each.id for each in await model.list_models()]


@pytest.mark.parametrize(
    ("fault", "error_class", "trouble"),
    [
        (Fault.RATE_LIMIT, RETRYABLE, Trouble.RATE_LIMIT),
        (Fault.RATE_LIMIT_WITH_WAIT, RETRYABLE, Trouble.RATE_LIMIT),
        (Fault.SERVER_ERROR, RETRYABLE, Trouble.SERVER),
        (Fault.OVERLOADED, RETRYABLE, Trouble.SERVER),
        (Fault.PROXY_PAGE, RETRYABLE, Trouble.SERVER),
        (Fault.PAGE_IN_PLACE_OF_ANSWER, RETRYABLE, Trouble.MALFORMED),
        (Fault.ERROR_IN_PLACE_OF_ANSWER, RETRYABLE, Trouble.SERVER),
        (Fault.GARBAGE, RETRYABLE, Trouble.CUT),
        (Fault.NO_ANSWER, RETRYABLE, Trouble.TIMEOUT),
        (Fault.SLOW_FIRST_TOKEN, RETRYABLE, Trouble.TIMEOUT),
        (Fault.STALL, RETRYABLE, Trouble.TIMEOUT),
        (Fault.CUT, RETRYABLE, Trouble.CUT),
        (Fault.SILENT_END, RETRYABLE, Trouble.CUT),
        (Fault.MALFORMED, RETRYABLE, Trouble.MALFORMED),
        (Fault.EMPTY, RETRYABLE, Trouble.EMPTY),
        (Fault.FAILS_IN_THE_MIDDLE, RETRYABLE, Trouble.SERVER),
        (Fault.KEY, FATAL, Trouble.KEY),
        (Fault.FORBIDDEN, FATAL, Trouble.ACCESS),
        (Fault.QUOTA, FATAL, Trouble.QUOTA),
        (Fault.NO_MODEL, FATAL, Trouble.MODEL),
        (Fault.BAD_REQUEST, TERMINAL, Trouble.REQUEST),
        (Fault.CONTEXT, TERMINAL, Trouble.CONTEXT),
        (Fault.FILTERED_REQUEST, TERMINAL, Trouble.WITHHELD),
        (Fault.FILTERED_ANSWER, TERMINAL, Trouble.WITHHELD),
        (Fault.REFUSAL, TERMINAL, Trouble.WITHHELD),
    ],
)
async def test_every_fault_is_an_error_whose_kind_is_known(
    peer: Peer, model: HttpLanguageModel, fault: Fault, error_class: ErrorClass, trouble: Trouble
) -> None:
    await peer.fail(fault)
    with pytest.raises(LanguageModelError) as raised:
        await complete(model, replace(QUESTION, timeouts=SHORT if trouble is Trouble.TIMEOUT else None))
    assert (raised.value.error_class, raised.value.trouble) == (error_class, trouble)
    assert KEY not in f"{raised.value!r} {raised.value} {raised.value.__cause__!r}"
    assert (await complete(model, QUESTION)).text, "the next request must not suffer"


async def test_a_wait_that_is_asked_for_is_told(peer: Peer, model: HttpLanguageModel) -> None:
    await peer.fail(Fault.RATE_LIMIT_WITH_WAIT)
    with pytest.raises(ModelUnavailableError) as raised:
        await complete(model, QUESTION)
    assert raised.value.retry_after == 7


async def test_an_answer_cut_short_is_usable_and_says_so(peer: Peer, model: HttpLanguageModel) -> None:
    await peer.fail(Fault.LENGTH)
    answer = await complete(model, QUESTION)
    assert answer.finished.reason is FinishReason.LENGTH
    assert answer.text
