"""Questions that may come next: a model names them with its answer, and those stay that search finds something for."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass

from kunak.features.conversations.schemas import Spoken
from kunak.features.conversations.service.look import Library, quotable
from kunak.features.search import service as search
from kunak.features.search.schemas import Mode, Page
from kunak.foundation.language.languages import nearest

MOST = 3
_SHORTEST, _LONGEST = 6, 120
"""Characters of a question."""
_LINE = re.compile(r"^[ \t]*(?:[-*•][ \t]+)?[*_]*NEXT:[*_]*[ \t]*(?P<question>[^\n]*)$\n?", re.MULTILINE)
_SIGN = "NEXT:"
_MARKUP = re.compile(r"\[\^?\d{1,3}\]|[*_`#<>\[\]]")
_ADDRESS = re.compile(r"://|@\w|\w\.\w{2,}")
"""Where a button leads to must not be said by what was read."""


@dataclass(frozen=True)
class Suggested:
    """What a model wrote: its answer, and the questions behind it."""

    text: str
    questions: tuple[str, ...]


def split_suggestions(markdown: str) -> Suggested:
    """Lines that begin with `NEXT:` are questions, and no part of the answer."""
    questions = (_clean(found["question"]) for found in _LINE.finditer(markdown))
    usable = [each for each in questions if _SHORTEST <= len(each) <= _LONGEST and not _ADDRESS.search(each)]
    return Suggested(_LINE.sub("", markdown).rstrip(), tuple(dict.fromkeys(usable))[:MOST])


def without_suggestions(unfinished: str) -> str:
    """The answer alone, of what is still being written; a last line that may become a suggestion is held back."""
    before, newline, last = unfinished.rpartition("\n")
    may_become_one = _SIGN.startswith(last.strip(" \t*_-•")) if last.strip() else False
    return _LINE.sub("", before if may_become_one else f"{before}{newline}{last}").rstrip()


def _clean(question: str) -> str:
    return " ".join(_MARKUP.sub("", question).split())


async def keep_answerable(library: Library, spoken: Spoken, asked: str, questions: Sequence[str]) -> list[str]:
    """Those that search finds something for, in their order, without the one that was asked."""
    new = [each for each in questions if each.casefold() != asked.strip().casefold()]
    found = await asyncio.gather(*(_is_answerable(library, spoken, each) for each in new))
    return [question for question, is_answerable in zip(new, found, strict=True) if is_answerable]


async def _is_answerable(library: Library, spoken: Spoken, question: str) -> bool:
    language, page = nearest(spoken.message.language_code), Page(most=1, only=quotable(spoken.bot))
    async with library.reading() as session:
        answer = await search.ask(session, question, language, page=page, equipment=library.equipment)
    return answer.mode is not Mode.NOTHING
