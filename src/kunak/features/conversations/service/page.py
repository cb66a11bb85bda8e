"""One page of an answer as a message: its text and its buttons."""

from kunak.features.conversations.render.buttons import Rows, keyboard
from kunak.features.conversations.render.headings import heading, nothing_found
from kunak.features.conversations.render.results import results_text
from kunak.features.conversations.schemas import KeptSearch, View
from kunak.features.search.schemas import Answer
from kunak.foundation.language.words import Words
from kunak.integrations.telegram.text import FormattedText


def page_text(answer: Answer, view: View, words: Words, note: str = "") -> FormattedText:
    """The quotes with their sources, or the honest word that there are none; `note` below."""
    if not answer.citations:
        text = FormattedText().add(nothing_found(answer, view, words))
        return text.add("\n\n").add(note, "italic") if note else text
    corrected = () if view.skip else answer.corrected
    return results_text(heading(answer, view, words), answer.citations, words, corrected=corrected, note=note)


def page_buttons(answer: Answer, search: KeptSearch, view: View, words: Words) -> Rows:
    return keyboard(search, view, shown=len(answer.citations), has_more=answer.has_more, words=words)
