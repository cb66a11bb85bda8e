"""What a model wrote, as a message."""

from collections.abc import Sequence

from kunak.features.conversations.render.results import add_source
from kunak.features.search.schemas import Citation
from kunak.foundation.language.words import Words
from kunak.integrations.telegram.markdown import Links
from kunak.integrations.telegram.text import FormattedText


def grounded_links(citations: Sequence[Citation], passages: Sequence[str]) -> Links:
    """Addresses of the sources may be followed; those that stand in a passage may be shown as they are."""
    addresses = [citation.url for citation in citations if citation.url]
    notes = {citation.number: citation.url for citation in citations}
    return Links(frozenset(addresses), "\n".join([*addresses, *passages]), notes)


def stopped_text(body: FormattedText, words: Words, *, is_checked: bool) -> FormattedText:
    """What was written before the person stopped it, and a word that says so."""
    text = FormattedText(body.text, list(body.entities))
    if not body.text.strip():
        return FormattedText().add(words.gettext("You stopped me before anything was written."), "italic")
    if is_checked:
        return text.add("\n\n").add(words.gettext("You stopped me here."), "italic")
    return text.add("\n\n").add(words.gettext("You stopped me here, before a source was named."), "italic")


def with_sources(
    body: FormattedText, cited: Sequence[Citation], words: Words, *, left_out: bool = False, is_cut: bool = False
) -> FormattedText:
    """`body`, the sources it names, and whether something is missing from it."""
    text = FormattedText(body.text, list(body.entities))
    for place, citation in enumerate(cited):
        text.add("\n" if place else "\n\n").add(f"[{citation.number}] ")
        add_source(text, citation, words)
    if left_out:
        text.add("\n\n").add(words.gettext("What no source supports was left out."), "italic")
    if is_cut:
        text.add("\n\n").add(words.gettext("There was no room for the whole answer; ask for the rest."), "italic")
    return text


def with_notices(text: FormattedText, notices: Sequence[str]) -> FormattedText:
    """`text` with words beside the matter, such as of a budget that runs low."""
    for each in notices:
        text.add("\n\n").add(each, "italic")
    return text
