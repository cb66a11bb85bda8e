"""Questions a person's tap asks of a bot: pressed buttons and inline queries, waiting for their answer."""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request

ANSWER_WITHIN_S = 15.0
_MOST_KEPT = 10_000
_MOST_REMEMBERED = 500
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


@dataclass
class Query:
    """`answer` is set once, by the bot."""

    id: str
    bot_id: int
    user_id: int
    chat_id: int
    text: str
    asked_at: float
    answer: asyncio.Future[JsonObject] = field(repr=False)


class Queries:
    """The open questions. `clock` counts seconds; a question older than `answer_within_s` takes no answer."""

    def __init__(
        self, *, answer_within_s: float = ANSWER_WITHIN_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.answer_within_s = answer_within_s
        self.clock = clock
        self._open: OrderedDict[str, Query] = OrderedDict()
        self._answered: OrderedDict[str, Query] = OrderedDict()

    def ask(self, bot_id: int, user_id: int, chat_id: int, text: str) -> Query:
        future: asyncio.Future[JsonObject] = asyncio.get_running_loop().create_future()
        query = Query(str(secrets.randbits(62)), bot_id, user_id, chat_id, text, self.clock(), future)
        self._open[query.id] = query
        while len(self._open) > _MOST_KEPT:
            self._open.popitem(last=False)
        return query

    def answer(self, bot_id: int, query_id: str, content: JsonObject) -> Query:
        """Take the bot's answer. Raises Refusal for a late one, a second one, or one to another bot's question."""
        query = self._open.get(query_id)
        if query is None or query.bot_id != bot_id or self.clock() - query.asked_at > self.answer_within_s:
            raise bad_request(_TOO_OLD)
        del self._open[query_id]
        if not query.answer.done():
            query.answer.set_result(content)
        self._answered[query.id] = query
        while len(self._answered) > _MOST_REMEMBERED:
            self._answered.popitem(last=False)
        return query

    def answered(self, query_id: str) -> Query | None:
        """A question that has its answer; the oldest are forgotten."""
        return self._answered.get(query_id)

    async def wait_for_answer(self, query: Query) -> JsonObject:
        """Raises TimeoutError when the bot lets the question grow too old."""
        return await asyncio.wait_for(asyncio.shield(query.answer), self.answer_within_s)
