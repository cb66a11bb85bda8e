"""Answers a question with quotes: the best passages, each cut down to the sentences that matter."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search import repository
from kunak.features.search.fold import fold
from kunak.features.search.retrieve import LONGEST_QUESTION, MOST_TERMS, search
from kunak.features.search.schemas import Answer, Citation, Hit, Mode
from kunak.features.search.split import split_sentences
from kunak.foundation.language.detect import Language, detect_language

_MOST_CITATIONS = 5
_HITS = 20
_LEAST_COVERAGE = 0.3
_QUOTE_LENGTH = 320
_SAME = 0.7


async def ask(session: AsyncSession, question: str, language: Language = "ru") -> Answer:
    """The best quotes for `question`; `language` is taken when the question itself shows none."""
    spoken = detect_language(question, otherwise=language)
    hits = [hit for hit in await search(session, question, limit=_HITS) if hit.coverage >= _LEAST_COVERAGE]
    chosen = _once_each(hits)[:_MOST_CITATIONS]
    if not chosen:
        return Answer(spoken, (), Mode.NOTHING)
    quotes = await _quote(session, question, chosen)
    citations = tuple(
        Citation(number, hit.reference, hit.title, hit.url, quote, hit.published_at)
        for number, (hit, quote) in enumerate(zip(chosen, quotes, strict=True), start=1)
    )
    return Answer(spoken, citations, Mode.LEXICAL)


def _once_each(hits: list[Hit]) -> list[Hit]:
    """One passage of each thing, and one of passages that say the same in nearly the same words."""
    chosen: list[tuple[Hit, frozenset[str]]] = []
    for hit in hits:
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
    text: str
    terms: dict[str, float]


async def _quote(session: AsyncSession, question: str, hits: list[Hit]) -> list[str]:
    sentences = [split_sentences(hit.text) for hit in hits]
    flat = [sentence for passage in sentences for sentence in passage]
    shared = iter(
        await repository.list_shared_terms(
            session,
            fold(question[:LONGEST_QUESTION]),
            [fold(sentence) for sentence in flat],
            most_terms=MOST_TERMS,
        )
    )
    return [
        _best_stretch(hit.text, [_Sentence(sentence, next(shared)) for sentence in passage])
        for hit, passage in zip(hits, sentences, strict=True)
    ]


def _best_stretch(passage: str, sentences: list[_Sentence]) -> str:
    """Of the stretches of neighbouring sentences up to _QUOTE_LENGTH, the shortest that holds most of the question."""
    best, best_worth = (0, 0), (-1.0, 0)
    for first in range(len(sentences)):
        terms: dict[str, float] = {}
        length = 0
        for last in range(first, len(sentences)):
            length += len(sentences[last].text) + 1
            if last > first and length > _QUOTE_LENGTH:
                break
            terms |= sentences[last].terms
            worth = (round(sum(terms.values()), 6), -length)
            if worth > best_worth:
                best, best_worth = (first, last), worth
    return _verbatim(passage, sentences[best[0]].text, sentences[best[1]].text)


def _verbatim(passage: str, first: str, last: str) -> str:
    start = passage.index(first)
    end = passage.index(last, start) + len(last)
    return _shorten(passage[start:end])


def _shorten(quote: str) -> str:
    if len(quote) <= 2 * _QUOTE_LENGTH:
        return quote
    return quote[: quote.rfind(" ", _QUOTE_LENGTH, 2 * _QUOTE_LENGTH) + 1 or 2 * _QUOTE_LENGTH].rstrip() + "…"
