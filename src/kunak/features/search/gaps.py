"""Remembers which questions nothing was found for, so that somebody can see to it. Who asked is not kept."""

import logging
import re
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from kunak.features.search.fold import fold
from kunak.features.search.repository import gaps as repository
from kunak.features.search.schemas import Answer, Mode
from kunak.features.search.wish import read_wish
from kunak.features.understanding.schemas import Intent
from kunak.foundation.db.engine import Sessions, one_statement

log = logging.getLogger(__name__)

_LONGEST = 300
"""Characters of a question that are kept."""
_READ = 2_000
"""Characters that are looked at."""
_PRIVATE = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|@\w{4,}|\+?\d(?:[\s()–-]{0,2}\d){6,}|https?://\S+|t\.me/\S+")
_NOT_A_WORD = re.compile(r"[\W_]+")
_WORD = re.compile(r"(?=[^\W\d_]*[аеиоуыэюяaeiouy])[^\W\d_]{3,25}")


async def keep_or_resolve(sessions: Sessions, question: str, answer: Answer, now: datetime) -> None:
    """Count a question without an answer; one that has got one is a gap no more. In a transaction of its own.

    Where a model was not there in time nothing is known of what there is. Never raises because of the database: an
    answer is worth more than its statistics.
    """
    asked = _PRIVATE.sub("…", question[:_READ].replace("\0", " ")).strip()
    folded = _NOT_A_WORD.sub(" ", fold(asked).lower()).strip()[:_LONGEST]
    is_gap = answer.mode is Mode.NOTHING
    if not folded or (is_gap and (answer.is_makeshift or not _is_worth_answering(question[:_READ], folded, now))):
        return
    try:
        if is_gap:
            async with sessions.begin() as session:
                await repository.keep_gap(session, folded, asked[:_LONGEST], answer.language)
        else:
            async with one_statement(sessions) as session:
                await repository.resolve_gap(session, folded)
    except (SQLAlchemyError, OSError) as error:
        log.warning("A question without an answer was not kept: %s", type(error).__name__)


def _is_worth_answering(question: str, folded: str, now: datetime) -> bool:
    """Small talk and noise are no gaps, nor is a period in which nothing happened."""
    wish = read_wish(question, now)
    if wish.intent is Intent.CHAT or (wish.intent is Intent.DIGEST and not wish.subject):
        return False
    return any(_WORD.fullmatch(word) for word in folded.split())
