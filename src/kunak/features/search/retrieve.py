"""Finds the passages that are nearest to a question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import log

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.correct import Meaning, correct
from kunak.features.search.query import read_query
from kunak.features.search.repository import find, lexicon
from kunak.features.search.repository.find import quote
from kunak.features.search.schemas import Correction, Filters, Found

_MOST_TERMS = 32
"""Words of a question that are searched for, the rarest."""
_BUDGET = 250
"""Entries that the rarest words may touch together; the first of them may touch any number."""
_PAIR_BUDGET = 100
"""Entries that pairs of further words may be expected to touch."""
_COMMON = 0.1
"""Part of the index; a word that stands in more of it is in no pair."""
_MOST_CANDIDATES = 5_000
_UNKNOWN = 0.6
"""What a word that is nowhere in the index weighs: it may be a slip of the finger."""

NO_FILTERS = Filters()


@dataclass(frozen=True)
class _Term:
    """A lexeme to search for. `place`: which of the asked words it stands for."""

    lexeme: str
    entries: int
    weight: float
    place: int


@dataclass(frozen=True)
class _Terms:
    """All of them, the rarest first, and for each of the asked words how much of the question it is."""

    terms: list[_Term]
    shares: list[float]


async def search(session: AsyncSession, question: str, *, limit: int = 10, filters: Filters = NO_FILTERS) -> Found:
    """At most `limit` passages, best first; none when the question holds no word to search for."""
    query = read_query(question)
    if not query.words:
        return Found()
    read = await lexicon.read_question(session, query.words, query.phrases, query.excluded, most=_MOST_TERMS)
    if not read.asked:
        return Found()
    meanings = await correct(session, [each for each in read.asked if not each.entries])
    terms = _weigh(read, meanings)
    best = await _list_best(session, terms, read, filters, limit=limit)
    return Found(
        tuple(replace(each.hit, coverage=_coverage(terms, each.holds)) for each in best),
        _corrections(read, meanings, terms, best),
        {term.lexeme: term.weight for term in terms.terms},
    )


async def _list_best(
    session: AsyncSession, terms: _Terms, read: lexicon.Question, filters: Filters, *, limit: int
) -> list[find.Found]:
    for phrases in [read.phrases, []] if read.phrases else [[]]:
        wanted = find.Wanted(
            _candidates(terms.terms, phrases, read.excluded, read.corpus_entries),
            [term.lexeme for term in terms.terms],
            [term.weight for term in terms.terms],
            read.average_length,
        )
        best = await find.list_best(session, wanted, filters, limit=limit, most_candidates=_MOST_CANDIDATES)
        if best:
            return best
    return []


def _weigh(read: lexicon.Question, meanings: Mapping[str, Sequence[Meaning]]) -> _Terms:
    terms, shares = [], []
    for place, asked in enumerate(read.asked):
        idf = _idf(asked.entries, read.corpus_entries)
        terms.append(_Term(asked.lexeme, asked.entries, idf, place))
        meant = [(each, _idf(each.entries, read.corpus_entries)) for each in meanings.get(asked.lexeme, ())]
        terms += [_Term(each.lexeme, each.entries, weight * each.likelihood, place) for each, weight in meant]
        shares.append((meant[0][1] if meant else idf) ** 2 * (1 if asked.entries else _UNKNOWN))
    return _Terms(sorted(terms, key=lambda term: (term.entries, term.lexeme)), shares)


def _idf(entries: int, corpus_entries: int) -> float:
    known = max(entries, 1)
    return log(1 + (max(corpus_entries - entries, 0) + 0.5) / (known + 0.5))


def _candidates(terms: Sequence[_Term], phrases: Sequence[str], excluded: Sequence[str], corpus_entries: int) -> str:
    """The passages worth scoring: those with one of the rarest words, and those with two of the next rare ones."""
    if phrases:
        worth = [f"({phrase})" for phrase in phrases]
    else:
        alone = _rarest(terms)
        pairs = _pairs(terms[len(alone) :], corpus_entries)
        worth = [" | ".join([*(quote(term.lexeme) for term in alone), *pairs])]
    return " & ".join([f"({each})" for each in worth] + [f"!({each})" for each in excluded])


def _rarest(terms: Sequence[_Term]) -> Sequence[_Term]:
    reach = 0
    for number, term in enumerate(terms):
        reach += term.entries
        if reach > _BUDGET and reach > term.entries:
            return terms[:number]
    return terms


def _pairs(terms: Sequence[_Term], corpus_entries: int) -> list[str]:
    """The pairs that fewest entries hold by chance."""
    common = [term for term in terms if term.entries <= _COMMON * corpus_entries]
    expected = sorted(
        (one.entries * other.entries / corpus_entries, quote(one.lexeme), quote(other.lexeme))
        for one, other in combinations(common, 2)
        if one.place != other.place
    )
    reach, pairs = 0.0, []
    for entries, one, other in expected:
        reach += entries
        if reach > _PAIR_BUDGET:
            break
        pairs.append(f"({one} & {other})")
    return pairs


def _coverage(terms: _Terms, holds: Sequence[bool]) -> float:
    held = {term.place for term, is_held in zip(terms.terms, holds, strict=True) if is_held}
    return sum(terms.shares[place] for place in held) / (sum(terms.shares) or 1)


def _corrections(
    read: lexicon.Question, meanings: Mapping[str, Sequence[Meaning]], terms: _Terms, best: Sequence[find.Found]
) -> tuple[Correction, ...]:
    if not best or not meanings:
        return ()
    held = {term.lexeme for term, is_held in zip(terms.terms, best[0].holds, strict=True) if is_held}
    corrected = []
    for asked in read.asked:
        meant = next((each for each in meanings.get(asked.lexeme, ()) if each.lexeme in held), None)
        if meant is not None and asked.lexeme not in held:
            corrected.append(Correction(asked.word, meant.word))
    return tuple(corrected)
