"""Judges one answer: is it right, and does what it cites bear it out?"""

import re
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean

from kunak.features.quality.fold import fold_text, stands_in
from kunak.features.quality.schemas import Cited, Expected, Given
from kunak.features.search.service import split_sentences

Texts = Mapping[str, Sequence[str]]
"""The passages of each cited thing, by its reference."""

_MARKER = re.compile(r"\[(\d{1,3})\]")
_MARKERS_BEHIND = re.compile(r"([.!?…]{1,9})((?:\s{0,9}\[\d{1,3}\])+)")
_WORD = re.compile(r"[^\W\d_]{4,}")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_STEM = 5
"""Letters by which forms of a word are taken for the same: crude, and the same for every model."""
_ENOUGH = 0.5
"""Part of the words of a claim that its sources must hold."""
_FEWEST = 3
"""Words of a sentence that claims something; shorter ones only lead from one to the next."""


def is_right(expected: Expected, given: Given) -> bool:
    """Everything that is expected holds."""
    if expected.unanswerable or given.refused:
        return expected.unanswerable and given.refused
    return _cites(expected, given.citations) and _says(expected, given.text)


def is_right_at_once(expected: Expected, given: Given) -> bool | None:
    """Whether the first citation, or the quote of it, would do; None where right is to find nothing."""
    if expected.unanswerable:
        return None
    if given.refused or not given.citations:
        return False
    first = given.citations[0]
    return _cites(expected, [first]) and _says(expected, given.text if given.is_generated else first.quote)


def _cites(expected: Expected, citations: Sequence[Cited]) -> bool:
    named = {reference for each in citations for reference in (each.reference, *each.also)}
    return not expected.references or bool(named.intersection(expected.references))


def _says(expected: Expected, text: str) -> bool:
    return not expected.answers or any(stands_in(each, text) for each in expected.answers)


def measure_support(given: Given, texts: Texts) -> float | None:
    """Which part of what is said its citations bear out, 0 to 1; None when nothing is said.

    A quote is borne out when it stands, letter for letter, in a passage of what it cites. A sentence of a model is when
    it cites something, and what it cites holds all its numbers and half of its words at least.
    """
    if given.refused:
        return None
    if given.is_generated:
        borne_out = [_is_borne_out(claim, given.citations, texts) for claim in _claims(given.text)]
    else:
        borne_out = [_stands_verbatim(each, texts) for each in given.citations]
    return fmean(borne_out) if borne_out else None


def _stands_verbatim(cited: Cited, texts: Texts) -> bool:
    quote = cited.quote.strip("…").strip()
    return bool(quote) and any(quote in text for text in texts.get(cited.reference, ()))


def _claims(text: str) -> Iterator[str]:
    """The sentences that claim something, with the marks that stand behind their full stops."""
    for sentence in split_sentences(_MARKERS_BEHIND.sub(r"\2\1", text)):
        words, numbers = _content(_MARKER.sub("", sentence))
        if numbers or len(words) >= _FEWEST:
            yield sentence


def _is_borne_out(claim: str, citations: Sequence[Cited], texts: Texts) -> bool:
    named = [int(number) - 1 for number in _MARKER.findall(claim)]
    sources = [citations[place].reference for place in named if 0 <= place < len(citations)]
    held_words, held_numbers = _content(" ".join(text for each in sources for text in texts.get(each, ())))
    words, numbers = _content(_MARKER.sub("", claim))
    return bool(sources) and numbers <= held_numbers and len(words & held_words) >= _ENOUGH * len(words)


def _content(text: str) -> tuple[set[str], set[str]]:
    """The stems of its words, and its numbers."""
    folded = fold_text(text)
    return {word[:_STEM] for word in _WORD.findall(folded)}, set(_NUMBER.findall(folded))
