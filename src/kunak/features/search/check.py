"""Finds out whether an embedder helps, with questions made from the corpus itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2
from statistics import fmean

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.make_questions import make_questions
from kunak.features.search.query import read_query
from kunak.features.search.repository import vectors
from kunak.features.search.retrieve import list_nearest, search
from kunak.features.search.schemas import EmbedderCheck, Equipment, Found, MadeQuestion, PassageKey
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.languages import Language
from kunak.integrations.embeddings.interface import Embedder

_QUESTIONS = 200
_FEWEST = 30
"""Questions; fewer prove nothing."""
_CUT = 10
_SURE = 0.9
"""Part of the questions whose nearest wrong passage is less near than what counts as near for sure."""
_SEED = 1
_CHANCE = 0.015
"""nDCG@10; a smaller loss over so few questions, made of words of the corpus, is chance: what is gained on questions in
other words does not show."""
_LEAST_BY_ITSELF = 0.25
"""Part of the nDCG@10 of words that vectors alone must reach. Below it they know nothing of the language, and it is
luck when they do no harm: vectors of nothing reach .02, an English model .12 on Russian and .37 to .69 on English.
"""


@dataclass(frozen=True)
class _Kept:
    """An embedder whose one vector is there already."""

    model: str
    vector: Sequence[float]

    async def vector_of(self, _: str) -> Sequence[float]:
        return self.vector


async def check_embedder(sessions: Sessions, embedder: Embedder) -> list[EmbedderCheck]:
    """For each language with enough to ask about: does search find more with the vectors of `embedder` than without?

    What it comes to is kept, and decides from then on. Raises KunakError when the embedder cannot be reached.
    """
    async with sessions() as session:
        model = await vectors.get_current(session)
        if model is None or model.name != embedder.model:
            return []
        asked = {each: await make_questions(session, count=_QUESTIONS, seed=_SEED, language=each) for each in Language}
    checks = [
        await _check(sessions, embedder, language, questions)
        for language, questions in asked.items()
        if len(questions) >= _FEWEST
    ]
    async with sessions.begin() as session:
        for check in checks:
            await vectors.keep_check(session, model, check)
        await vectors.note_check(session, model)
    return checks


@dataclass(frozen=True)
class _Trial:
    """nDCG@10 of one question by words, by vectors, and by both; and the cosine of the nearest wrong passage."""

    lexical: float
    by_vector: float
    hybrid: float
    wrong: float


async def _check(
    sessions: Sessions, embedder: Embedder, language: Language, questions: Sequence[MadeQuestion]
) -> EmbedderCheck:
    trials = []
    for question in questions:
        vector = await embedder.embed_query(read_query(question.text).meant)
        async with sessions() as session:
            trials.append(await _try(session, question, _Kept(embedder.model, vector)))
    lexical = fmean(each.lexical for each in trials)
    by_vector = fmean(each.by_vector for each in trials)
    hybrid = fmean(each.hybrid for each in trials)
    is_helpful = hybrid >= lexical - _CHANCE and by_vector >= _LEAST_BY_ITSELF * lexical
    near = sorted(each.wrong for each in trials)[int(_SURE * len(trials))]
    return EmbedderCheck(language.value, is_helpful, len(questions), lexical, by_vector, hybrid, near)


async def _try(session: AsyncSession, question: MadeQuestion, kept: _Kept) -> _Trial:
    equipment = Equipment(kept, unchecked=True)
    lexical = await search(session, question.text, limit=_CUT)
    hybrid = await search(session, question.text, limit=_CUT, equipment=equipment)
    near = await list_nearest(session, question.text, limit=_CUT, equipment=equipment)
    return _Trial(
        _gain(_keys(lexical), question.passage),
        _gain([key for key, _ in near], question.passage),
        _gain(_keys(hybrid), question.passage),
        max((similarity for key, similarity in near if key != question.passage), default=1.0),
    )


def _keys(found: Found) -> list[PassageKey]:
    return [PassageKey(each.kind, each.thing_id, each.passage) for each in found.hits]


def _gain(ranking: Sequence[PassageKey], right: PassageKey) -> float:
    return 1 / log2(ranking.index(right) + 2) if right in ranking else 0.0
