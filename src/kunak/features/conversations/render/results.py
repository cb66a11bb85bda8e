"""Results as a message: quotes, each with its source. One page is always one message, so that it can be edited."""

from collections.abc import Sequence

from kunak.features.search.schemas import Citation, Correction
from kunak.features.understanding.service import MOSCOW
from kunak.foundation.language.words import Words
from kunak.integrations.telegram.text import MESSAGE_LIMIT, FormattedText, utf16_length

_LONGEST_QUOTES = (1500, 640, 320, 160, 80)
"""Tried one after the other until the page fits into a message."""
_LONGEST_TITLE = 80
_LONGEST_MEANT = 100
_MOST_ALSO = 3
_LONGEST_ALSO = 40
_FOLDED_FROM = 360
"""Characters; a longer quote is shown folded, and opens at a tap."""


def results_text(
    heading: str, citations: Sequence[Citation], words: Words, *, corrected: Sequence[Correction] = (), note: str = ""
) -> FormattedText:
    """A bold heading, the quotes, and an italic note below; at most one message long."""
    for longest in _LONGEST_QUOTES:
        text = FormattedText().add(heading, "bold")
        if corrected:
            meant = shorten(", ".join(each.meant for each in corrected), _LONGEST_MEANT)
            text.add("\n").add(words.gettext("I took it that you meant: %(words)s", words=meant), "italic")
        for citation in citations:
            _add_citation(text.add("\n\n"), citation, longest, words)
        if note:
            text.add("\n\n").add(note, "italic")
        if utf16_length(text.text) <= MESSAGE_LIMIT:
            break
    return text


def _add_citation(text: FormattedText, citation: Citation, longest: int, words: Words) -> None:
    if citation.headline:
        text.add(f"{citation.number} · ").add(shorten(citation.headline, longest), "bold").add("\n")
    if quote := shorten(citation.quote.strip(), longest):
        text.add(quote, "expandable_blockquote" if len(quote) > _FOLDED_FROM else "blockquote").add("\n")
    if not citation.headline:
        text.add(f"{citation.number} · ")
    add_source(text, citation, words)
    _add_further(text, citation, words)


def _add_further(text: FormattedText, citation: Citation, words: Words) -> None:
    """Where the same story is told too."""
    before = words.gettext("also in:")
    for number, telling in enumerate(citation.also[:_MOST_ALSO]):
        text.add(", " if number else f"\n{before} ")
        name = shorten(telling.title or telling.url or telling.id, _LONGEST_ALSO)
        text.add(name, "text_link" if telling.url else None, telling.url)
    if len(citation.also) > _MOST_ALSO:
        text.add(f" +{len(citation.also) - _MOST_ALSO}")


def add_source(text: FormattedText, citation: Citation, words: Words) -> None:
    """Where a quote comes from, linked, and of when it is."""
    text.add(source_name(citation), "text_link" if citation.url else "bold", citation.url)
    if citation.published_at is not None:
        text.add(f", {words.date(citation.published_at.astimezone(MOSCOW))}")


def source_name(citation: Citation) -> str:
    return shorten(citation.title or citation.url or citation.id, _LONGEST_TITLE)


def shorten(text: str, longest: int) -> str:
    """`text`, or its beginning up to a blank and an ellipsis."""
    if len(text) <= longest:
        return text
    cut = text.rfind(" ", longest // 2, longest)
    return text[: cut if cut > 0 else longest - 1].rstrip(" ,.;:–—-") + "…"
