"""`kunak understand`: what a text wants, without a database."""

from datetime import datetime

from kunak.features.understanding import service as understanding
from kunak.features.understanding.schemas import Understanding


def understand_text(text: str, *, now: datetime) -> Understanding:
    """What `text` wants of a bot that is asked at `now`."""
    return understanding.understand(text, now=now)


def describe(understood: Understanding) -> str:
    """One line for the intent, one for each filter."""
    found = understood.to_json()
    lines = [f"{found['intent']} ({found['language']}, {found['confidence']:.0%})"]
    for name, value in found["filters"].items():
        lines.append(f"  {name}: {value if isinstance(value, str) else _in_words(value)}")
    return "\n".join(lines)


def _in_words(value: dict[str, str | int | None]) -> str:
    return ", ".join(f"{name} {each}" for name, each in value.items() if each is not None)
