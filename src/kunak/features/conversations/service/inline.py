"""What is typed after the bot's name in any chat is looked up at once."""

from typing import Any

from kunak.features.bots.schemas import Bot
from kunak.features.conversations.render.inline import button_above, how_to, inline_results
from kunak.features.conversations.schemas import PAGE
from kunak.features.conversations.service.look import may_look_up, quotable
from kunak.features.messaging.schemas import Say
from kunak.features.search import service as search
from kunak.features.search.schemas import Page
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.languages import nearest
from kunak.foundation.language.words import words_for, words_in
from kunak.integrations.telegram.incoming import IncomingInlineQuery

_LONGEST_QUERY = 256
"""Characters; Telegram promises no more."""
_SAME_FOR_S = 60
"""Seconds for which Telegram may give everybody the same results."""
_MOST_SKIPPED = 100


async def answer_inline(sessions: Sessions, bot: Bot, query: IncomingInlineQuery) -> Say:
    """A page of results; for nothing typed, how to use it.

    By words alone: a model that is asked at every letter would be too slow, and too dear.
    """
    text = query.text[:_LONGEST_QUERY].strip()
    if not text:
        words = words_for(query.language_code)
        return _say(query, {"results": how_to(bot.username, words), "is_personal": True})
    if not may_look_up(bot):
        return _say(query, {"results": [], "is_personal": False})
    async with sessions() as session:
        skip = _read_offset(query.offset)
        page = Page(skip=skip, most=PAGE, only=quotable(bot))
        answer = await search.ask(session, text, nearest(query.language_code), page=page)
    # In the language of the question, not of the person: so the results are the same for all, and Telegram keeps them.
    words = words_in(answer.language)
    told: dict[str, Any] = {"results": inline_results(answer.citations, words), "is_personal": False}
    if not answer.citations and not skip:
        told["button"] = button_above(words.gettext("Nothing was found. Ask me in private"))
    following = skip + len(answer.citations)
    told["next_offset"] = str(following) if answer.has_more and following <= _MOST_SKIPPED else ""
    return _say(query, told)


def _say(query: IncomingInlineQuery, told: dict[str, Any]) -> Say:
    return Say("answerInlineQuery", {"inline_query_id": query.id, "cache_time": _SAME_FOR_S, **told})


def _read_offset(offset: str) -> int:
    """Ours, as we gave it; anything else begins at the first result."""
    if not (offset.isascii() and offset.isdecimal() and len(offset) <= len(str(_MOST_SKIPPED))):
        return 0
    return min(int(offset), _MOST_SKIPPED)
