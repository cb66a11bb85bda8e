"""The part of a page that the page itself marks as its article: for texts so short that they are overlooked."""

import re
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from itertools import islice

from lxml.html import HtmlElement

from kunak.features.ingestion.formats.clutter import is_comments
from kunak.features.ingestion.formats.html_text import tree_to_text

_MARKS = (
    ".//*[contains(concat(' ', normalize-space(@itemprop), ' '), ' articleBody ')]",
    ".//article[not(ancestor::article)]",
    ".//main[not(ancestor::main)] | .//*[@role='main']",
)
_LONG = 3000
"""Characters, blanks and all; an article that long is not overlooked, and to look closer takes time."""
_BESIDE = frozenset({"nav", "aside", "footer", "form", "h1", "figure"})
_BESIDE_OF_PAGE = _BESIDE | {"header"}
_COMMENTS = re.compile(r"\b(?:comments?|disqus|related|share|sharing|breadcrumbs?|tags|social)\b", re.IGNORECASE)
_LINKS_LOOKED_AT = 3
_FEWEST = 3
"""Words of an article."""
_WORD = re.compile(r"\w+")
_MOST_FROM_OUTSIDE = 0.5
"""Part of the words that were found which stand outside of the article: then it is the page that was found."""


def read_marked_article(tree: HtmlElement, found: str) -> str | None:
    """The text of the marked article, or else of the page without its menus, if `found` is mostly something else."""
    for mark in _MARKS:
        marked = tree.xpath(mark)
        if len(marked) == 1:
            return None if len(marked[0].text_content()) > _LONG else _unless_found(marked[0], found)
        if marked:  # a list of articles: none of them is the one
            return None
    body = tree.find("body")
    return _unless_found(body, found) if body is not None and _holds_menus(body, found) else None


def _unless_found(element: HtmlElement, found: str) -> str | None:
    text = _text_of(element)
    return text if _is_outside(found, text) and _loses_menus_only(element, found, text) else None


def _loses_menus_only(element: HtmlElement, found: str, text: str) -> bool:
    """Whether what would be lost is links and comments; of other prose there may be no more than is kept."""
    menus = Counter(word for each in _links_and_comments(element) for word in _WORD.findall(each.text_content()))
    own = Counter(_WORD.findall(text))
    return (Counter(_WORD.findall(found)) - own - menus).total() <= own.total()


def _links_and_comments(element: HtmlElement) -> Iterator[HtmlElement]:
    """Those of the whole page; what stands within one of them is not given again."""
    within: set[HtmlElement] = set()
    for each in element.getroottree().getroot().iter():
        if each.getparent() in within:
            within.add(each)
        elif isinstance(each.tag, str) and (each.tag == "a" or is_comments(each)):
            within.add(each)
            yield each


def _holds_menus(body: HtmlElement, found: str) -> bool:
    """By their first links: that is looked up quickly, and most pages are done with then."""
    for menu in body.iter("nav", "footer"):
        links = [link.text_content().strip() for link in islice(menu.iter("a"), _LINKS_LOOKED_AT)]
        if any(links) and all(link in found for link in links):
            return True
    return False


def _text_of(element: HtmlElement) -> str:
    own: HtmlElement = deepcopy(element)
    own.tail = None
    beside = _BESIDE_OF_PAGE if own.tag == "body" else _BESIDE
    for each in [*own.iterdescendants()]:
        if isinstance(each.tag, str) and (each.tag in beside or _COMMENTS.search(_named(each))):
            each.drop_tree()
    return tree_to_text(own)


def _named(element: HtmlElement) -> str:
    return f"{element.get('class', '')} {element.get('id', '')}".replace("_", " ").replace("-", " ")


def _is_outside(found: str, text: str) -> bool:
    words, own = Counter(_WORD.findall(found)), Counter(_WORD.findall(text))
    return own.total() >= _FEWEST and (words - own).total() > _MOST_FROM_OUTSIDE * words.total()
