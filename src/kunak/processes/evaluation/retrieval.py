"""`kunak eval retrieval`: how well and how fast search finds what is known to be right, in a database of its own."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from statistics import fmean
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from kunak.features.quality import service as quality
from kunak.features.quality.schemas import Expected, Report, Result
from kunak.features.search import service as search
from kunak.features.search.schemas import EmbedderCheck, Entry, Equipment, Found, Mode
from kunak.foundation.db.engine import Sessions, create_engine, create_sessions
from kunak.foundation.db.migrate import upgrade
from kunak.foundation.db.scratch import scratch_database
from kunak.foundation.language.detect import detect_language
from kunak.processes.evaluation.beir import Question, Text, find_corpus, read_questions, read_texts
from kunak.processes.evaluation.measures import ndcg, percentile, recall, reciprocal_rank
from kunak.processes.evaluation.models import NO_MODELS, Models

_KIND = "document"
_BATCH = 500
_DEEP = 100
_WARM_UP = 20
_SHOWN = 10


@dataclass(frozen=True)
class Retrieval:
    """Means over questions, 0 to 1; times in milliseconds."""

    ndcg_at_10: float
    recall_at_10: float
    recall_at_100: float
    mrr_at_10: float
    p50_ms: float
    p95_ms: float
    mode: str
    results: tuple[Result, ...]
    """Question by question; the score is its nDCG@10."""
    corpus_entries: int
    embedder: str | None = None
    reranker: str | None = None
    checks: tuple[EmbedderCheck, ...] = ()
    """What the embedder's self-check came to, language by language."""

    def as_json(self) -> dict[str, Any]:
        """`self_check` only with an embedder: whether it helps, by language."""
        checks = {check.language: check.is_helpful for check in self.checks}
        return {
            "ndcg@10": round(self.ndcg_at_10, 4),
            "recall@10": round(self.recall_at_10, 4),
            "recall@100": round(self.recall_at_100, 4),
            "mrr@10": round(self.mrr_at_10, 4),
            "p50_ms": round(self.p50_ms, 2),
            "p95_ms": round(self.p95_ms, 2),
            "mode": self.mode,
        } | ({"self_check": checks} if self.checks else {})


async def evaluate_retrieval(
    server_url: str,
    folder: Path,
    split: str,
    *,
    background: Sequence[Path],
    report: Report,
    models: Models = NO_MODELS,
) -> Retrieval:
    """Index the corpus of `folder`, and `background` to hide it among, and ask the questions of `split`.

    Raises:
        NotFoundError, InvalidInputError: a file is missing or cannot be read; the sentence says which.
        KunakError: a model cannot be reached, or refuses us.
    """
    questions = read_questions(folder, split)
    corpora = [find_corpus(folder), *background]
    async with scratch_database(server_url) as url:
        engine = create_engine(url, pool_size=6)
        try:
            await upgrade(engine)
            sessions = create_sessions(engine)
            ids = await index_texts(sessions, chain.from_iterable(map(read_texts, corpora)), report)
            checks = await _prepare(engine, models, questions, report) if models.embedder else []
            asked = await _ask_all(sessions, questions, models.equipment, report)
            async with sessions() as session:
                corpus_entries = await search.count_counted(session)
        finally:
            await engine.dispose()
    return replace(
        _measure(questions, asked, ids, corpus_entries),
        embedder=models.embedder.model if models.embedder else None,
        reranker=models.equipment.reranker.model if models.equipment.reranker else None,
        checks=tuple(checks),
    )


async def _prepare(
    engine: AsyncEngine, models: Models, questions: Sequence[Question], report: Report
) -> list[EmbedderCheck]:
    """As in the product: vectors, their index, the self-check. And the questions' vectors, which are not search."""
    embedder, sessions = models.embedder, create_sessions(engine)
    assert embedder is not None  # noqa: S101  the caller looked
    await search.embed_awaited(
        sessions, embedder, report=lambda made, awaited: report("Making vectors", made, made + awaited)
    )
    await search.keep_vector_index(engine, models.vector_index)
    checks = await search.check_embedder(sessions, embedder)
    for number, question in enumerate(questions, start=1):
        if models.equipment.embedder:
            await models.equipment.embedder.vector_of(search.read_meaning(question.text))
        report("Making vectors of questions", number, len(questions))
    return checks


async def index_texts(sessions: Sessions, texts: Iterator[Text], report: Report) -> list[str]:
    """Make them findable; the ids, so that thing N is the Nth of them, from 0."""
    ids: list[str] = []
    while batch := list(islice(texts, _BATCH)):
        entries = [
            Entry(len(ids) + place, each.id, each.title, each.text, detect_language(each.text))
            for place, each in enumerate(batch)
        ]
        async with sessions.begin() as session:
            await search.index(session, _KIND, entries)
        ids += [each.id for each in batch]
        report("Indexing documents", len(ids), None)
    async with sessions.begin() as session:
        await search.refresh_lexicon(session)
    return ids


async def _ask_all(
    sessions: Sessions, questions: Sequence[Question], equipment: Equipment, report: Report
) -> list[tuple[Found, float]]:
    """For each question what was found, and the milliseconds it took."""
    asked = []
    for question in questions[:_WARM_UP]:
        await _ask(sessions, question.text, equipment)
    for number, question in enumerate(questions, start=1):
        asked.append(await _ask(sessions, question.text, equipment))
        report("Asking questions", number, len(questions))
    return asked


async def _ask(sessions: Sessions, question: str, equipment: Equipment) -> tuple[Found, float]:
    async with sessions() as session:
        started = time.perf_counter()
        found = await search.search(session, question, limit=_DEEP, equipment=equipment)
        return found, (time.perf_counter() - started) * 1000


def _measure(
    questions: Sequence[Question], asked: Sequence[tuple[Found, float]], ids: Sequence[str], corpus_entries: int
) -> Retrieval:
    rankings = [[ids[thing] for thing in dict.fromkeys(hit.thing_id for hit in found.hits)] for found, _ in asked]
    times = [took for _, took in asked]
    pairs = [(ranking, question.grades) for ranking, question in zip(rankings, questions, strict=True)]
    return Retrieval(
        ndcg_at_10=fmean(ndcg(*pair, 10) for pair in pairs),
        recall_at_10=fmean(recall(*pair, 10) for pair in pairs),
        recall_at_100=fmean(recall(*pair, 100) for pair in pairs),
        mrr_at_10=fmean(reciprocal_rank(*pair, 10) for pair in pairs),
        p50_ms=percentile(times, 0.50),
        p95_ms=percentile(times, 0.95),
        mode=(Mode.HYBRID if any(found.by_meaning for found, _ in asked) else Mode.LEXICAL).value,
        results=tuple(map(_result, questions, rankings, times)),
        corpus_entries=corpus_entries,
    )


def _result(question: Question, ranking: list[str], took_ms: float) -> Result:
    return Result(
        key=quality.name_result(question.text, Expected(tuple(question.grades))),
        question=question.text,
        language=detect_language(question.text).value,
        score=ndcg(ranking, question.grades, _SHOWN),
        took_ms=took_ms,
        cited=tuple(ranking[:_SHOWN]),
    )
