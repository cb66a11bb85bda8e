"""Of a model's words only those stay that name a passage."""

import pytest

from kunak.features.conversations.service.cite import keep_supported

TABLE = "|d|h|\n|-|-|\n|Mon|6|"


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
        ("Fine weather.\n\n**Hours**\n\n- Monday [1]", "**Hours**\n\n- Monday [1]", (1,), True),
        ("Open [1].\n\n## Rest\n\nNothing known.", "Open [1].", (1,), True),
    ],
)
def test_what_stays(written: str, kept: str, cited: tuple[int, ...], left_out: bool) -> None:
    checked = keep_supported(written, {1, 2})
    assert (checked.text, checked.cited, checked.left_out) == (kept, cited, left_out)


@pytest.mark.parametrize(
    ("written", "kept", "cited", "left_out"),
    [
        ("- Monday\n- Tuesday\n\n[1]", "- Monday\n- Tuesday\n\n[1]", (1,), False),
        (f"{TABLE}\n\nSources: [1]", f"{TABLE}\n\n[1]", (1,), False),
        (f"{TABLE}\n[1] and [2]", f"{TABLE}\n\n[1][2]", (1, 2), False),
        ("Run:\n\n```\nx[2]\n```\n\n[1]", "Run:\n\n```\nx[2]\n```\n\n[1]", (1,), False),
        ("Fine.\n\nOpen.\n\nSource: Herald [1].", "Open.\n\n[1]", (1,), True),
        ("Fine.\n\nHours:\n\n- Mon\n\n**Источники:** [1] Вестник", "Hours:\n\n- Mon\n\n[1]", (1,), True),
        ("- Mon\n  - six\n\n## Sources\n\n1. [1] Herald\n2. [2] Echo", "- Mon\n  - six\n\n[1][2]", (1, 2), False),
        ("Fine.\n\n- Mon [1]\n- Tue\n\n[2]", "- Mon [1]", (1,), True),
        ("Open [1].\n\n## Sources\n\n[1] Herald", "Open [1].", (1,), False),
        ("- Mon\n\n[1]\n\n- Tue", "- Mon\n\n[1]", (1,), True),
        ("Fine.\n\n[1] It opens at six.", "", (), True),
        ("Fine.\n\n## Hours\n\n[1]", "", (), True),
        ("Fine.\n\nOpen.\n\n[9]", "", (), True),
        ("See:\n\n- the museum [1]", "- the museum [1]", (1,), False),
        ("Sources:\n- [1] Herald", "", (), False),
        ("Source: Herald [1], page two.", "Source: Herald [1]", (1,), True),
        ("[1]", "", (), False),
    ],
)
def test_what_a_number_by_itself_covers(written: str, kept: str, cited: tuple[int, ...], left_out: bool) -> None:
    checked = keep_supported(written, {1, 2})
    assert (checked.text, checked.cited, checked.left_out) == (kept, cited, left_out)
