"""A page of a site as an article: trafilatura finds the text and what the page says about itself."""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.settings import Document
from trafilatura.utils import load_html

from kunak.features.ingestion.formats.charsets import decode
from kunak.features.ingestion.formats.clutter import drop_clutter
from kunak.features.ingestion.formats.feed import read_time
from kunak.features.ingestion.formats.html_text import parse_html, refuse_large, tree_to_text
from kunak.features.ingestion.formats.marked import read_marked_article
from kunak.features.ingestion.formats.script_data import read_script_article
from kunak.features.ingestion.formats.stray_text import wrap_stray_text
from kunak.features.ingestion.normalise import normalise_text
from kunak.features.ingestion.schemas import Media, Post
from kunak.foundation.errors import InvalidInputError
from kunak.integrations.web_pages.addresses import host_of, join_address

_LONGEST_TITLE = 1000
_TIME_PROPERTIES = {"article:published_time", "datepublished", "date", "dc.date", "pubdate", "article:modified_time"}
_WORDS_OF_PROSE = 12
"""In one paragraph; a page with such a paragraph shows its text itself."""
_FEWEST_SHOWN = 12
"""Words; a page that shows fewer besides its menus waits for its scripts."""
_SHOWN = (
    ".//body//text()[not(ancestor::a or ancestor::button or ancestor::nav or ancestor::footer"
    " or ancestor::script or ancestor::style or ancestor::noscript or ancestor::h1)]"
)
_TALK = "DiscussionForumPosting"
_AFTER = re.compile(r"\s*[|»•·/–—-]\s*(.*)")
_BEFORE = re.compile(r"(.*?)\s*[|»•·/–—-]\s*")
_WORD = re.compile(r"\w+")
_BREAKS_OFF = ".… "
_LONGEST_BEGINNING = 2000
"""Characters: a page that shows more has no need of its scripts, and to look each line up takes time."""
_IN_JSON = re.compile(r'"datePublished"\s*:\s*"([^"]{8,40})"')


def read_article(body: bytes, address: str, content_type: str = "") -> Post:
    """The article on the page at `address`. Its id is the address the page itself calls its own, on the same host.

    Raises:
        InvalidInputError: the page is too large, or holds no text.
    """
    markup = decode(body, content_type)
    tree = _open(markup)
    if tree is None:
        raise InvalidInputError("The page is empty.")
    found = _find(tree, address, is_talk=_TALK in markup)
    text = _text_of(tree, (found.text if found else "") or _whole_text(markup))
    if not text:
        raise InvalidInputError("The page holds no text.")
    link = _own_address(tree, address)
    picture = _follow(address, found.image if found else None)
    return Post(
        id=link,
        text=text,
        title=_title(tree, _one_line((found.title if found else "") or ""))[:_LONGEST_TITLE],
        url=link,
        time=_precise_time(tree, markup) or read_time(found.date if found else None),
        media=(Media("photo", picture),) if picture else (),
        author=_one_line((found.author if found else "") or "") or None,
        language=_language(tree) or None,
    )


def _text_of(tree: HtmlElement, found: str) -> str:
    text = read_marked_article(tree, found) or found
    if any(len(line.split()) >= _WORDS_OF_PROSE for line in text.split("\n")):
        return normalise_text(text)
    told = read_script_article(tree)
    return normalise_text(told if told and (_shows_little(tree) or _is_within(text, told)) else text)


def _shows_little(tree: HtmlElement) -> bool:
    return len(_WORD.findall(" ".join(tree.xpath(_SHOWN)))) < _FEWEST_SHOWN


def _is_within(text: str, whole: str) -> bool:
    """Whether every line of the text stands in the other one, which then goes on where the page breaks off."""
    if len(text) > _LONGEST_BEGINNING:
        return False
    told = _one_line(whole)
    return all(_one_line(line).rstrip(_BREAKS_OFF) in told for line in text.split("\n"))


def _open(markup: str) -> HtmlElement | None:
    """As trafilatura parses it, which mends what is broken before; it refuses what has no <html>."""
    refuse_large(markup)
    tree = load_html(markup)
    return parse_html(markup) if tree is None else tree


def _find(tree: HtmlElement, address: str, *, is_talk: bool) -> Document | None:
    """The article, and what the page says about it. `tree` loses what stands beside it; in a talk that is the text."""
    if not is_talk:
        drop_clutter(tree)
    wrap_stray_text(tree)
    try:
        found = bare_extraction(tree, url=address, with_metadata=True, include_comments=False)
    except Exception as error:  # whatever a page does to the library, it is one page
        raise InvalidInputError(f"The page cannot be taken apart ({type(error).__name__}).") from error
    return found if isinstance(found, Document) else None


def _whole_text(markup: str) -> str:
    """For pages that are no articles: everything a person would see."""
    tree = parse_html(markup)
    return "" if tree is None else tree_to_text(tree)


def _language(tree: HtmlElement) -> str:
    return (tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip()


def _title(tree: HtmlElement, found: str) -> str:
    """The heading of the page, if that is most of a title, and beside it stands the name of the site or of a part.

    What the page names to machines is the title, if people read it too. On many pages the site's name is a heading.
    """
    whole, named = _one_line(_whole_title(tree)), _property(tree, "og:title")
    headings, main = _headings(tree, "h1", "h2"), _headings(tree, "h1")
    sites = _site_names(tree, whole, named, headings)
    is_read = named in headings or (whole.startswith(named) and _beside(whole, named))
    titles = [each for each in (named if is_read else found, whole) if each and each not in sites] or [whole]
    sides = (heading for title in titles for heading in main if heading not in sites and _is_side(title, heading))
    without = (rest for site in sites if (rest := _beside(titles[0], site)))
    return next(sides, next(without, titles[0]))


def _headings(tree: HtmlElement, *tags: str) -> list[str]:
    return [words for each in tree.iter(*tags) if (words := _one_line(each.text_content()))]


def _site_names(tree: HtmlElement, whole: str, named: str, headings: list[str]) -> set[str]:
    """As the page says, and a heading at the end of the whole title, when what stands before is a title itself."""
    said = _property(tree, "og:site_name")
    ends = {
        heading
        for number, heading in enumerate(headings)
        if whole.endswith(heading) and _beside(whole, heading) in {named, *headings[number + 1 :]} - {"", said}
    }
    return ends | {said} - {""}


def _property(tree: HtmlElement, name: str) -> str:
    values = (each.get("content") or "" for each in tree.iter("meta") if each.get("property") == name)
    return _one_line(next(values, ""))


def _whole_title(tree: HtmlElement) -> str:
    return next((each.text_content() for each in tree.iter("title")), "")


def _is_side(title: str, heading: str) -> bool:
    return 2 * len(heading) > len(title) and (title == heading or bool(_beside(title, heading)))


def _beside(title: str, part: str) -> str:
    """What a sign sets apart from `part`, which begins or ends the title; nothing if none does."""
    if part and title.startswith(part):
        beside = _AFTER.fullmatch(title.removeprefix(part))
    else:
        beside = _BEFORE.fullmatch(title.removesuffix(part)) if part and title.endswith(part) else None
    return beside[1] if beside else ""


def _own_address(tree: HtmlElement, address: str) -> str:
    """The canonical address, if it is on the same host: a page must not pass itself off as one of another site.

    Some templates name the home page on every page; that is not believed either.
    """
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split():
            found = _follow(address, link.get("href"))
            if found and _site(found) == _site(address) and (_is_home(address) or not _is_home(found)):
                return found
    return address


def _is_home(address: str) -> bool:
    parts = urlsplit(address)
    return parts.path in {"", "/"} and not parts.query


def _site(address: str) -> str:
    return host_of(address).removeprefix("www.")


def _precise_time(tree: HtmlElement, markup: str) -> datetime | None:
    """The time of publication with hours, where the page tells it to machines; trafilatura knows only the day."""
    for element in tree.iter("meta"):
        name = (element.get("property") or element.get("itemprop") or element.get("name") or "").lower()
        if name in _TIME_PROPERTIES and (time := _with_hours(element.get("content"))):
            return time
    if (found := _IN_JSON.search(markup)) and (time := _with_hours(found[1])):
        return time
    return None


def _with_hours(value: Any) -> datetime | None:
    time = read_time(value)
    return (
        time if time and isinstance(value, str) and ":" in value and time > datetime(1995, 1, 1, tzinfo=UTC) else None
    )


def _follow(address: str, link: str | None) -> str | None:
    return join_address(address, link) if link and link.strip() else None


def _one_line(text: str) -> str:
    return " ".join(text.split())
