"""A transcription server for tests: it hears what the test says, and fails on demand."""

from typing import Any

from kunak.integrations.model_endpoint.fake import FakeModelServer, FaultKind, JsonObject

PATH = "/v1/audio/transcriptions"


class FakeTranscription(FakeModelServer):
    """Speaks OpenAI's protocol. The fields of a form arrive as its body, the file as its name and size."""

    def __init__(
        self, *, key: str | None = None, hears: str = "When does the pass open?", seconds: float | None = None
    ) -> None:
        """`seconds`: what it says it was listening; None: it does not count."""
        super().__init__(key=key)
        self.hears, self.seconds = hears, seconds

    def routes(self) -> dict[str, Any]:
        return {PATH: lambda _: self._heard()}

    def _heard(self) -> JsonObject:
        counted = {} if self.seconds is None else {"usage": {"type": "duration", "seconds": self.seconds}}
        return {"text": self.hears} | counted

    def damage(self, kind: FaultKind, answer: JsonObject) -> Any:
        match kind:
            case FaultKind.EMPTY:
                return answer | {"text": ""}
            case FaultKind.WRONG_COUNT:
                return [answer]
            case FaultKind.NOT_A_NUMBER:
                return answer | {"text": None}
            case _:
                raise ValueError(kind)
