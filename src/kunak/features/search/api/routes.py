"""The addresses of search."""

import re
from functools import partial
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.encoders import jsonable_encoder
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from kunak.features.search import service as search
from kunak.features.search.api.asking import Asked, Question, read_filters, wants_stream
from kunak.features.search.api.shapes import STREAMED, Answered, Citations, Done, SearchResult, Suggestions, Text
from kunak.features.search.schemas import Equipment, Filters
from kunak.foundation.cache.once import Fleeting, Once
from kunak.foundation.clock import now
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.languages import Language, nearest
from kunak.foundation.language.words import words_in
from kunak.foundation.observability.timing import note_timings, server_timing, stage
from kunak.foundation.web.event_stream import EventStream, Send

_PIECE = re.compile(r".+?(?:\n\n|\Z)", re.DOTALL)


def search_api(sessions: Sessions, writing: Sessions, once: Once, equipment: Equipment) -> APIRouter:
    """`sessions`: for reading; `writing`: for what else must be kept; `once`: where results are."""
    router = APIRouter(tags=["search"])
    models = [each.model for each in (equipment.embedder, equipment.reranker) if each]

    @router.get("/search", operation_id="search", response_model=SearchResult)
    async def find(
        q: Asked, filters: Annotated[Filters, Depends(read_filters)], limit: Annotated[int, Query(ge=1, le=100)] = 10
    ) -> Response:
        """The best passage of each story. `"a phrase"` must stand in a hit as it is, `-word` must not."""
        with note_timings() as timings:
            make = partial(_search, question=q, filters=filters, limit=limit, equipment=equipment)
            asked = ("search", q, limit, jsonable_encoder(filters), models)
            found = await search.remember(sessions, once, *asked, make=make)
        return _json(found.value, timings)

    @router.get("/suggest", operation_id="suggest", response_model=Suggestions)
    async def suggest(q: Asked, limit: Annotated[int, Query(ge=1, le=20)] = 8) -> Response:
        """Titles for what is being typed."""
        with note_timings() as timings, stage("suggest"):
            async with sessions() as session:
                suggestions = await search.suggest(session, q, limit=limit)
        return _json(orjson.dumps({"suggestions": [{"title": each.title} for each in suggestions]}), timings)

    @router.post("/ask", operation_id="ask", response_model=Answered, responses={200: STREAMED})
    async def ask(
        request: Request, asked: Question, accept_language: Annotated[str | None, Header()] = None
    ) -> Response:
        """The best places for a question, each with its source."""
        asking = partial(_ask, writing, equipment, asked.question, nearest(accept_language))
        asking_for = (asked.question, nearest(accept_language), models)
        answering = partial(_answer, sessions, once, asking, *asking_for)
        if wants_stream(request.headers.get("Accept", "")):
            return EventStream(request, partial(_tell, answering))
        with note_timings() as timings:
            answer = await answering()
        return _json(answer, timings, vary="Accept, Accept-Language")

    return router


async def _search(session: AsyncSession, *, question: str, filters: Filters, limit: int, equipment: Equipment) -> bytes:
    with stage("search"):
        found = await search.find(session, question, limit=limit, filters=filters, equipment=equipment)
    return _kept(orjson.dumps(search.render_found(found, limit=limit)), is_makeshift=found.is_makeshift)


async def _answer(sessions: Sessions, once: Once, asking: Any, *asked: object) -> bytes:
    return (await search.remember(sessions, once, "ask", *asked, make=asking)).value


async def _ask(
    writing: Sessions, equipment: Equipment, question: str, language: Language, session: AsyncSession
) -> bytes:
    """A question without an answer is kept as a gap; asked again within the hour, it counts once."""
    answer = await search.ask(session, question, language, equipment=equipment)
    await search.keep_or_resolve(writing, question, answer, now())
    made = orjson.dumps(search.render_json(answer, words_in(answer.language).gettext))
    return _kept(made, is_makeshift=answer.is_makeshift)


def _kept(made: bytes, *, is_makeshift: bool) -> bytes:
    return Fleeting(made) if is_makeshift else made


async def _tell(answering: Any, send: Send) -> None:
    """The answer piece by piece: for now all of them come together, one for each quote."""
    with note_timings() as timings:
        answer = orjson.loads(await answering())
    await send("citations", Citations(**answer))
    for piece in _PIECE.findall(answer["answer"]):
        await send("text", Text(text=piece))
    await send("done", Done(**answer, timings={name: round(took, 1) for name, took in timings.items()}))


def _json(body: bytes, timings: dict[str, float], *, vary: str | None = None) -> Response:
    headers = {"Server-Timing": server_timing(timings)} | ({"Vary": vary} if vary else {})
    return Response(body, media_type="application/json", headers=headers)
