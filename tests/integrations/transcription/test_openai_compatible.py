"""What a transcription server is asked, and what goes wrong with it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from kunak.integrations.model_endpoint.client import JsonEndpoint
from kunak.integrations.model_endpoint.errors import ModelUnavailableError, ModelUnusableError, TextRefusedError
from kunak.integrations.model_endpoint.fake import FaultKind
from kunak.integrations.transcription.fake import PATH, FakeTranscription
from kunak.integrations.transcription.interface import Sound, Transcript
from kunak.integrations.transcription.openai_compatible import OpenAICompatibleTranscriber, address

KEY = "sk-alices-secret"
SOUND = Sound(b"OggS" + bytes(300_000), "ogg")


@pytest.fixture
async def server() -> AsyncIterator[FakeTranscription]:
    async with FakeTranscription(key=KEY, hears="  When does\n the pass\0 open? ") as fake:
        yield fake


@pytest.fixture
async def transcriber(server: FakeTranscription) -> AsyncIterator[OpenAICompatibleTranscriber]:
    opened = OpenAICompatibleTranscriber(JsonEndpoint(address(f"{server.base}/v1"), key=KEY), "whisper-1")
    yield opened
    await opened.close()


async def test_the_recording_goes_out_whole_and_comes_back_as_words(
    server: FakeTranscription, transcriber: OpenAICompatibleTranscriber
) -> None:
    assert await transcriber.transcribe(SOUND) == Transcript("When does the pass open?")
    [received] = server.received
    file = {"name": "voice.ogg", "size": len(SOUND.content)}
    assert (received.path, received.body) == (PATH, {"model": "whisper-1", "response_format": "json", "file": file})


@pytest.mark.parametrize(("said", "seconds"), [(2.1, 3), (7, 7), (0, None), (-1, None), (1e9, None), (True, None)])
async def test_seconds_are_counted_where_the_server_tells_them(
    server: FakeTranscription, transcriber: OpenAICompatibleTranscriber, said: float, seconds: int | None
) -> None:
    server.seconds = said
    assert (await transcriber.transcribe(SOUND)).seconds == seconds


@pytest.mark.parametrize("base", ["http://m.example/v1", "http://m.example/v1/", f"http://m.example{PATH}"])
def test_an_address_may_be_given_short_or_whole(base: str) -> None:
    assert address(base) == f"http://m.example{PATH}"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (FaultKind.TOO_MANY_REQUESTS, ModelUnavailableError),
        (FaultKind.INTERNAL_ERROR, ModelUnavailableError),
        (FaultKind.UNAUTHORIZED, ModelUnusableError),
        (FaultKind.NO_QUOTA, ModelUnusableError),
        (FaultKind.UNKNOWN_MODEL, ModelUnusableError),
        (FaultKind.BAD_REQUEST, TextRefusedError),
        (FaultKind.DROP, ModelUnavailableError),
        (FaultKind.BROKEN_JSON, ModelUnavailableError),
        (FaultKind.CUT_BODY, ModelUnavailableError),
        (FaultKind.REDIRECT, ModelUnusableError),
        (FaultKind.WRONG_COUNT, ModelUnavailableError),
        (FaultKind.NOT_A_NUMBER, ModelUnavailableError),
    ],
)
async def test_each_fault_is_a_clear_error_and_the_next_request_works(
    server: FakeTranscription, transcriber: OpenAICompatibleTranscriber, fault: FaultKind, error: type[Exception]
) -> None:
    server.break_next(fault, times=None)
    with pytest.raises(error) as raised:
        await transcriber.transcribe(SOUND)
    assert KEY not in repr(raised.value)
    server.mend()
    assert (await transcriber.transcribe(SOUND)).text


async def test_out_of_time_it_is_given_up(server: FakeTranscription) -> None:
    server.break_next(FaultKind.HANG, times=None)
    hasty = OpenAICompatibleTranscriber(
        JsonEndpoint(address(f"{server.base}/v1"), key=KEY, timeout_s=0.05), "whisper-1"
    )
    with pytest.raises(ModelUnavailableError, match=r"longer than 0\.05 s"):
        await hasty.transcribe(SOUND)
    await hasty.close()
    async with asyncio.timeout(60):
        await server.abandoned_count(len(server.received))  # on a machine in trouble not even the request got through
