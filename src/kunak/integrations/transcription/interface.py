"""What we ask of whoever writes down what was said.

Errors are those of `integrations.model_endpoint.errors`, as for embeddings.
"""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Sound:
    """A recording. `extension`: of its format, such as `ogg`: servers go by the name of the file."""

    content: bytes = field(repr=False)
    extension: str


@dataclass(frozen=True)
class Transcript:
    """What was said, in its own language; empty when nothing was."""

    text: str
    seconds: int | None = None
    """As the server counts them, rounded up; None: it does not."""


class Transcriber(Protocol):
    """A recording in, words out."""

    async def transcribe(self, sound: Sound) -> Transcript:
        """

        Raises:
            ModelUnavailableError, ModelUnusableError, TextRefusedError: as the table in `model_endpoint.errors` has it.
        """
        ...

    async def close(self) -> None: ...
