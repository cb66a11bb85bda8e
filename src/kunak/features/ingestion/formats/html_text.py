"""HTML as text a person can read: paragraphs and list items on lines of their own, everything else in a row."""

import re
from collections.abc import Iterator

from lxml import etree, html
from lxml.html import HtmlElement

from kunak.foundation.errors import InvalidInputError

_LEFT_OUT = frozenset(
    {"script", "style", "noscript", "template", "iframe", "object", "svg", "canvas", "head", "title", "audio", "video"}
    | {"select", "option", "button", "input", "textarea"}
)
_APART = frozenset(
    {"p", "div", "section", "article", "blockquote", "pre", "ul", "ol", "dl", "table", "figure", "h1", "h2", "h3"}
    | {"h4", "h5", "h6", "header", "footer", "main", "aside", "nav", "hr", "fieldset", "address", "details"}
)
_OWN_LINE = frozenset({"li", "tr", "dt", "dd", "figcaption", "summary"})
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_PARAGRAPH = "\n\n"
LARGEST = 4 * 2**20
"""Characters of HTML: what is larger is no article, and as a tree it would take hundreds of megabytes."""
_LOOKS_LIKE_HTML = re.compile(r"<[a-zA-Z/!][^<>]*>|&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,5});")


def html_to_text(markup: str) -> str:
    """The words of an HTML fragment or page."""
    if not _LOOKS_LIKE_HTML.search(markup):
        return markup.strip()
    tree = parse_html(markup[:LARGEST])
    return "" if tree is None else tree_to_text(tree)


def parse_html(markup: str) -> HtmlElement | None:
    """A page or a fragment as a tree; None when there is nothing in it.

    Raises:
        InvalidInputError: it is too large.
    """
    refuse_large(markup)
    # lxml refuses text with a declared encoding, and control characters.
    markup = _CONTROL.sub(" ", _XML_DECLARATION.sub("", markup, count=1))
    try:
        return html.document_fromstring(markup, parser=_parser())
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def refuse_large(markup: str) -> None:
    """
    Raises:
        InvalidInputError: it is too large.
    """
    if len(markup) > LARGEST:
        raise InvalidInputError(
            f"The page is larger than {LARGEST / 2**20:g} MB of HTML: nothing to read is that long."
        )


_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def _parser() -> html.HTMLParser:
    # Not `huge_tree`: libxml2's own limits on depth stay in force.
    return html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True)


def tree_to_text(tree: HtmlElement) -> str:
    """The words of a tree."""
    pieces = list(_walk(tree))
    return _join(pieces)


def _walk(root: HtmlElement) -> Iterator[str]:
    """Texts, and between them the breaks; without recursion, since pages may be nested as deep as they like."""
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            yield from _begin(element, tag)
        else:
            yield from _end(element, tag, root)


def _begin(element: HtmlElement, tag: str) -> Iterator[str]:
    if tag in _LEFT_OUT:
        for child in list(element):
            element.remove(child)
        return
    if tag in _APART:
        yield _PARAGRAPH
    elif tag in _OWN_LINE or tag == "br":
        yield "\n"
    if tag == "li":
        yield "- "
    if tag == "img" and not any(map(str.isalnum, sign := element.get("alt") or "")):
        yield sign  # an emoji; words are for those who cannot see the picture, and say little without it
    if element.text and tag:
        yield element.text if _is_preformatted(element) else _BLANKS.sub(" ", element.text)


def _end(element: HtmlElement, tag: str, root: HtmlElement) -> Iterator[str]:
    if tag in _APART:
        yield _PARAGRAPH
    elif tag in {"td", "th"}:
        yield " "
    if element is not root and element.tail:
        parent = element.getparent()
        yield element.tail if parent is not None and _is_preformatted(parent) else _BLANKS.sub(" ", element.tail)


def _is_preformatted(element: HtmlElement) -> bool:
    return bool(element.tag == "pre")


def _join(pieces: list[str]) -> str:
    out: list[str] = []
    for piece in pieces:
        if piece == _PARAGRAPH and (not out or out[-1].endswith(_PARAGRAPH)):
            continue
        out.append(piece)
    # First of all: where a long row of blanks ends would be looked up from each of them.
    text = re.sub(r"[ \t]{2,}", " ", "".join(out))
    return re.sub(r"\n{3,}", _PARAGRAPH, re.sub(r"[ \t]?\n[ \t]?", "\n", text)).strip()
