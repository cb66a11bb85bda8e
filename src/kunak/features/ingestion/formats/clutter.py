"""What stands on a page beside its article and is named so: comments, windows over the page, notices, forms to subscribe.

trafilatura knows many of these names, but where it falls back to simpler ways of finding the text it heeds few of them.
"""

import re

from lxml.html import HtmlElement

_HOLDERS = ("div", "section", "aside", "ul", "ol", "dl", "form", "dialog", "details", "footer", "table")
_HEART = ".//h1 | .//main | .//*[@itemprop='articleBody']"
_PARTS = "list|area|block|section|wrap(?:per)?|container|box|body|content|main|form|inner|outer|root"
_COMMENTS = (
    r"(?:(?!no-|no_|has|with|show|open|allow|enable)[a-z]{1,12}[-_]+)?"
    r"(?:comments?|kommentare?|commentaires?|comentarios?|kommentari[ij]?|disqus|hypercomments|cackle)"
    rf"(?:[-_]*(?:{_PARTS}|thread|items?|text|widget|feed|respond|replies|\d+))*"
)
COMMENTS = re.compile(_COMMENTS)
"""The whole name of something that holds comments; many others only sound like it."""
_CLUTTER = re.compile(
    rf"{_COMMENTS}"
    rf"|(?:[a-z]+[-_]+){{0,2}}(?:modal|pop-?up)(?:[-_]+(?:{_PARTS}|window|dialog))*"
    r"|(?:[a-z]+[-_]+)?(?:cookies?|gdpr|consent)[-_]?(?:banner|bar|notice|msg|message|popup|modal|law|warning|alert|info)"
    r"(?:[-_]+\w+)*"
    rf"|(?:[a-z]+[-_]+)?(?:newsletter|subscribe|subscription|mailing-?list)[-_]+(?:sign-?up|banner|{_PARTS}|widget)"
)
_STEM = re.compile(r"comm?ent|komment|disqus|cackle|modal|popup|pop-up|cookie|gdpr|consent|newsletter|subscri|mailing")
_WINDOWS = frozenset({"dialog", "alertdialog"})


def drop_clutter(tree: HtmlElement) -> None:
    """Take it out of the tree; whatever holds the heading of the page, or its article, stays."""
    for element in list(tree.iter(*_HOLDERS)):
        if _is_clutter(element) and element.getparent() is not None and not element.xpath(_HEART):
            element.drop_tree()


def names_of(element: HtmlElement) -> list[str]:
    """Its classes and its id, in small letters."""
    return f"{element.get('class', '')} {element.get('id', '')}".lower().split()


def _is_clutter(element: HtmlElement) -> bool:
    if element.tag == "dialog" or element.get("role") in _WINDOWS or element.get("aria-modal") == "true":
        return True
    names = names_of(element)
    return bool(_STEM.search(" ".join(names))) and any(map(_CLUTTER.fullmatch, names))
