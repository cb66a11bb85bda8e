"""Transcription by OpenAI, and by servers that copy it: faster-whisper-server, vLLM, LocalAI, Groq."""

from math import ceil
from typing import Any

from kunak.integrations.model_endpoint.client import JsonEndpoint
from kunak.integrations.model_endpoint.errors import ModelUnavailableError
from kunak.integrations.transcription.interface import Sound, Transcript

_PATH = "/audio/transcriptions"
_LONGEST_S = 24 * 3600
"""More than anybody sends: a count above it is none."""


def address(base: str) -> str:
    """Where to ask, under the address that ends in `/v1`; the whole one is taken as well."""
    base = base.strip().rstrip("/")
    return base if base.endswith(_PATH) else base + _PATH


class OpenAICompatibleTranscriber:
    """Asks `endpoint` for what `model` hears."""

    def __init__(self, endpoint: JsonEndpoint, model: str) -> None:
        self._endpoint = endpoint
        self._model = model

    async def transcribe(self, sound: Sound) -> Transcript:
        """See `Transcriber.transcribe`. No language is told: a wrong one is worse than the server's own guess."""
        fields = {"model": self._model, "response_format": "json"}
        answer = await self._endpoint.post_file(fields, f"voice.{sound.extension}", sound.content)
        text = answer.get("text") if isinstance(answer, dict) else None
        if not isinstance(text, str):
            raise ModelUnavailableError(f"{self._endpoint.host} answered with something that is no transcript.")
        return Transcript(" ".join(text.replace("\0", " ").split()), _seconds_in(answer))

    async def close(self) -> None:
        await self._endpoint.close()


def _seconds_in(answer: dict[str, Any]) -> int | None:
    """Models that are paid for by the minute tell them; of others, which count tokens, nothing is known."""
    usage = answer.get("usage")
    told = usage.get("seconds") if isinstance(usage, dict) else None
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 < told < _LONGEST_S:
        return None
    return ceil(told)
