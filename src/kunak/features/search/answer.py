"""Answers a question with quotes: the best passages, each cut down to the sentences that matter."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.fold import fold, fold_for_search
from kunak.features.search.repository import quoting
from kunak.features.search.retrieve import search
from kunak.features.search.schemas import Answer, Citation, Hit, Mode
from kunak.features.search.split import split_sentences
from kunak.foundation.language.detect import detect_language
from kunak.foundation.language.languages import DEFAULT, Language
from kunak.foundation.observability.timing import stage

_MOST_CITATIONS = 5
_HITS = 20
_QUOTE_LENGTH = 320
_ENOUGH_TO_READ = 120

_LEAST_COVERAGE = 0.38
"""Nothing is quoted unless one passage holds this part of the question.

Measured on a corpus with the answers and one without: below it are 1 of 100 questions whose answer was found (1 of 10
with a typing error), and 6 of 10 that have no answer.
"""
_LEAST_SCORE = 0.45
"""Part of the best score that a further passage needs; no right passage was seen below it."""
_SAME = 0.7
"""Part of its words that a passage may share with one already chosen."""


async def ask(session: AsyncSession, question: str, language: Language = DEFAULT) -> Answer:
    """The best quotes for `question`; `language` is taken when the question itself shows none."""
    spoken = detect_language(question, otherwise=language)
    with stage("search"):
        found = await search(session, question, limit=_HITS)
    chosen = _once_each(_near_enough(found.hits))
    if not chosen:
        return Answer(spoken, (), Mode.NOTHING)
    with stage("quote"):
        quotes = await _quote(session, found.terms, chosen)
    citations = tuple(
        Citation(number, hit.reference, hit.title, hit.url, quote, hit.published_at)
        for number, (hit, quote) in enumerate(zip(chosen, quotes, strict=True), start=1)
    )
    return Answer(spoken, citations, Mode.LEXICAL, found.corrected)


def _near_enough(hits: Sequence[Hit]) -> list[Hit]:
    if not any(hit.coverage >= _LEAST_COVERAGE for hit in hits[:_MOST_CITATIONS]):
        return []
    return [hit for hit in hits if hit.score >= _LEAST_SCORE * hits[0].score]


def _once_each(hits: list[Hit]) -> list[Hit]:
    """The first passages, but one of each thing, and one of those that say the same in nearly the same words."""
    chosen: list[tuple[Hit, frozenset[str]]] = []
    for hit in hits:
        if len(chosen) == _MOST_CITATIONS:
            break
        words = frozenset(fold(hit.text).lower().split())
        if any(_is_same(hit, words, *other) for other in chosen):
            continue
        chosen.append((hit, words))
    return [hit for hit, _ in chosen]


def _is_same(hit: Hit, words: frozenset[str], other: Hit, other_words: frozenset[str]) -> bool:
    if (hit.kind, hit.thing_id) == (other.kind, other.thing_id):
        return True
    return len(words & other_words) >= _SAME * min(len(words), len(other_words))


@dataclass(frozen=True)
class _Sentence:
    start: int
    end: int
    terms: dict[str, float]
    """The words it shares with the question, and their weights."""


async def _quote(session: AsyncSession, terms_asked: Mapping[str, float], hits: list[Hit]) -> list[str]:
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
