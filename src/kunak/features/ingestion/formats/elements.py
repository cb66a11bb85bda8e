"""Elements of a page by their classes, and their words."""

import re

from lxml import etree
from lxml.html import HtmlElement

_BLANKS = re.compile(r"\s+")


def classes(element: HtmlElement) -> list[str]:
    return (element.get("class") or "").split()


def has_class(element: HtmlElement, name: str) -> bool:
    return name in classes(element)


def find_all(element: HtmlElement, name: str) -> list[HtmlElement]:
    """Those at or below `element` that have this class, in the order of the page."""
    return [each for each in element.iter(etree.Element) if has_class(each, name)]


def is_inside(element: HtmlElement, *names: str) -> bool:
    return any(has_class(above, name) for above in element.iterancestors() for name in names)


def words_of(element: HtmlElement, name: str) -> str:
    """The words of the first element with this class; empty when there is none."""
    return next((plain(each) for each in find_all(element, name)), "")


def plain(element: HtmlElement) -> str:
    """All words, on one line."""
    return _BLANKS.sub(" ", "".join(element.itertext())).strip()
