"""A rich message keeps its structure on its way to a model."""

from typing import Any

import pytest

from kunak.integrations.telegram.rich_reading import rich_as_markdown

CELLS = [[{"text": "Day", "is_header": True}, {"text": "Bus"}], [{"text": "Mon"}, {"text": ["8", ":00 | 9:00"]}]]


@pytest.mark.parametrize(
    ("block", "wanted"),
    [
        ({"type": "heading", "text": "Roads", "size": 2}, "## Roads"),
        ({"type": "paragraph", "text": ["It is ", {"type": "bold", "text": "closed"}, "."]}, "It is **closed**."),
        ({"type": "paragraph", "text": {"type": "url", "text": "map", "url": "https://e.org"}}, "[map](https://e.org)"),
        ({"type": "pre", "text": "a = 1", "language": "python"}, "```python\na = 1\n```"),
        ({"type": "table", "cells": CELLS}, "| Day | Bus |\n| --- | --- |\n| Mon | 8:00 / 9:00 |"),
        (
            {"type": "blockquote", "blocks": [{"type": "paragraph", "text": "a\nb"}], "credit": "Bob"},
            "> a\n> b\n>\n> Bob",
        ),
        ({"type": "details", "summary": "More", "blocks": [{"type": "paragraph", "text": "x"}]}, "More\n\nx"),
        ({"type": "from_the_future", "parts": [{"text": "a"}, {"deeper": {"blocks": [{"text": "b"}]}}]}, "a\n\nb"),
        ({"type": "photo", "photo": [{"file_id": "x"}], "caption": {"text": "The pass"}}, "The pass"),
        ({"type": "thinking", "text": "hm"}, ""),
        ({"type": "table", "cells": "no"}, ""),
        ({"type": ["odd"], "text": 5}, ""),
    ],
)
def test_each_block_is_what_it_was(block: Any, wanted: str) -> None:
    assert rich_as_markdown({"blocks": [block]}) == wanted


def test_lists_keep_their_numbers_and_ticks() -> None:
    items = [
        {"label": "1.", "value": 1, "blocks": [{"type": "paragraph", "text": "first"}]},
        {"label": "•", "has_checkbox": True, "is_checked": True, "blocks": [{"type": "paragraph", "text": "done"}]},
        {"label": "•", "blocks": [{"type": "paragraph", "text": "a"}, {"type": "paragraph", "text": "b"}]},
    ]
    assert rich_as_markdown({"blocks": [{"type": "list", "items": items}]}) == "1. first\n- [x] done\n- a\n  b"


@pytest.mark.parametrize("rich", [None, {}, [], "x", {"blocks": None}, {"blocks": [None, 5, []]}])
def test_what_is_no_rich_message_has_no_text(rich: Any) -> None:
    assert rich_as_markdown(rich) in ("", "x")
