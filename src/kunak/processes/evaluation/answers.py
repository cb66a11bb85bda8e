"""`kunak eval answers`: golden questions are asked as a reader would ask them."""

from kunak import __version__
from kunak.features.quality import service as quality
from kunak.features.quality.schemas import Ask, Cited, Conditions, Given, Origin, Outcome, Report
from kunak.features.search import service as search
from kunak.features.search.schemas import Answer, Mode
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.languages import Language
from kunak.processes.evaluation.retrieval import Retrieval


async def evaluate_answers(
    sessions: Sessions, *, origin: Origin | None, label: str, report: Report, forced_by: str | None
) -> Outcome:
    """
    Raises:
        InvalidInputError: there is nothing to ask, or the label is too long.
    """
    async with sessions() as session:
        conditions = describe_conditions(corpus_entries=await search.count_counted(session))
    return await quality.measure_answers(
        sessions,
        ask_as_reader(sessions),
        origin=origin,
        label=label,
        conditions=conditions,
        report=report,
        forced_by=forced_by,
    )


def ask_as_reader(sessions: Sessions) -> Ask:
    """The front door of the bot, with the difference that nothing it writes down is kept."""

    async def ask(question: str, language: Language) -> Given:
        async with sessions() as session:  # never committed: a measurement leaves no traces
            return _given(await search.ask(session, question, language))

    return ask


def _given(answer: Answer) -> Given:
    citations = tuple(Cited(each.id, each.quote) for each in answer.citations)
    return Given("\n\n".join(each.quote for each in citations), citations, refused=answer.mode is Mode.NOTHING)


def describe_conditions(*, corpus_entries: int, mode: str = Mode.LEXICAL.value) -> Conditions:
    """What decides how good answers are; whoever adds a model, a prompt or a setting that does names it here."""
    return Conditions(version=__version__, mode=mode, corpus_entries=corpus_entries)


async def keep_retrieval(
    sessions: Sessions, measured: Retrieval, *, of: str, label: str, forced_by: str | None
) -> Outcome:
    """Write the figures of `kunak eval retrieval` down beside the other runs. `of`: what it was measured on.

    Raises:
        InvalidInputError: the label is too long.
    """
    conditions = describe_conditions(corpus_entries=measured.corpus_entries, mode=measured.mode)
    return await quality.keep_rankings(
        sessions,
        measured.results,
        measured.as_json(),
        of=of,
        label=label,
        conditions=conditions,
        forced_by=forced_by,
    )
