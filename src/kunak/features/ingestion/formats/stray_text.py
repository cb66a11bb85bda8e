"""Texts that stand between paragraphs without being one: who looks for paragraphs overlooks them."""

from collections.abc import Sequence

from lxml.html import HtmlElement

_CONTAINERS = ("div", "section", "article", "td", "main")
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "nobr", "q"}
    | {"s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "br"}
)
_SHORTEST = 40
"""Characters outside of links; shorter ones are labels."""


def wrap_stray_text(tree: HtmlElement) -> None:
    """Make a paragraph of every text that stands beside paragraphs, with what is bold in it, or a link."""
    for container in list(tree.iter(*_CONTAINERS)):
        if container.find("p") is not None:
            _wrap_within(container)


def _wrap_within(container: HtmlElement) -> None:
    before: HtmlElement | None = None
    inline: list[HtmlElement] = []
    for child in list(container):
        if child.tag in _INLINE:
            inline.append(child)
        else:
            _wrap(container, before, inline)
            before, inline = child, []
    _wrap(container, before, inline)


def _wrap(container: HtmlElement, before: HtmlElement | None, inline: Sequence[HtmlElement]) -> None:
    """The text that follows `before`, or begins the container, and the `inline` elements that follow it."""
    words = (container.text if before is None else before.tail) or ""
    own = [words, *(each.tail or "" for each in inline), *(each.text_content() for each in inline if each.tag != "a")]
    if sum(len(each.strip()) for each in own) < _SHORTEST:
        return
    paragraph = container.makeelement("p")
    paragraph.text = words
    if before is None:
        container.text = None
        container.insert(0, paragraph)
    else:
        before.tail = None
        before.addnext(paragraph)
    paragraph.extend(inline)
