"""How a model wants its texts, and which of its vectors can be compared."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from kunak.integrations.model_endpoint.errors import TextRefusedError
from kunak.integrations.model_endpoint.texts import sendable


@dataclass(frozen=True)
class EmbeddingOptions:
    """Lengths are in characters; prefixes come on top of `text_characters`."""

    dimensions: int | None = None
    query_prefix: str = ""
    passage_prefix: str = ""
    text_characters: int = 8000
    batch_texts: int = 32
    batch_characters: int = 100_000

    def prepared_query(self, text: str) -> list[str]:
        """The text as it is sent, alone in a list.

        Raises:
            TextRefusedError: it is blank.
        """
        return self._prepared([text], self.query_prefix)

    def prepared_passages(self, texts: Sequence[str]) -> list[str]:
        """
        Raises:
            TextRefusedError: one of them is blank.
        """
        return self._prepared(texts, self.passage_prefix)

    def model_id(self, name: str) -> str:
        """`name`, and whatever else makes vectors of the same model incomparable: `e5:512+3f9c1b2a`."""
        size = f":{self.dimensions}" if self.dimensions else ""
        if not self.query_prefix and not self.passage_prefix:
            return name + size
        prefixes = hashlib.sha256(f"{self.query_prefix}\0{self.passage_prefix}".encode()).hexdigest()[:8]
        return f"{name}{size}+{prefixes}"

    def _prepared(self, texts: Sequence[str], prefix: str) -> list[str]:
        for position, text in enumerate(texts):
            if not text.strip():  # servers differ in what they would make of it: an error, zeros, noise
                raise TextRefusedError(f"Text {position} is blank; it has no vector.", position=position)
        return [prefix + sendable(text, self.text_characters) for text in texts]
