"""How one provider is reached."""

from dataclasses import dataclass, field
from enum import StrEnum

from kunak.foundation.errors import InvalidInputError
from kunak.integrations.language_model.interface import Timeouts


class ModelProtocol(StrEnum):
    """Which way of asking a provider understands."""

    RESPONSES = "responses"
    CHAT = "chat"


@dataclass(frozen=True)
class ProviderAccess:
    """A provider: whom to ask for which model, and how."""

    name: str
    """For people: logs, metrics, alerts. Without secrets."""
    url: str = field(repr=False)
    """The part before `/responses` and `/models`; may hold a password, so it is told to nobody."""
    model: str
    protocol: ModelProtocol
    key: str = field(default="", repr=False)
    timeouts: Timeouts = field(default_factory=Timeouts)
    images: bool | None = None
    """Whether the model looks at pictures; None: it is tried, and a refusal remembered."""

    def __post_init__(self) -> None:
        """
        Raises:
            InvalidInputError: the key has characters that would end its header.
        """
        if not (self.key.isascii() and (self.key.isprintable() and " " not in self.key)):
            raise InvalidInputError(f"The key of {self.name} holds characters that no key has.")
