"""Transcription by OpenAI, and by servers that copy it: faster-whisper-server, vLLM, LocalAI, Groq."""

from kunak.integrations.model_endpoint.client import JsonEndpoint
from kunak.integrations.model_endpoint.errors import ModelUnavailableError
from kunak.integrations.transcription.interface import Sound

_PATH = "/audio/transcriptions"


def address(base: str) -> str:
    """Where to ask, under the address that ends in `/v1`; the whole one is taken as well."""
    base = base.strip().rstrip("/")
    return base if base.endswith(_PATH) else base + _PATH


class OpenAICompatibleTranscriber:
    """Asks `endpoint` for what `model` hears."""

    def __init__(self, endpoint: JsonEndpoint, model: str) -> None:
        self._endpoint = endpoint
        self._model = model

    async def transcribe(self, sound: Sound) -> str:
        """See `Transcriber.transcribe`. No language is told: a wrong one is worse than the server's own guess."""
        fields = {"model": self._model, "response_format": "json"}
        answer = await self._endpoint.post_file(fields, f"voice.{sound.extension}", sound.content)
        text = answer.get("text") if isinstance(answer, dict) else None
        if not isinstance(text, str):
            raise ModelUnavailableError(f"{self._endpoint.host} answered with something that is no transcript.")
        return " ".join(text.replace("\0", " ").split())

    async def close(self) -> None:
        await self._endpoint.close()
