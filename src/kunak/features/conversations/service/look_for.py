"""A question is looked for, together with the one before where it cannot be understood without."""

import re
from dataclasses import dataclass
from datetime import datetime

from kunak.features.conversations.schemas import NewSearch, Span, View, Wish
from kunak.features.conversations.service.look import Library, page_of, span_of
from kunak.features.search import service as search
from kunak.features.search.schemas import Answer, Page

LONGEST = 2000
"""Characters; search reads no further."""
_MOST_OF_BEFORE = 300
"""Characters of what was said before that are searched for together with a question: the question is what is asked."""

_REFERS = re.compile(
    r"\b(?:он|она|оно|они|его|её|ее|ему|ей|ею|им|ими|их|н[её]м|ней|нему|него|не[её]|них|ним|это|этого|там|туда|оттуда|тогда|"
    r"(?-i:[Ii]t)|its|they|them|their|he|him|his|she|her)\b"
    r"|(?<!is )(?<!are )(?<!was )(?<!were )\bthere\b(?! (?:is|are|was|were)\b)",
    re.IGNORECASE,
)
"""What it is about was named before. What has such a word, and its own subject too, is rare. `IT` is a trade."""
_NAMES_ITSELF = re.compile(
    r"^(?P<named>(?:где|where)\b.+?)\s+(?:и|and)\b.*"
    r"|\b(?:это правда|правда ли это),? что\b|\bчто там (?=(?:с|со|у)\b)"
    r"|\bis it (?:true that|(?:possible|allowed|necessary|safe) to)\b|\bit takes? (?=to\b)",
    re.IGNORECASE | re.DOTALL,
)
"""Words that look back no further than to `named`, or to nothing at all."""
_MAY_GO_ON = re.compile(
    r"^(?:а|и|но|and|but|what about|how about)\b|\b(?:этот|эта|эти|этом|that|this|those|these|there)\b", re.IGNORECASE
)
"""It may go on with the subject, or change it: only what is found tells."""


@dataclass(frozen=True)
class Sought:
    """What is looked for. `only`: where; `before`: what was asked before this, empty when nothing was."""

    asked: NewSearch
    only: tuple[str, ...]
    at: datetime
    before: str


async def look_for(library: Library, sought: Sought, span: Span) -> tuple[Answer, View]:
    """Of the span; when nothing happened in it, the latest there is."""
    answer = await _find(library, sought, page_of(sought.asked, View(span), sought.at, sought.only))
    if span is not Span.ANY and not answer.citations:
        return await look_for(library, sought, Span.ANY)
    return answer, View(span_of(answer, sought.at) if span is Span.ANY else span)


async def _find(library: Library, sought: Sought, page: Page) -> Answer:
    """The first of the ways to ask it that finds something."""
    asked, at = sought.asked, sought.at
    for question in _ways_to_ask(asked, sought.before):
        async with library.reading() as session:
            answer = await search.ask(session, question, asked.language, now=at, page=page, equipment=library.equipment)
        if answer.citations:
            break
    return answer


def _ways_to_ask(asked: NewSearch, before: str) -> list[str]:
    """Together with the question before it first where it refers to that, and last where it only may."""
    alone, together = asked.question, f"{before[:_MOST_OF_BEFORE]} {asked.question}"[-LONGEST:]
    if not before or asked.wish is not Wish.QUESTION:
        return [alone]
    looking_back = _NAMES_ITSELF.sub(lambda found: found["named"] or "", alone)
    if _REFERS.search(looking_back):
        return [together, alone]
    return [alone, together] if _MAY_GO_ON.search(looking_back) else [alone]
