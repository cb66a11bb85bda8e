"""The verdict of a mock server on how its faults are taken, when RETRYABLE ones are tried again as the ledger does."""

import asyncio

import aiohttp
from tests.integrations.language_model.conftest import LLMOCK_FAULTS, SHORT, LlmockPeer, client_of

from kunak.integrations.language_model.access import ModelProtocol
from kunak.integrations.language_model.client import HttpLanguageModel
from kunak.integrations.language_model.errors import LanguageModelError, ModelUnavailableError
from kunak.integrations.language_model.fake import Fault
from kunak.integrations.language_model.interface import Message, Request, complete

FAULTS = LLMOCK_FAULTS | {Fault.RATE_LIMIT_WITH_WAIT: {"type": "fail", "status": 429, "retry_after": 1}}


IN_SILENCE = {Fault.STALL, Fault.SLOW_FIRST_TOKEN, Fault.NO_ANSWER}


async def ask(model: HttpLanguageModel, fault: Fault) -> None:
    request = Request((Message.user(f"What of {fault}?"),), timeouts=SHORT if fault in IN_SILENCE else None)
    try:
        await complete(model, request)
    except ModelUnavailableError as error:
        await asyncio.sleep(error.retry_after or 0)  # as long as it asked for, which is what is judged
        await complete(model, Request(request.messages))
    except LanguageModelError:
        return


async def test_llmock_finds_no_error_in_us(llmock: str, protocol: ModelProtocol) -> None:
    peer = LlmockPeer(llmock, protocol)
    await peer.post("reset", {})
    async with client_of(peer.url, protocol, model=peer.model) as model:
        for fault, behaviour in FAULTS.items():
            await peer.post("scenario", {"behaviors": [behaviour]})
            await ask(model, fault)
    async with aiohttp.ClientSession() as session, session.get(f"{llmock}/_llmock/verdict") as said:
        verdict = await said.json()
    counted = [each for each in FAULTS.values() if each["type"] in ("fail", "stream_fault")]
    assert verdict["faults_injected"] == len(counted)
    assert [each["title"] for each in verdict["findings"] if each["severity"] == "error"] == []
