"""Makes questions from the corpus itself, without a model: which passage answers them is then known."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice, zip_longest
from random import Random

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.fold import fold
from kunak.features.search.make_questions.forms import list_forms
from kunak.features.search.make_questions.synonyms import list_synonyms
from kunak.features.search.make_questions.telling import Known, Told, most_telling, words_of
from kunak.features.search.make_questions.ways import Mill
from kunak.features.search.repository import lexicon, sampling
from kunak.features.search.repository.sampling import Drawn, Place
from kunak.features.search.schemas import MadeQuestion, Way
from kunak.foundation.language.languages import Language

_SPREAD = 10
"""Places that are looked at for each question wanted, so that small sources have their share."""
_SPARE = 2
"""Passages that are read for each question wanted: some are too short to ask about."""
_MOST_OF_A_LANGUAGE = 20_000
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


async def make_questions(
    session: AsyncSession, *, count: int, seed: int, language: Language | None = None
) -> list[MadeQuestion]:
    """At most `count` questions, each from another passage, spread over sources, languages and time.

    All ways have the same share as far as the passages allow. The same seed makes the same questions as long as the
    index stays as it is. Fewer come from an index with few passages of some length, none from an empty one, or before
    its words were counted.
    """
    rng = Random(seed)  # noqa: S311  to be repeated, not to be secret
    places = await _list_places(session, rng, count * _SPREAD, language)
    chosen = _spread(places, count * _SPARE, rng)
    passages = {each.id: each for each in await sampling.list_passages(session, chosen)}
    return await _ask_about(session, [passages[each] for each in chosen if each in passages], count, rng)


async def _list_places(session: AsyncSession, rng: Random, count: int, language: Language | None) -> list[Place]:
    ends = await sampling.get_ends(session)
    if ends is None or count < 1:
        return []
    first, last = ends
    step = (last - first + 1) / count
    drawn = sorted({first + int((number + rng.random()) * step) for number in range(count)})
    places = await sampling.list_at(session, drawn, language)
    if language is not None and len(places) < count // _SPREAD * _SPARE:
        places = await sampling.list_in(session, language, most=_MOST_OF_A_LANGUAGE)
    return places


def _spread(places: Iterable[Place], count: int, rng: Random) -> list[int]:
    """The sources of each language by turns, in each from everywhere in time."""
    groups: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for place in places:
        groups[place.language, place.source or ""].append(place)
    by_turns: list[list[int]] = []
    for _, group in sorted(groups.items()):
        group.sort(key=lambda each: (each.published_at or _BEFORE_ALL, each.id))
        by_turns.append(_far_apart([each.id for each in group], rng))
    rng.shuffle(by_turns)
    return [each for turn in zip_longest(*by_turns) for each in turn if each is not None][:count]


def _far_apart(ids: Sequence[int], rng: Random) -> list[int]:
    """All of them, so ordered that every beginning of the list comes from everywhere in `ids`."""
    offset = rng.random()
    golden = 0.618_033_988_75
    order = sorted(range(len(ids)), key=lambda number: (offset + number * golden) % 1)
    return [ids[number] for number in order]


async def _ask_about(session: AsyncSession, passages: Sequence[Drawn], count: int, rng: Random) -> list[MadeQuestion]:
    known = await _look_up(session, {word.lower() for each in passages for word in words_of(fold(each.text))})
    corpus_entries = await lexicon.get_corpus_entries(session)
    sentences = [most_telling(each.text, known, corpus_entries) for each in passages]
    mill = Mill(await _list_forms(session, sentences, known), await _list_synonyms(session), rng)
    taken: Counter[Way] = Counter()
    asked = (_ask(*each, mill, taken) for each in zip(passages, sentences, strict=True) if each[1])
    return list(islice(asked, count))


def _ask(passage: Drawn, sentence: Sequence[Told], mill: Mill, taken: Counter[Way]) -> MadeQuestion:
    """In the way that was taken least often so far, of those that the sentence lends itself to."""
    ways = iter(sorted(Way, key=lambda way: taken[way]))
    way = next(ways)
    while (wording := mill.grind(sentence, way, passage.language)) is None:
        way = next(ways)
    taken[way] += 1
    return MadeQuestion(wording.text, passage.language, passage.key, passage.reference, way, wording.answer)


async def _look_up(session: AsyncSession, words: Iterable[str]) -> dict[str, Known]:
    return {each.word: Known(each.lexeme, each.entries) for each in await lexicon.list_known(session, sorted(words))}


async def _list_forms(
    session: AsyncSession, sentences: Iterable[Sequence[Told]], known: Mapping[str, Known]
) -> Mapping[str, list[str]]:
    """By lexeme, forms of the words of `sentences`: such as stand in `known`, else such as are likely."""
    seen: dict[str, set[str]] = defaultdict(set)
    for word, each in known.items():
        seen[each.lexeme].add(word)
    lonely = [told for each in sentences for told in each if len(seen[told.lexeme]) == 1]
    guessed = {form: told.lexeme for told in lonely for form in list_forms(told.word)}
    for asked in await lexicon.list_known(session, sorted(guessed)):
        if asked.lexeme == guessed[asked.word]:
            seen[asked.lexeme].add(asked.word)
    return {lexeme: sorted(words) for lexeme, words in seen.items()}


async def _list_synonyms(session: AsyncSession) -> Mapping[str, Sequence[str]]:
    synonyms = list_synonyms()
    return {each.lexeme: synonyms[each.word] for each in await lexicon.list_known(session, sorted(synonyms))}
