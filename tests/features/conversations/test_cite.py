"""Of a model's words only those stay that name a passage."""

import pytest

from kunak.features.conversations.service.cite import keep_supported


@pytest.mark.parametrize(
    ("written", "kept", "cited", "left_out"),
    [
        (
            "It opens at six. So says the herald [1]. Fine weather.",
            "It opens at six. So says the herald [1].",
            (1,),
            True,
        ),
        ("It opens at six [1, 2].", "It opens at six [1][2].", (1, 2), False),
        ("It opens [1](http://evil.example) at six【2†source】.", "It opens [1] at six[2].", (1, 2), False),
        (
            "Six[^1], `x`[2].\n\n[^1]: Herald, `3 May`\n[^2]: Only in May [1]\n\n```\n[1]: x\n```",
            "Six[1], `x`[2].\n\n[2]: Only in May [1]\n\n```\n[1]: x\n```",
            (1, 2),
            False,
        ),
        ("It opens at six [9].", "", (), True),
        ("Nothing of the kind.", "", (), True),
        ("", "", (), False),
        ("## Hours\n\nThese:\n\n- Monday [1]\n- Tuesday\n\nBye.", "## Hours\n\nThese:\n\n- Monday [1]", (1,), True),
        ("- Week\n  - Monday [1]\n  - Tuesday", "- Week\n  - Monday [1]", (1,), True),
        ("Hours [1]:\n\n- Monday\n- Tuesday", "Hours [1]:\n\n- Monday\n- Tuesday", (1,), False),
        ("|d|h|\n|-|-|\n|Mon|6 [1]|\n|Tue|7|", "|d|h|\n|-|-|\n|Mon|6 [1]|", (1,), True),
        ("Run it [1].\n\n```\nx[2] = 1\n```", "Run it [1].\n\n```\nx[2] = 1\n```", (1,), False),
        ("```\nx[1]\n```", "", (), True),
        ("Open [1].\n\n## Rest\n\nNothing known.", "Open [1].", (1,), True),
    ],
)
def test_what_stays(written: str, kept: str, cited: tuple[int, ...], left_out: bool) -> None:
    checked = keep_supported(written, {1, 2})
    assert (checked.text, checked.cited, checked.left_out) == (kept, cited, left_out)
