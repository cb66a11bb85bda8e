"""Articles that a page holds only as data for its scripts, which would show them: Next.js, Nuxt and their like."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from lxml.html import HtmlElement

from kunak.features.ingestion.formats.html_text import html_to_text

_ASSIGNED = re.compile(r"^\s*(?:window\.|self\.|var |let |const )[\w.$\[\]\"']+\s*=\s*(?=[{\[])")
_SENTENCE_END = re.compile(r"[.!?…][\"»”]?(?:[\s<]|$)")
_SENTENCE_WORDS = 8
_FEWEST_WORDS = 40
_MOSTLY = 0.6
_NEARLY_ALL = 0.9
"""Of a list: its other members may be paragraphs of the same text."""
_DEEPEST = 40
_ARTICLE = re.compile(r"Article\b|Posting\b|\bReport\b")
_BODY = ("articleBody", "text")


def read_script_article(tree: HtmlElement) -> str:
    """The longest text in the data of the page's scripts, paragraph by paragraph; empty when there is none."""
    texts = ["\n\n".join(map(html_to_text, part)) for part in (*_linked_articles(tree), *_hearts(tree))]
    longest = max(texts, key=len, default="")
    return longest if len(longest.split()) >= _FEWEST_WORDS else ""


def _linked_articles(tree: HtmlElement) -> Iterator[list[str]]:
    """What the page says of itself to machines may also be about the site, its owner, goods and what people wrote."""
    for data in _all_data(script for script in tree.iter("script") if _is_linked_data(script)):
        yield from ([text] for text in _article_bodies(data))


def _article_bodies(data: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(data, dict) and _ARTICLE.search(str(data.get("@type"))):
        yield from (text for key in _BODY if isinstance(text := data.get(key), str))
    elif depth < _DEEPEST:
        for child in _children(data):
            yield from _article_bodies(child, depth + 1)


def _hearts(tree: HtmlElement) -> Iterator[Iterator[str]]:
    for data in _all_data(script for script in tree.iter("script") if not _is_linked_data(script)):
        yield _prose(_heart(data))


def _is_linked_data(script: HtmlElement) -> bool:
    return "ld+json" in (script.get("type") or "").lower()


def _all_data(scripts: Iterable[HtmlElement]) -> Iterator[Any]:
    for script in scripts:
        written = script.text or ""
        is_data = "json" in (script.get("type") or "").lower()
        begins = None if is_data else _ASSIGNED.match(written)
        if is_data or begins:
            try:
                yield orjson.loads((written[begins.end() :] if begins else written).strip().rstrip(";"))
            except orjson.JSONDecodeError:  # a program after all
                continue


def _heart(data: Any) -> Any:
    """The smallest part that holds most of the sentences: the rest are captions, teasers and words of the site."""
    while children := _children(data):
        sizes = [_size(child) for child in children]
        if max(sizes) <= (_MOSTLY if isinstance(data, dict) else _NEARLY_ALL) * sum(sizes):
            break
        data = children[sizes.index(max(sizes))]
    return data


def _children(data: Any) -> list[Any]:
    if isinstance(data, dict):
        return list(data.values())
    return data if isinstance(data, list) else []


def _size(data: Any) -> int:
    return sum(map(len, _prose(data)))


def _prose(data: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(data, str):
        if len(data.split(None, _SENTENCE_WORDS)) >= _SENTENCE_WORDS and _SENTENCE_END.search(data):
            yield data
    elif depth < _DEEPEST:
        for child in _children(data):
            yield from _prose(child, depth + 1)
