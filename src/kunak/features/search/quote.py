"""Cuts passages down to the sentences that matter."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.fold import fold, fold_for_search
from kunak.features.search.repository import quoting
from kunak.features.search.schemas import Hit
from kunak.features.search.split import split_sentences

_QUOTE_LENGTH = 320
_ENOUGH_TO_READ = 120


@dataclass(frozen=True)
class _Sentence:
    start: int
    end: int
    terms: dict[str, float]
    """The words it shares with the question, and their weights."""


async def quote(session: AsyncSession, terms_asked: Mapping[str, float], hits: Sequence[Hit]) -> list[str]:
    """Of each passage what answers the question best: a verbatim stretch."""
    sentences = [split_sentences(hit.text) for hit in hits]
    shared = await quoting.list_shared_terms(
        session, terms_asked, [fold_for_search(fold(sentence)) for passage in sentences for sentence in passage]
    )
    terms = iter(shared)
    return [
        _best_stretch(hit.text, list(_place(hit.text, passage, terms)))
        for hit, passage in zip(hits, sentences, strict=True)
    ]


def _place(passage: str, sentences: list[str], terms: Iterator[dict[str, float]]) -> Iterator[_Sentence]:
    end = 0
    for sentence in sentences:
        start = passage.index(sentence, end)
        end = start + len(sentence)
        yield _Sentence(start, end, next(terms))


def _best_stretch(passage: str, sentences: list[_Sentence]) -> str:
    """Of the stretches of neighbouring sentences up to _QUOTE_LENGTH, the shortest that holds most of the question.

    Below _ENOUGH_TO_READ the longest: a bare heading tells nobody anything.
    """
    stretches = _stretches(sentences)
    start, end, _ = max(
        stretches, key=lambda each: (each[2], -max(each[1] - each[0], _ENOUGH_TO_READ), each[1] - each[0])
    )
    return _shorten(passage[start:end])


def _stretches(sentences: list[_Sentence]) -> Iterator[tuple[int, int, float]]:
    """Where each possible quote starts and ends, and the weight of the question's words in it."""
    for number, first in enumerate(sentences):
        terms: dict[str, float] = {}
        for last in sentences[number:]:
            if last is not first and last.end - first.start > _QUOTE_LENGTH:
                break
            terms |= last.terms
            yield first.start, last.end, round(sum(terms.values()), 6)


def _shorten(quote: str) -> str:
    if len(quote) <= 2 * _QUOTE_LENGTH:
        return quote
    return quote[: quote.rfind(" ", _QUOTE_LENGTH, 2 * _QUOTE_LENGTH) + 1 or 2 * _QUOTE_LENGTH].rstrip() + "…"
