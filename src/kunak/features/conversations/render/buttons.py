"""The buttons under an answer. Telegram takes 64 bytes of data with each."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from kunak.features.conversations.render.results import shorten
from kunak.features.conversations.schemas import PAGE, KeptSearch, OfferedSource, Span, View, Wish
from kunak.foundation.language.words import Words

_DATA = re.compile(r"s:(\d{1,18}):([adwm]):(\d{1,2}):(\d{1,3})(:p)?", re.ASCII)
_BACK = re.compile(r"b:([0-9a-f]{32}):(\d{1,18})", re.ASCII)
_LONGEST_LABEL = 28
_LONGEST_CHOSEN = 15
"""Of the source that is chosen, beside two other buttons."""

Rows = list[list[dict[str, Any]]]


def button_data(search_id: int, view: View) -> str:
    """What a button that leads to this view bears."""
    return f"s:{search_id}:{view.span}:{view.source}:{view.skip}{':p' if view.is_picking else ''}"


def read_button_data(data: str) -> tuple[int, View] | None:
    """The search and the view; None when this is none of our data."""
    found = _DATA.fullmatch(data)
    if found is None:
        return None
    search_id, span, source, skip, picking = found.groups()
    return int(search_id), View(Span(span), int(source), int(skip), picking is not None)


def keyboard(search: KeptSearch, view: View, *, shown: int, has_more: bool, words: Words) -> Rows:
    """The rows under a page of `shown` results: the spans, the source, the way on and back."""
    if view.is_picking:
        return _picker(search, view, words)
    onward = replace(view, skip=view.skip + shown) if has_more else None
    way = [*_back(search, view, words), *_source(search, view, words), *_more(search, onward, words)]
    return [row for row in (_spans(search, view, words), way) if row]


def quotes_button(search_id: int, words: Words) -> Rows:
    """Under an answer in a model's words: in its place the quotes are shown, to be looked through further."""
    return [[_button(words.gettext("Show the quotes"), search_id, View())]]


def back_to_answer(key: UUID, search_id: int, words: Words) -> Rows:
    """Under the quotes that were shown in the place of the answer `key`."""
    label = words.gettext("Back to the answer")
    return [[{"text": f"‹ {label}", "callback_data": f"b:{key.hex}:{search_id}"}]]


def read_back_data(data: str) -> tuple[UUID, int] | None:
    """The answer to show again, and the search behind it; None when this is none of our data."""
    found = _BACK.fullmatch(data)
    return None if found is None else (UUID(found[1]), int(found[2]))


def _spans(search: KeptSearch, view: View, words: Words) -> list[dict[str, Any]]:
    if not search.asked.spans:
        return []
    of_digest = search.asked.wish is Wish.DIGEST
    labels = {
        Span.ANY: words.gettext("As asked") if of_digest else words.gettext("Any"),
        Span.DAY: words.gettext("Day"),
        Span.WEEK: words.gettext("Week"),
        Span.MONTH: words.gettext("Month"),
    }
    return [
        _button(labels[span], search.id, View(span, view.source), is_chosen=span is view.span)
        for span in search.asked.spans
    ]


def _source(search: KeptSearch, view: View, words: Words) -> list[dict[str, Any]]:
    if not search.asked.sources:
        return []
    chosen = _chosen(search.asked.sources, view)
    label = shorten(chosen, _LONGEST_CHOSEN) or words.gettext("Source")
    return [_button(f"{label} ▾", search.id, replace(view, is_picking=True), is_chosen=bool(chosen))]


def _picker(search: KeptSearch, view: View, words: Words) -> Rows:
    titles = [words.gettext("All sources"), *(source.title for source in search.asked.sources)]
    rows = [
        [_button(title, search.id, View(view.span, number), is_chosen=number == view.source)]
        for number, title in enumerate(titles)
    ]
    return [*rows, [_back_to(search, replace(view, is_picking=False), words)]]


def _back(search: KeptSearch, view: View, words: Words) -> list[dict[str, Any]]:
    return [_back_to(search, replace(view, skip=max(view.skip - PAGE, 0)), words)] if view.skip else []


def _back_to(search: KeptSearch, view: View, words: Words) -> dict[str, Any]:
    label = words.gettext("Back")
    return _button(f"‹ {label}", search.id, view)


def _more(search: KeptSearch, onward: View | None, words: Words) -> list[dict[str, Any]]:
    label = words.gettext("More")
    return [] if onward is None else [_button(f"{label} ›", search.id, onward)]


def _chosen(sources: Sequence[OfferedSource], view: View) -> str:
    return sources[view.source - 1].title if 0 < view.source <= len(sources) else ""


def _button(label: str, search_id: int, view: View, *, is_chosen: bool = False) -> dict[str, Any]:
    label = shorten(label, _LONGEST_LABEL)
    return {"text": f"✓ {label}" if is_chosen else label, "callback_data": button_data(search_id, view)}
