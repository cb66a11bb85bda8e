"""Formatted text as bots send it, read into plain text and entities; broken markup is refused in Telegram's words."""

from dataclasses import dataclass, field

from kunak.integrations.telegram.sandbox.refusals import JsonObject, Refusal, bad_request


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units: the unit of Telegram's offsets."""
    if text.isascii() or max(text) <= "\uffff":
        return len(text)
    return len(text) + sum(sign > "\uffff" for sign in text)


@dataclass
class Open:
    """An entity that has begun: where in the plain text (UTF-16) and where in the markup (characters)."""

    name: str
    offset: int
    begun_at: int
    extra: JsonObject = field(default_factory=dict)


class Plain:
    """The plain text as it grows, with its entities."""

    def __init__(self, markup: str) -> None:
        self.markup = markup
        self.parts: list[str] = []
        self.length = 0
        self.entities: list[JsonObject] = []
        self.open: list[Open] = []

    def add(self, text: str) -> None:
        self.parts.append(text)
        self.length += utf16_length(text)

    def begin(self, name: str, at: int, extra: JsonObject | None = None) -> None:
        self.open.append(Open(name, self.length, at, extra or {}))

    def end(self, kind: str, **extra: object) -> None:
        """Close the innermost entity; an empty one leaves no trace."""
        begun = self.open.pop()
        if self.length > begun.offset:
            entity: JsonObject = {"type": kind, "offset": begun.offset, "length": self.length - begun.offset}
            self.entities.append(entity | extra)

    def broken(self, problem: str, at: int | None = None) -> Refusal:
        """The refusal for markup that cannot be read; `at` is told as a byte offset."""
        where = "" if at is None else f" at byte offset {len(self.markup[:at].encode())}"
        return bad_request(f"can't parse entities: {problem}{where}")

    def text(self) -> str:
        return "".join(self.parts)

    def sorted_entities(self) -> list[JsonObject]:
        return sorted(self.entities, key=lambda entity: (entity["offset"], -entity["length"]))
