"""What stands beside the article of a page and is named so: comments, windows over it, notices, forms to subscribe.

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
    rf"(?:[-_]*(?:{_PARTS}|thread|items?|text|widget|feed|respond|replies|\d+(?!\d)))*"
)
COMMENTS = re.compile(_COMMENTS)
"""The whole name of something that holds comments; many others only sound like it."""
_CLUTTER = re.compile(
    rf"{_COMMENTS}"
    rf"|(?:[a-z]+[-_]+){{0,2}}(?:modal|pop-?up)(?:[-_]+(?:{_PARTS}|window|dialog))*"
    r"|(?:[a-z]+[-_]+)?(?:cookies?|gdpr|consent)[-_]?(?:banner|bar|notice|msg|message|popup|modal|law|warning|alert|info)"
    r"(?:[-_][-\w]*)?"
    rf"|(?:[a-z]+[-_]+)?(?:newsletter|subscribe|subscription|mailing-?list)[-_]+(?:sign-?up|banner|{_PARTS}|widget)"
)
_STEM = re.compile(r"comm?ent|komment|disqus|cackle|modal|popup|pop-up|cookie|gdpr|consent|newsletter|subscri|mailing")
_LINES = ("p", "h2", "h3", "h4", "h5", "h6", "blockquote", "li", "div")
_BLOCK = ".//p | .//div | .//ul | .//ol | .//table | .//blockquote"
_INVITATION = re.compile(
    r"(?:чита(?:йте|ть)|смотри(?:те)?|слушайте|см\.)\s+(?:также|ещё|еще|по теме|в тему)"
    r"|(?:материалы |новости )?по теме\b"
    r"|подпи(?:сывайтесь|шитесь|саться) на\b|(?:нашли|заметили|увидели) (?:ошибку|опечатку)"
    r"|(?:read|see|watch|listen)\s+(?:also|more|next)\b|also read\b|related(?: articles?| stories| news| posts?)?\s*:"
    r"|(?:subscribe to|follow us on|sign up (?:to|for)) (?:our|the)?",
    re.IGNORECASE,
)
_BEGINS = re.compile(
    r"\s*(?:чита|смотр|слуша|см\.|матер|новос|по теме|подпи|нашли|замет|увид"
    r"|read|see|watch|listen|also|related|subscr|follow|sign)",
    re.IGNORECASE,
)
"""Most lines are none, and this is known soon."""
_LONGEST_INVITATION = 200
_KEYS = "ctrl"
"""How readers are asked to tell of mistakes."""
_WINDOWS = frozenset({"dialog", "alertdialog"})


def drop_clutter(tree: HtmlElement) -> None:
    """Take it out of the tree; whatever holds the heading of the page, or its article, stays."""
    for element in list(tree.iter(*_HOLDERS)):
        if _is_clutter(element) and element.getparent() is not None and not element.xpath(_HEART):
            element.drop_tree()
    for element in list(tree.iter(*_LINES)):
        if _is_invitation(element) and element.getparent() is not None:
            element.drop_tree()


def names_of(element: HtmlElement) -> list[str]:
    """Its classes and its id, in small letters."""
    return f"{element.get('class', '')} {element.get('id', '')}".lower().split()


def _is_clutter(element: HtmlElement) -> bool:
    if element.tag == "dialog" or element.get("role") in _WINDOWS or element.get("aria-modal") == "true":
        return True
    names = names_of(element)
    return bool(_STEM.search(" ".join(names))) and any(map(_CLUTTER.fullmatch, names))


def _is_invitation(element: HtmlElement) -> bool:
    """A line that leads away from the article: it begins so, and is a heading or holds a link."""
    first = next(filter(str.strip, element.itertext()), "")
    if not _BEGINS.match(first) or (element.tag in {"div", "li"} and element.xpath(_BLOCK)):
        return False
    words = " ".join(element.text_content().split())
    if len(words) > _LONGEST_INVITATION or not (begins := _INVITATION.match(words)):
        return False
    if element.tag.startswith("h"):
        return not words[begins.end() :].strip(" :—–-")
    return element.find(".//a") is not None or _KEYS in words.lower()
