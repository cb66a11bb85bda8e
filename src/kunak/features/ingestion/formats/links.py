"""What a page leads to: its feeds, and the articles it lists."""

import re
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from kunak.features.ingestion.formats.charsets import decode
from kunak.features.ingestion.formats.html_text import parse_html
from kunak.features.ingestion.schemas import SiteMode
from kunak.integrations.web_pages.addresses import host_of, join_address

MOST_LINKS = 100
_FEED_TYPES = {"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"}
_LONG_ENOUGH = 25
"""Characters of a headline; menus say less."""
_MANY = 6
_NO_ARTICLE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|pdf|zip|mp[34]|docx?|xlsx?|apk|exe|css|js|ico|xml)$"
    r"|/(?:tag|tags|category|login|register|search|author|user|about|contacts?|privacy|terms)(?:/|$)",
    re.IGNORECASE,
)
_MENUS = {"nav", "footer", "aside"}


def find_feeds(markup: str, address: str) -> list[str]:
    """The feeds that a page says belong to it, in its order."""
    tree = parse_html(markup)
    found = []
    for link in tree.iter("link") if tree is not None else ():
        is_feed = (link.get("type") or "").lower().partition(";")[0].strip() in _FEED_TYPES
        if is_feed and "alternate" in (link.get("rel") or "").lower().split():
            found.append(join_address(address, link.get("href") or ""))
    return list(dict.fromkeys(each for each in found if each))


def find_articles(markup: str, address: str) -> list[str]:
    """Addresses on the same site whose links read like headlines, in the page's order."""
    tree = parse_html(markup)
    if tree is None:
        return []
    found = (join_address(address, link.get("href") or "") for link in tree.iter("a") if _is_headline(link))
    own = [each for each in found if each and _is_article(each, address)]
    return list(dict.fromkeys(own))[:MOST_LINKS]


def find_articles_in(body: bytes, content_type: str, address: str) -> list[str]:
    """As above, from the bytes as they came."""
    return find_articles(decode(body, content_type), address)


def guess_mode(markup: str, address: str) -> SiteMode:
    """Whether a page is an article itself or a list of articles."""
    tree = parse_html(markup)
    if tree is None:
        return SiteMode.PAGE
    kinds = [each.get("content") for each in tree.iter("meta") if each.get("property") == "og:type"]
    if "article" in kinds:
        return SiteMode.PAGE
    headlines = sum(len(" ".join(each.text_content().split())) for each in tree.iter("a") if _is_headline(each))
    prose = sum(len(" ".join(each.text_content().split())) for each in tree.iter("p"))
    many = len(find_articles(markup, address)) >= _MANY
    return SiteMode.LIST if many and headlines > prose / 3 else SiteMode.PAGE


def _is_headline(link: HtmlElement) -> bool:
    tags = {each.tag for each in link.iterancestors()}
    if tags & _MENUS:
        return False
    inside_heading = bool(tags & {"h1", "h2", "h3", "h4"}) or any(link.find(f".//{tag}") is not None for tag in _HEADS)
    length = len(" ".join(link.text_content().split()))
    return length >= _LONG_ENOUGH or (inside_heading and length > 0)


_HEADS = ("h1", "h2", "h3", "h4")


def _is_article(link: str, address: str) -> bool:
    path = urlsplit(link).path
    same_site = host_of(link).removeprefix("www.") == host_of(address).removeprefix("www.")
    return same_site and link != address and path not in {"", "/"} and not _NO_ARTICLE.search(path)
