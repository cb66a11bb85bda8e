"""What stands beside the article of a page and is named so: comments, windows over it, notices, forms to subscribe.

trafilatura knows many of these names, but where it falls back to simpler ways of finding the text it heeds few of them.
"""

import re
from collections import Counter

from lxml.html import HtmlElement

_HOLDERS = ("div", "section", "aside", "ul", "ol", "dl", "form", "dialog", "details", "footer", "table")
_HEART = "//h1 | //main | //*[@itemprop='articleBody']"
_FRAME = frozenset({"a", "nav", "footer", "script", "style", "noscript", "button", "head", "h1"})
_LABEL = 40
_LITTLE = 100
_NOTHING = 20
"""Characters, as are `_LABEL` and `_LITTLE`: the name of a site, a date."""
_PART = 0.4
_PARTS = "list|area|block|section|wrap(?:per)?|container|box|body|content|main|form|inner|outer|root"
_STATE = "(?!(?:no|has|with|show|open|allow|enable)[a-z]*[-_])"
"""Says of the page that it has such a thing, or may."""
_SINGLE = "(?:(?:user|post|article|blog|wp|bx|fb|vk|news)[-_]+)?comment"
"""In other names of one comment it is an expert's, or the editor's."""
_COMMENTS = re.compile(
    rf"(?:{_SINGLE}|(?:{_STATE}[a-z]{{1,12}}[-_]+)?"
    r"(?:comments|comment(?=[-_]*(?:list|area|section|form|thread|items|widget|feed|respond|replies))"
    r"|kommentare?|commentaires?|comentarios?|kommentari[ij]?|disqus|hypercomments|cackle))"
    rf"(?:[-_]*(?:{_PARTS}|thread|items?|text|widget|feed|respond|replies|\d+(?!\d)))*"
)
_CLUTTER = re.compile(
    rf"{_COMMENTS.pattern}"
    rf"|{_STATE}(?:[a-z]+[-_]+){{0,2}}(?:modal|pop-?up)(?:[-_]+(?:{_PARTS}|window|dialog))*"
    rf"|{_STATE}(?:[a-z]+[-_]+)?(?:cookies?|gdpr|consent)[-_]?(?:banner|bar|notice|msg|message|popup|modal|law|warning|alert|info)"
    r"(?:[-_][-\w]*)?"
    rf"|{_STATE}(?:[a-z]+[-_]+)?(?:newsletter|subscribe|subscription|mailing-?list)[-_]+(?:sign-?up|banner|{_PARTS}|widget)"
)
_ONE = re.compile(_SINGLE)
_OF_COOKIES = re.compile(r"\bcookies?\b|\bкуки\b|файл\w* cookie", re.IGNORECASE)
_COOKIES_EVERY = 300
_LONGEST_NOTICE = 5000
"""Characters, as is `_COOKIES_EVERY`."""
_STEM = re.compile(r"comm?ent|komment|disqus|cackle|modal|popup|pop-up|cookie|gdpr|consent|newsletter|subscri|mailing")
_LINES = ("p", "h2", "h3", "h4", "h5", "h6", "blockquote", "li", "div")
_BLOCK = ".//p | .//div | .//ul | .//ol | .//table | .//blockquote"
_LEADS = (
    r"(?:чита(?:йте|ть)|смотри(?:те)?|слушайте|см\.)\s+(?:(?:также|ещё|еще)(?: по теме)?|по теме|в тему)\b"
    r"|(?:материалы |новости )?по теме\b|подпи(?:сывайтесь|шитесь|саться) на(?: наш\w*)?\b"
    r"|(?:read|see|watch|listen)\s+(?:also|more|next)\b|also read\b"
    r"|related(?: articles?| stories| news| posts?)?(?=\s*:)"
    r"|(?:subscribe to|sign up (?:to|for))(?: our| the)?\b|follow us on\b"
)
_ONLY_LEADS = re.compile(rf"(?:{_LEADS})\W*", re.IGNORECASE)
_ANNOUNCES = re.compile(rf"(?:{_LEADS})(?:\W*$|\s*[:—–])", re.IGNORECASE)
"""A line that says nothing but that, or goes on with a colon or a dash; many a sentence begins with the same words."""
_ASKS = re.compile(
    r"подпи(?:сывайтесь|шитесь) на (?:нас\b"
    r"|(?:[\w«»\"-]+ ){0,2}(?:[\w-]+-)?(?:канал|телеграм|telegram|рассылк)"
    r"|наш\w* (?:[\w-]+ ){0,2}(?:страниц|групп))"
    r"|(?:нашли|заметили|увидели) (?:ошибку|опечатку)"
    r"(?:(?: (?:в (?:текст|стать|новост|материал|публикаци)|на (?:сайт|страниц))\w+)?\s*\?|(?=.*ctrl))"
    r"|(?:subscribe to|sign up (?:to|for)) (?:our|the) (?:[\w-]+ ){0,2}(?:newsletter|mailing list|e-?mail)"
    r"|subscribe to our (?:[\w-]+ ){0,2}channel"
    r"|follow us on (?:twitter|x|facebook|instagram|telegram|youtube|tiktok|linkedin|social|google)\b",
    re.IGNORECASE,
)
"""What follows these says nothing more, whatever it is."""
_TELLS = re.compile(r"\d")
"""A day, an hour, a price: readers would miss it."""
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
    """Take it out of the tree; whatever holds the heading of the page, its article, or nearly all its prose, stays."""
    named = [element for element in tree.iter(*_HOLDERS) if _may_be_clutter(element)]
    alike = Counter(name for each in named for name in set(_names_of(each)))
    prose, words = (_count_prose(tree, least) if named else Counter() for least in (_LABEL, 1))
    hold_heart = {each for heart in tree.xpath(_HEART) for each in heart.iterancestors()} if named else set()
    for element in named:
        may_be_longer = is_comments(element) or _is_notice(element, prose[element])
        is_page = _is_alone(element, words, tree) if may_be_longer else _is_page(element, prose, tree)
        if is_page or _is_word_in_article(element, alike):
            _unname(element)
        elif _is_clutter(element) and element.getparent() is not None and element not in hold_heart:
            element.drop_tree()
    for element in list(tree.iter(*_LINES)):
        if _is_invitation(element) and element.getparent() is not None:
            element.drop_tree()


def _names_of(element: HtmlElement) -> list[str]:
    """Its classes and its id, in small letters."""
    return f"{element.get('class', '')} {element.get('id', '')}".lower().split()


def is_comments(element: HtmlElement) -> bool:
    """By the whole of a name; many others only sound like it."""
    return any(map(_COMMENTS.fullmatch, _names_of(element)))


def _may_be_clutter(element: HtmlElement) -> bool:
    return _is_window(element) or bool(_STEM.search(" ".join(_names_of(element))))


def _is_clutter(element: HtmlElement) -> bool:
    return _is_window(element) or any(map(_CLUTTER.fullmatch, _names_of(element)))


def _is_window(element: HtmlElement) -> bool:
    return element.tag == "dialog" or element.get("role") in _WINDOWS or element.get("aria-modal") == "true"


def _unname(element: HtmlElement) -> None:
    """So that trafilatura does not take offence at its names either."""
    element.attrib.pop("class", None)
    element.attrib.pop("id", None)


def _is_page(element: HtmlElement, prose: Counter[HtmlElement], tree: HtmlElement) -> bool:
    """Whether by far most prose of the page stands in it."""
    own, elsewhere = prose[element], prose[tree] - prose[element]
    if elsewhere < _LITTLE:
        return own > 0
    return elsewhere < _PART * own


def _is_notice(element: HtmlElement, own: int) -> bool:
    """Whether it speaks of hardly anything but cookies."""
    if not 0 < own < _LONGEST_NOTICE:
        return False
    return len(_OF_COOKIES.findall(element.text_content()[:_LONGEST_NOTICE])) * _COOKIES_EVERY >= own


def _is_alone(element: HtmlElement, words: Counter[HtmlElement], tree: HtmlElement) -> bool:
    """Comments and notices may be longer than the article; on a page that shows nothing else they are its text."""
    return words[element] > 0 and words[tree] - words[element] < _NOTHING


def _is_word_in_article(element: HtmlElement, alike: Counter[str]) -> bool:
    """What readers write is many comments, or a block of them; an only one inside the article belongs to it."""
    names = [name for name in _names_of(element) if _CLUTTER.fullmatch(name)]
    if not names or not all(_ONE.fullmatch(name) and alike[name] == 1 for name in names):
        return False
    return bool(element.xpath("ancestor::article")) and not any(map(is_comments, element.iterdescendants(*_HOLDERS)))


def _count_prose(tree: HtmlElement, least: int) -> Counter[HtmlElement]:
    """Of each element: characters in texts of at least so many, and not of the frame of the page."""
    amounts: Counter[HtmlElement] = Counter()
    for element in reversed(list(tree.iter())):  # what stands within an element comes before it
        if not isinstance(element.tag, str) or element.tag in _FRAME:
            amounts[element] = 0
        else:
            amounts[element] += _size(element.text, least)
        amounts[element.getparent()] += amounts[element] + _size(element.tail, least)
    return amounts


def _size(text: str | None, least: int) -> int:
    size = len(text.strip()) if text else 0
    return size if size >= least else 0


def _is_invitation(element: HtmlElement) -> bool:
    """A line that leads away from the article: it begins so, and is a heading or holds a link."""
    first = next(filter(str.strip, element.itertext()), "")
    if not _BEGINS.match(first) or (element.tag in {"div", "li"} and element.xpath(_BLOCK)):
        return False
    words = _one_line(element.text_content())
    if len(words) > _LONGEST_INVITATION:
        return False
    if element.tag.startswith("h"):
        return bool(_ONLY_LEADS.fullmatch(words))
    if element.find(".//a") is None and _KEYS not in words.lower():
        return False
    beside = _beside_links(element)
    if _TELLS.search(beside):
        return False
    return bool(_ASKS.match(words) or _ANNOUNCES.match(words) or _ONLY_LEADS.fullmatch(beside))


def _beside_links(element: HtmlElement) -> str:
    return _one_line(" ".join(element.xpath(".//text()[not(ancestor::a)]")))


def _one_line(text: str) -> str:
    return " ".join(text.split())
