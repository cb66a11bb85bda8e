"""What may be shown of an answer while a model is still writing it."""

import re

from kunak.features.conversations.render.generated import grounded_links
from kunak.features.conversations.schemas import GenerationMode
from kunak.features.conversations.service.cite import tidy
from kunak.features.conversations.service.generate import NOT_FOUND, Asked, Told
from kunak.features.conversations.service.suggest import without_suggestions
from kunak.integrations.telegram.markdown import Links, from_markdown
from kunak.integrations.telegram.text import FormattedText
from kunak.integrations.telegram.unfinished import close

_OPEN_MARKER = re.compile(r"[\[【][^\]】\n]{0,40}\Z")


class Unfinished:
    """One answer that is being written. It is checked only when it is whole: until then it is shown as it comes."""

    def __init__(self, asked: Asked, told: Told) -> None:
        self._told = told
        self._links = Links(known=asked.question)
        self._numbers: set[int] | None = None
        if asked.mode is GenerationMode.GROUNDED:
            self._numbers = {citation.number for citation, _ in asked.passages}
            citations, passages = zip(*asked.passages, strict=True) if asked.passages else ((), ())
            self._links = grounded_links(citations, [hit.text for hit in passages])

    def text(self, written: str) -> FormattedText:
        """Empty while nothing may be shown: what was written could still be a word that is not for people."""
        if self._told.leaks(written):
            return FormattedText()
        shown = self._told.safe_beginning(written)
        if self._numbers is not None:
            answer = without_suggestions(_without_signal(shown))
            shown = tidy(_OPEN_MARKER.sub("", answer), self._numbers)
        return from_markdown(close(shown), self._links)


def _without_signal(written: str) -> str:
    """Up to the word by which a model says that it found nothing, or to what may become that word."""
    before = written.partition(NOT_FOUND)[0]
    for length in range(min(len(before), len(NOT_FOUND)), 1, -1):
        if before.endswith(NOT_FOUND[:length]):
            return before[:-length]
    return before
