"""Finds the passages that are nearest to a question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import log, sqrt

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.correct import Meaning, correct
from kunak.features.search.query import read_query
from kunak.features.search.repository import filtering, find, lexicon
from kunak.features.search.repository.find import quote
from kunak.features.search.rerank import READ, rerank
from kunak.features.search.schemas import Correction, Equipment, Filters, Found, Hit, PassageKey
from kunak.foundation.errors import KunakError
from kunak.foundation.language.detect import detect_language
from kunak.integrations.vector_index.interface import Near

_MOST_TERMS = 32
"""Words of a question that are searched for, the rarest."""
_BUDGET = 250
"""Entries that the rarest words may touch together; the first of them may touch any number."""
_PAIR_BUDGET = 100
"""Entries that pairs of further words may be expected to touch."""
_COMMON = 0.1
"""Part of the index; a word that stands in more of it is in no pair."""
_TOO_LONG_A_LIST = 20_000
"""Entries; to find which of them hold another word too takes longer than it is worth."""
_MOST_CANDIDATES = 3_000
_UNKNOWN = 0.6
"""What a word that is nowhere in the index weighs: it may be a slip of the finger."""

_SMALL = 1_000
"""A corpus with fewer entries tells little of how rare a word is: there a word in two of three texts is not common."""

_FEW = 3_000
"""Entries that are looked through one by one when filters leave no more."""
_FEW_VECTORS = 25
"""Times the root of the size of the index: of so many entries all vectors are looked at when filters leave no more. An
index for neighbours must look at more vectors the fewer of them pass."""
_MOST_COUNTED = 20_000
_WIDE = 2.0
"""Times as many candidates are looked at first when filters leave many; it is not counted how many."""

NO_FILTERS = Filters()
NO_EQUIPMENT = Equipment()


@dataclass(frozen=True)
class _Term:
    """A lexeme to search for. `place`: which of the asked words it stands for, and how likely it was meant."""

    lexeme: str
    entries: int
    weight: float
    place: int
    likelihood: float = 1.0


@dataclass(frozen=True)
class _Terms:
    """All of them, the rarest first, and for each of the asked words how much of the question it is."""

    terms: list[_Term]
    shares: list[float]


async def search(
    session: AsyncSession,
    question: str,
    *,
    limit: int = 10,
    filters: Filters = NO_FILTERS,
    equipment: Equipment = NO_EQUIPMENT,
) -> Found:
    """At most `limit` passages, best first; none when the question holds no word to search for.

    A session without a transaction is without one again afterwards: models are asked while it holds no connection.
    """
    query = read_query(question)
    if not query.words:
        return Found()
    is_ours = not session.in_transaction()
    most = max(limit, READ) if equipment.reranker else limit
    vector, known = await _ask_elsewhere(equipment, query.meant, filters)
    embedding = _embedding(equipment, question) if vector else None
    read = await lexicon.read_question(session, query, most=_MOST_TERMS, embedding=embedding)
    if not read.asked:
        return Found()
    meanings = await correct(session, [each for each in read.asked if not each.entries])
    terms = _weigh(read, meanings)
    best = await _list_best(session, _Asked(terms, read, vector, known), filters, limit=most)
    if is_ours:
        await session.rollback()
    hits = [_judged(each, terms, read) for each in best]
    reranked = await rerank(query.meant, hits, equipment)
    return Found(
        tuple((reranked or hits)[:limit]),
        _corrections(read, meanings, terms, best),
        {term.lexeme: term.weight for term in terms.terms},
        by_meaning=read.vectors is not None,
        reranked=reranked is not None,
        is_makeshift=(equipment.embedder is not None and vector is None)
        or (equipment.reranker is not None and reranked is None),
    )


def _judged(found: find.Found, terms: _Terms, read: lexicon.Question) -> Hit:
    near = read.vectors.near if read.vectors else None
    is_near = near is not None and found.similarity is not None and found.similarity >= near
    return found.hit(_coverage(terms, found.holds), is_near=is_near)


async def list_nearest(
    session: AsyncSession,
    question: str,
    *,
    limit: int = 10,
    filters: Filters = NO_FILTERS,
    equipment: Equipment = NO_EQUIPMENT,
) -> list[tuple[PassageKey, float]]:
    """The passages nearest by meaning alone, the nearest first, and their cosines; none without vectors that may have
    a say.
    """
    query = read_query(question)
    vector, known = await _ask_elsewhere(equipment, query.meant, filters)
    read = await lexicon.read_question(
        session, replace(query, words=()), most=0, embedding=_embedding(equipment, question) if vector else None
    )
    ways = await _list_ways(session, replace(read, phrases=[]), filters)
    near = _Asked(_Terms([], []), read, vector, known).near(ways[0]) if ways else None
    return [] if near is None else await find.list_nearest(session, near, filters, limit=limit)


async def _ask_elsewhere(
    equipment: Equipment, meant: str, filters: Filters
) -> tuple[Sequence[float] | None, Sequence[Near] | None]:
    """What is meant, as a vector, and what is near, if another place than PostgreSQL knows.

    Neither when that place does not answer: to look through the vectors here might take much longer than anybody waits.
    """
    vector = await equipment.embedder.vector_of(meant) if equipment.embedder else None
    if vector is None or equipment.embedder is None or equipment.near is None:
        return vector, None
    try:
        return vector, await equipment.near.find(equipment.embedder.model, vector, filters, limit=find.NEIGHBOURS)
    except KunakError:
        return None, None


def _embedding(equipment: Equipment, question: str) -> lexicon.Embedding | None:
    if equipment.embedder is None:
        return None
    return lexicon.Embedding(equipment.embedder.model, detect_language(question).value, equipment.unchecked)


@dataclass(frozen=True)
class _Asked:
    """All that is known of a question."""

    terms: _Terms
    read: lexicon.Question
    vector: Sequence[float] | None
    known: Sequence[Near] | None

    def near(self, way: "_Way") -> find.Nearness | None:
        if self.vector is None or self.read.vectors is None or len(self.vector) != self.read.vectors.dimensions:
            return None
        return find.Nearness(
            self.read.vectors, self.vector, _operators(self.read, way), self.known, way.few_vectors_pass
        )


async def _list_best(session: AsyncSession, asked: _Asked, filters: Filters, *, limit: int) -> list[find.Found]:
    """By the first way to look for candidates that leads to enough, else by the last."""
    best: list[find.Found] = []
    terms, read = asked.terms, asked.read
    for way in await _list_ways(session, read, filters):
        wanted = find.Wanted(
            _candidates(terms.terms, read, way),
            way.few_pass,
            [term.lexeme for term in terms.terms],
            [term.weight for term in terms.terms],
            read.average_length,
            asked.near(way),
        )
        best = await find.list_best(session, wanted, filters, limit=limit, most_candidates=_MOST_CANDIDATES)
        if len(best) >= (1 if way.by_phrases else limit):
            break
    return best


@dataclass(frozen=True)
class _Way:
    """How candidates are looked for."""

    few_pass: bool = False
    """The filters leave so few that all of them are candidates."""
    few_vectors_pass: bool = False
    """They leave so few that the vectors of all are looked at."""
    by_phrases: bool = False
    """All that hold the phrases are candidates; else these are not asked for."""
    widened: float = 1.0
    """So many times more than without filters."""


async def _list_ways(session: AsyncSession, read: lexicon.Question, filters: Filters) -> list[_Way]:
    """Phrases that nobody wrote are given up, and more candidates are looked at when filters left too few."""
    ways = [_Way()] if filters.are_empty else await _list_filtered_ways(session, read, filters)
    return [replace(ways[0], by_phrases=True, widened=1.0), *ways] if ways and read.phrases else ways


async def _list_filtered_ways(session: AsyncSession, read: lexicon.Question, filters: Filters) -> list[_Way]:
    """None when nothing passes."""
    few_vectors = max(_FEW, round(_FEW_VECTORS * sqrt(read.corpus_entries)))
    most = max(2 * _FEW, min(read.corpus_entries // 20, _MOST_COUNTED), few_vectors + 1)
    passing = await filtering.count_entries(session, filters, most=most)
    if passing == 0:
        return []
    if passing <= _FEW:
        return [_Way(few_pass=True, few_vectors_pass=True)]
    few = passing <= few_vectors
    wider = max(read.corpus_entries / passing, _WIDE)
    return [_Way(few_vectors_pass=few, widened=_WIDE), _Way(few_vectors_pass=few, widened=wider)]


def _weigh(read: lexicon.Question, meanings: Mapping[str, Sequence[Meaning]]) -> _Terms:
    terms, shares = [], []
    for place, asked in enumerate(read.asked):
        idf = _idf(asked.entries, read.corpus_entries)
        terms.append(_Term(asked.lexeme, asked.entries, idf, place))
        meant = [(each, _idf(each.entries, read.corpus_entries)) for each in meanings.get(asked.lexeme, ())]
        terms += [
            _Term(each.lexeme, each.entries, weight * each.likelihood, place, each.likelihood) for each, weight in meant
        ]
        entries = meant[0][0].entries if meant else asked.entries
        shares.append(_idf(entries, max(read.corpus_entries, _SMALL)) ** 2 * (1 if asked.entries else _UNKNOWN))
    return _Terms(sorted(terms, key=lambda term: (term.entries, term.lexeme)), shares)


def _idf(entries: int, corpus_entries: int) -> float:
    known = max(entries, 1)
    return log(1 + (max(corpus_entries - entries, 0) + 0.5) / (known + 0.5))


def _candidates(terms: Sequence[_Term], read: lexicon.Question, way: _Way) -> str:
    """The passages worth scoring: those with one of the rarest words, and those with two of the next rare ones."""
    if way.by_phrases:
        return _operators(read, way)
    if way.few_pass:
        worth = [quote(term.lexeme) for term in terms]
    else:
        alone = _rarest(terms, _BUDGET * way.widened)
        pairs = _pairs(terms[len(alone) :], read.corpus_entries, _PAIR_BUDGET * way.widened)
        worth = [*(quote(term.lexeme) for term in alone), *pairs]
    return " & ".join(filter(None, [f"({' | '.join(worth)})", _operators(read, way)]))


def _operators(read: lexicon.Question, way: _Way) -> str:
    """What a passage must hold, and must not, whichever way leads to it."""
    phrases = read.phrases if way.by_phrases else []
    return " & ".join([*(f"({phrase})" for phrase in phrases), *(f"!({each})" for each in read.excluded)])


def _rarest(terms: Sequence[_Term], budget: float) -> Sequence[_Term]:
    reach = 0
    for number, term in enumerate(terms):
        reach += term.entries
        if reach > budget and reach > term.entries:
            return terms[:number]
    return terms


def _pairs(terms: Sequence[_Term], corpus_entries: int, budget: float) -> list[str]:
    """The pairs that fewest entries hold by chance."""
    most = min(_COMMON * corpus_entries, _TOO_LONG_A_LIST)
    common = [term for term in terms if term.entries <= most]
    expected = sorted(
        (one.entries * other.entries / corpus_entries, quote(one.lexeme), quote(other.lexeme))
        for one, other in combinations(common, 2)
        if one.place != other.place
    )
    reach, pairs = 0.0, []
    for entries, one, other in expected:
        reach += entries
        if reach > budget:
            break
        pairs.append(f"({one} & {other})")
    return pairs


def _coverage(terms: _Terms, holds: Sequence[bool]) -> float:
    held: dict[int, float] = {}
    for term, is_held in zip(terms.terms, holds, strict=True):
        if is_held:
            held[term.place] = max(held.get(term.place, 0.0), term.likelihood)
    return sum(terms.shares[place] * likelihood for place, likelihood in held.items()) / (sum(terms.shares) or 1)


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
