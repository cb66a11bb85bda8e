"""`kunak understand`: what a text wants, without a database. Without a model it loads next to nothing."""

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kunak.features.understanding import service as understanding
from kunak.features.understanding.schemas import Understanding

if TYPE_CHECKING:
    from kunak.foundation.settings import Settings


def may_have_a_model() -> bool:
    """Whether it is worth reading the settings."""
    return Path(".env").is_file() or any(name.upper().startswith("KUNAK_MODEL_") for name in os.environ)


async def understand_with_a_model(text: str, *, now: datetime, settings: "Settings") -> Understanding:
    """As below, refined by the model of the settings when there is one."""
    from kunak.processes.language_model import open_providers  # noqa: PLC0415  a client of HTTP, and mostly not needed

    understood = understand_text(text, now=now)
    providers = open_providers(settings)
    if providers is None:
        return understood
    try:
        return await understanding.refine(understood, text, understanding.open_refiner(providers), now=now)
    finally:
        await providers.close()


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
