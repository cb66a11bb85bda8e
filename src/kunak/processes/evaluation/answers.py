"""`kunak eval answers`: golden questions are asked as a reader would ask them."""

from kunak import __version__
from kunak.features.quality import service as quality
from kunak.features.quality.schemas import Ask, Cited, Conditions, Given, Origin, Outcome, Report
from kunak.features.search import service as search
from kunak.features.search.schemas import Answer, Citation, Equipment, Mode
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.languages import Language
from kunak.processes.evaluation.retrieval import Retrieval


async def evaluate_answers(
    sessions: Sessions,
    equipment: Equipment,
    *,
    origin: Origin | None,
    label: str,
    report: Report,
    forced_by: str | None,
) -> Outcome:
    """
    Raises:
        InvalidInputError: there is nothing to ask, or the label is too long.
    """
    async with sessions() as session:
        conditions = describe_conditions(equipment, corpus_entries=await search.count_counted(session))
    return await quality.measure_answers(
        sessions,
        ask_as_reader(sessions, equipment),
        origin=origin,
        label=label,
        conditions=conditions,
        report=report,
        forced_by=forced_by,
    )


def ask_as_reader(sessions: Sessions, equipment: Equipment) -> Ask:
    """The front door of the bot, with the difference that nothing it writes down is kept."""

    async def ask(question: str, language: Language) -> Given:
        async with sessions() as session:  # never committed: a measurement leaves no traces
            return _given(await search.ask(session, question, language, equipment=equipment))

    return ask


def _given(answer: Answer) -> Given:
    cited = tuple(each for citation in answer.citations for each in _cited(citation))
    return Given("\n\n".join(each.quote for each in cited), cited, refused=not answer.citations)


def _cited(citation: Citation) -> list[Cited]:
    """All that is quoted of it: a story of a digest has a headline, and perhaps a quote."""
    also = tuple(telling.id for telling in citation.also)
    return [Cited(citation.id, quoted, also) for quoted in (citation.headline, citation.quote) if quoted]


def describe_conditions(equipment: Equipment, *, corpus_entries: int) -> Conditions:
    """What decides how good answers are; whoever adds a model, a prompt or a setting that does names it here."""
    embedder, reranker = equipment.embedder, equipment.reranker
    return Conditions(
        version=__version__,
        mode=(Mode.HYBRID if embedder else Mode.LEXICAL).value,
        embedder=embedder.model if embedder else None,
        reranker=reranker.model if reranker else None,
        corpus_entries=corpus_entries,
    )


async def keep_retrieval(
    sessions: Sessions, measured: Retrieval, *, of: str, label: str, forced_by: str | None
) -> Outcome:
    """Write the figures of `kunak eval retrieval` down beside the other runs. `of`: what it was measured on.

    Raises:
        InvalidInputError: the label is too long.
    """
    conditions = Conditions(
        version=__version__,
        mode=measured.mode,
        embedder=measured.embedder,
        reranker=measured.reranker,
        corpus_entries=measured.corpus_entries,
    )
    return await quality.keep_rankings(
        sessions,
        measured.results,
        measured.as_json(),
        of=of,
        label=label,
        conditions=conditions,
        forced_by=forced_by,
    )
