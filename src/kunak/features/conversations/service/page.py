"""One page of an answer as a message: its text and its buttons."""

from kunak.features.conversations.render.buttons import Rows, keyboard
from kunak.features.conversations.render.results import results_text
from kunak.features.conversations.schemas import KeptSearch, Span, View
from kunak.features.search.schemas import Answer
from kunak.foundation.language.words import Words
from kunak.integrations.telegram.text import FormattedText


def page_text(answer: Answer, view: View, words: Words, note: str = "") -> FormattedText:
    """The quotes with their sources, or the honest word that there are none; `note` below."""
    if not answer.citations:
        text = FormattedText().add(_nothing(view, words))
        return text.add("\n\n").add(note, "italic") if note else text
    corrected = () if view.skip else answer.corrected
    return results_text(_heading(view, words), answer.citations, words, corrected=corrected, note=note)


def page_buttons(answer: Answer, search: KeptSearch, view: View, words: Words) -> Rows:
    return keyboard(search, view, shown=len(answer.citations), has_more=has_more(answer, view), words=words)


def has_more(answer: Answer, view: View) -> bool:
    return bool(answer.citations) and view.skip + len(answer.citations) < len(answer.leads)


def _heading(view: View, words: Words) -> str:
    return words.gettext("More of what I found:") if view.skip else words.gettext("Here is what I found:")


def _nothing(view: View, words: Words) -> str:
    if view.source or view.span is not Span.ANY:
        return words.gettext("Nothing was found about this there. Choose another period or source.")
    return words.gettext("Nothing was found about this.")
