"""Whatever an answer is made of, each of its words stands in every form of it: formatted, rich, whole, in parts."""

import re
from html import unescape
from itertools import product
from string import ascii_lowercase, ascii_uppercase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kunak.integrations.telegram.markdown import from_markdown
from kunak.integrations.telegram.rich import to_rich_message
from kunak.integrations.telegram.sandbox.files import FileStore
from kunak.integrations.telegram.sandbox.rich import read_rich_message
from kunak.integrations.telegram.text import FormattedText

WORD = "@"
"""In place of each word, until all are told apart."""
_NAMES = [upper + lower + other for upper, lower, other in product(ascii_uppercase, ascii_lowercase, ascii_lowercase)]

LINES = st.lists(
    st.sampled_from(["@", "`@`", "**@**", "*@ `@`*", "$@=@$", "~~@~~", "[@](https://a.example)", "`@ @`"]),
    min_size=1,
    max_size=3,
).map(" ".join)
LEAVES = st.one_of(
    LINES,
    LINES.map(lambda line: f"## {line}"),
    st.sampled_from(
        [
            "```py\n@\n\n  @\n```",
            "|@|@|\n|-|-|\n|`@`|@|",
            "|@|\n|-|\n|" + "@ " * 12 + "|",
            "\\[ @^@ \\]",
            "---",
            "@[^1]\n\n[^1]: @",
        ]
    ),
)


def _under(sign: str, block: str) -> str:
    """`block` behind a sign; what follows in it stands under its beginning, or bears the sign of a quote too."""
    following = sign if sign == "> " else " " * len(sign)
    return sign + block.replace("\n", f"\n{following}")


BLOCKS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(_under, st.sampled_from(["- ", "2. ", "10. ", "> ", "- [x] "]), inner),
        st.lists(inner, min_size=2, max_size=4).map("\n\n".join),
        st.lists(st.builds(_under, st.just("- "), inner), min_size=2, max_size=3).map("\n".join),
    ),
    max_leaves=8,
)


@settings(deadline=None)  # a busy machine is no failure
@given(BLOCKS, st.integers(30, 200))
def test_no_word_of_an_answer_is_lost(block: str, limit: int) -> None:
    names = iter(_NAMES)
    markdown = re.sub(WORD, lambda _: next(names), block)
    whole = from_markdown(markdown)
    parts = whole.parts(limit)
    forms = [whole.text, "".join(part.text for part in parts), _rich([whole]), _rich(parts)]
    for form in forms:
        assert not set(_words(markdown)) - set(_words(form)), (markdown, form)


@pytest.mark.parametrize("written", ["> - first\n> - `make up` starts it", "> 2. `make`", "> - $x^2$ is $y=1$"])
def test_code_that_begins_an_item_of_a_quote_is_whole_and_in_the_quote(written: str) -> None:
    text = from_markdown(written)
    [quote] = read_rich_message(FileStore(0), {}, to_rich_message(text))["blocks"]
    [listed] = quote["blocks"]
    assert len(listed["items"]) == written.count(">")
    assert all(len(item["blocks"]) == 1 for item in listed["items"])
    assert re.sub(r"[^a-z]", "", _rich([text])) == re.sub(r"[^a-z]", "", written)


def _rich(texts: list[FormattedText]) -> str:
    return "".join(unescape(re.sub(r"<[^>]*>", "", to_rich_message(text)["html"])) for text in texts)


def _words(text: str) -> list[str]:
    return re.findall("[A-Z][a-z][a-z]", re.sub(r"\W", "", text))
