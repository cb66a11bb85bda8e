"""Text is readable on every surface it stands on, light and dark."""

import re

import pytest

from kunak.foundation.web.assets import HERE

STYLES = (HERE / "static" / "tokens.css").read_text()
LEAST_CONTRAST = 4.5
TEXT_ON = [
    *[(text, surface) for text in ("ink", "muted", "accent", "danger") for surface in ("ground", "surface", "raised")],
    ("ink", "bubble-in"),
    ("ink", "bubble-out"),
    ("muted", "bubble-in"),
    ("accent", "bubble-in"),
    ("bubble-out-muted", "bubble-out"),
    ("bubble-out-accent", "bubble-out"),
    ("accent", "accent-soft"),
    ("accent-ink", "accent"),
    ("sun-ink", "sun-soft"),
    ("danger", "danger-soft"),
    ("service-ink", "service"),
]


def test_the_three_blocks_name_the_same_colours() -> None:
    light, dark, system_dark = (_colours(block) for block in STYLES.split(":root")[1:])

    assert light.keys() == dark.keys()
    assert dark == system_dark


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "surface"), TEXT_ON)
def test_text_is_readable(theme: str, text: str, surface: str) -> None:
    colours = _colours(STYLES.split(":root")[1 if theme == "light" else 2])

    assert _contrast(colours[text], colours[surface]) >= LEAST_CONTRAST


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): #([0-9a-f]{6})", block))


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance of an sRGB colour, as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
