"""Markdown of a model as Telegram shows it."""

import pytest

from kunak.integrations.telegram.markdown import Links, from_markdown
from kunak.integrations.telegram.text import MARKS, FormattedText

HERALD = "https://herald.example/7"
LINKS = Links(frozenset({HERALD}), f"{HERALD} and town.example/map", {1: HERALD, 2: None})


def marked(text: FormattedText) -> list[tuple[str, str]]:
    """Each entity with the words it covers."""
    units = text.text.encode("utf-16-le")
    return [
        (each.type, units[2 * each.offset : 2 * (each.offset + each.length)].decode("utf-16-le"))
        for each in text.entities
        if each.type not in MARKS
    ]


@pytest.mark.parametrize(
    ("written", "shown", "entities"),
    [
        ("**a _b_** ~~c~~", "a b c", [("bold", "a b"), ("italic", "b"), ("strikethrough", "c")]),
        ("# 😀 **Hours** `x`", "😀 Hours x", [("bold", "😀 Hours "), ("code", "x")]),
        ("- a\n- b\n  1. c", "• a\n• b\n   1. c", []),
        ("3. a\n4. b", "3. a\n4. b", []),
        ("a\nb\n\nc", "a\nb\n\nc", []),
        ("> a\n> > b", "a\n\nb", [("blockquote", "a\n\nb")]),
        ("```py\nx = [1]\n```", "x = [1]", [("pre", "x = [1]")]),
        ("|d|h|\n|-|-|\n|Mon|**6**|", "d   │ h\n────┼──\nMon │ 6", [("pre", "d   │ h\n────┼──\nMon │ 6")]),
        (
            f"|place|of what|\n|-|-|\n|**Pass**|{'snow ' * 9}[1]|\n|Ford||",
            f"place\n• Pass\n   of what: {'snow ' * 9}[1]\n• Ford",
            [("bold", "Pass"), ("text_link", "[1]"), ("bold", "Ford")],
        ),
        (
            f"|where|http://evil.example/x|\n|-|-|\n|Pass|{'snow ' * 9}|",
            f"where\n• Pass\n   …: {'snow ' * 8}snow",
            [("bold", "Pass")],
        ),
        ("|a|\n|-|\n|😀|\n|bc|", "a\n──\n😀\nbc", [("pre", "a\n──\n😀\nbc")]),
        (
            "|a|b|\n|-:|:-:|\n|1|2|\n|100|200|",
            "  a │  b\n────┼────\n  1 │  2\n100 │ 200",
            [("pre", "  a │  b\n────┼────\n  1 │  2\n100 │ 200")],
        ),
        ("- [x] done\n- [ ] `not`\n- [z] so", "☑ done\n☐ not\n• [z] so", [("code", "not")]),
        ("so \\( a_1\nb \\) or $x=1$", "so a_1 b or x=1", [("code", "a_1 b"), ("code", "x=1")]),
        (
            "- x\n\n  \\[\n  \\frac{1}{2} \\\\\n  + c\n  \\]",
            "• x\n\n\\frac{1}{2} \\\\\n+ c",
            [("pre", "\\frac{1}{2} \\\\\n+ c")],
        ),
        (r"from $5 to $6, \(so\) \[1\] $x$", "from $5 to $6, (so) [1] $x$", [("text_link", "[1]")]),
        (
            "by evil.example[^1] so[^2][^10].\n\n[^1]: `x` [1]\n[^2]: y `[^1]`",
            "by evil.example¹ so²,¹⁰.\n\n¹: x [1]\n²: y [^1]",
            [("code", "evil.example"), ("code", "x"), ("text_link", "[1]"), ("code", "[^1]")],
        ),
        ("so [1], so [2]", "so [1], so [2]", [("text_link", "[1]")]),
        (f"[here]({HERALD}) [there](http://evil.example)", "here there", [("text_link", "here")]),
        ("![a picture](http://evil.example/x.png)", "a picture", []),
        ("at http://evil.example/x, www.evil.example or tg://x", "at … … or …", []),
        (f"see {HERALD}, town.example/map", f"see {HERALD}, town.example/map", []),
        ("run main.py", "run main.py", [("code", "main.py")]),
        ("[1]: http://evil.example", "[1]: …", [("text_link", "[1]")]),
        ("<b>a</b> & a*b*", "<b>a</b> & ab", [("italic", "b")]),
    ],
)
def test_what_is_shown(written: str, shown: str, entities: list[tuple[str, str]]) -> None:
    text = from_markdown(written, LINKS)
    assert (text.text, marked(text)) == (shown, entities)
    assert {each.url for each in text.entities} <= {HERALD, None}


def test_a_long_answer_is_split_and_nothing_of_it_is_lost() -> None:
    written = "\n\n".join(f"**Part {number}** {'word ' * 100}" for number in range(30))
    parts = from_markdown(written).parts()
    assert len(parts) > 1
    assert sum(len(part.entities) for part in parts) >= 30
