"""A question is answered in a model's words, from the passages that search found."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kunak.features.conversations.render.generated import grounded_links, stopped_text, with_notices, with_sources
from kunak.features.conversations.schemas import Generation, GenerationMode, Outcome, Spoken, ThreadMessage
from kunak.features.conversations.service.consult import consult
from kunak.features.conversations.service.generate import Asked, Generated
from kunak.features.conversations.service.look import Library
from kunak.features.conversations.service.spend import Silence, notices, paid_if_lost, why_not
from kunak.features.conversations.service.suggest import keep_answerable
from kunak.features.language_models.schemas import Refused
from kunak.features.search.schemas import Answer, Citation, Mode
from kunak.foundation.language.words import Words
from kunak.integrations.telegram.markdown import from_markdown
from kunak.integrations.telegram.text import FormattedText


@dataclass(frozen=True)
class Worded:
    """What came of asking a model.

    `text`: None when the quotes must do, and `note` says why; `body`: what is remembered of it.
    """

    text: FormattedText | None = None
    body: str = ""
    note: str = ""
    record: Generation | None = None

    @property
    def found_nothing(self) -> bool:
        return self.record is not None and self.record.outcome is Outcome.NOT_FOUND


def is_worth_wording(answer: Answer) -> bool:
    """News are told as a list of stories, as ever; and without a passage there is nothing to put into words."""
    return answer.mode in (Mode.LEXICAL, Mode.HYBRID) and bool(answer.passages)


async def put_into_words(
    library: Library, spoken: Spoken, question: str, answer: Answer, history: Sequence[ThreadMessage]
) -> Worded:
    """Never fails because of the model: the quotes are there."""
    if library.model is None or not is_worth_wording(answer):
        return Worded()
    words, passages = spoken.words, list(zip(answer.citations, answer.passages, strict=True))
    asked = Asked(GenerationMode.GROUNDED, question, history, passages)
    generated = await consult(library, library.model, spoken, asked)
    if isinstance(generated, Refused | Silence):
        instead = words.gettext("So here are the quotes alone.")
        return Worded(note=f"{why_not(generated, words)} {instead}")
    if generated.record.outcome is Outcome.STOPPED:
        return _stopped(generated, answer, words)
    if generated.record.outcome is not Outcome.SAID:
        why = [_why_quotes(generated.record.outcome, words), *notices(generated.record, words)]
        return Worded(note=" ".join(why), record=generated.record)
    async with paid_if_lost(library, generated.record):
        follow_ups = await keep_answerable(library, spoken, question, generated.suggested)
    generated = replace(generated, record=replace(generated.record, follow_ups=follow_ups))
    return _worded(generated, answer, words)


def _worded(generated: Generated, answer: Answer, words: Words) -> Worded:
    body, cited = _supported(generated, answer)
    text = with_sources(body, cited, words, left_out=generated.checked.left_out, is_cut=generated.is_cut)
    text = with_notices(text, notices(generated.record, words))
    return Worded(text, body.text, record=generated.record)


def _stopped(generated: Generated, answer: Answer, words: Words) -> Worded:
    """Of what was written that which names its sources; when nothing does yet, all of it, and a word that says so."""
    body, cited = _supported(generated, answer)
    if not cited:
        body = generated.stopped_at
    text = with_sources(stopped_text(body, words, is_checked=bool(cited)), cited, words)
    text = with_notices(text, notices(generated.record, words))
    return Worded(text, body.text, record=generated.record)


def _supported(generated: Generated, answer: Answer) -> tuple[FormattedText, list[Citation]]:
    links = grounded_links(answer.citations, [hit.text for hit in answer.passages])
    cited = [citation for citation in answer.citations if citation.number in generated.checked.cited]
    return from_markdown(generated.checked.text, links), cited


def _why_quotes(outcome: Outcome, words: Words) -> str:
    if outcome is Outcome.NOT_FOUND:
        return words.gettext("I found no answer to this; these places are the nearest.")
    return words.gettext("My own words could not be backed by these places, so here are the quotes alone.")
