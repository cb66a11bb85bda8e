"""What the ways of asking a model differ in: how a request is written, and how an answer is read."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from kunak.integrations.language_model.access import ProviderAccess
from kunak.integrations.language_model.interface import Event, Request

Document = dict[str, Any]
Body = dict[str, Any]


class Reading(Protocol):
    """Reads one answer, document by document."""

    @property
    def whole(self) -> bool:
        """Whether the answer is whole; only its afterword (the count of tokens) may be missing."""
        ...

    @property
    def done(self) -> bool:
        """Whether nothing more is to come."""
        ...

    @property
    def tokens(self) -> int:
        """How many pieces came so far, of text, thinking and tool calls."""
        ...

    def take(self, document: Document) -> Iterator[Event]:
        """The events in the next document of the stream; never `Finished`.

        Raises:
            LanguageModelError: the document tells of one.
            ValueError, TypeError, KeyError, AttributeError, ArithmeticError: the document makes no sense.
        """
        ...

    def take_whole(self, document: Document) -> Iterator[Event]:
        """The same for an answer that came at once, from a server that does not stream."""
        ...

    def end(self) -> Iterator[Event]:
        """The last events, `Finished` at their end.

        Raises:
            LanguageModelError: the stream is over and the answer is not whole.
            And what `take` raises.
        """
        ...


class Dialect(Protocol):
    """One way of asking."""

    @property
    def path(self) -> str: ...

    @property
    def optional(self) -> Mapping[str, str]:
        """Parameters that a server may refuse by name, and what is sent in their place: another name, or nothing."""
        ...

    def write(self, request: Request, model: str) -> Body: ...

    def read(self, access: ProviderAccess, model: str) -> Reading: ...
