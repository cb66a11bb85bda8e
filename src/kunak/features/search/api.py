"""Search, suggestions and questions over HTTP."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import AwareDatetime, BaseModel, Field, NaiveDatetime

from kunak.features.search import service as search
from kunak.features.search.schemas import Filters
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.languages import Language, nearest
from kunak.foundation.language.words import words_in

_LONGEST = 10_000

Many = Annotated[list[str] | None, Query(max_length=50)]
Moment = AwareDatetime | NaiveDatetime
"""One without an offset is taken as UTC."""
Price = Annotated[int | None, Query(ge=0, lt=2**63)]
Asked = Annotated[str, Query(max_length=_LONGEST)]


class Question(BaseModel):
    """What is asked."""

    question: str = Field(min_length=1, max_length=_LONGEST)


def read_filters(
    *,
    kind: Many = None,
    source: Many = None,
    language: Annotated[list[Language] | None, Query(max_length=50)] = None,
    place: Many = None,
    category: Many = None,
    published_from: Moment | None = None,
    published_before: Moment | None = None,
    price_from: Price = None,
    price_to: Price = None,
) -> Filters:
    """What may be repeated lets pass what is any of it."""
    return Filters(
        kinds=tuple(kind or ()),
        sources=tuple(source or ()),
        languages=tuple(language or ()),
        places=tuple(place or ()),
        categories=tuple(category or ()),
        published_from=_aware(published_from),
        published_before=_aware(published_before),
        price_from=price_from,
        price_to=price_to,
    )


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


@contextmanager
def _timed(response: Response, what: str) -> Iterator[None]:
    """Says in `Server-Timing` how many milliseconds the block took."""
    started = time.perf_counter()
    yield
    response.headers["Server-Timing"] = f"{what};dur={(time.perf_counter() - started) * 1000:.1f}"


def search_api(sessions: Sessions) -> APIRouter:
    router = APIRouter(tags=["search"])

    @router.get("/search")
    async def find(
        q: Asked,
        response: Response,
        filters: Annotated[Filters, Depends(read_filters)],
        limit: Annotated[int, Query(ge=1, le=100)] = 10,
    ) -> dict[str, Any]:
        """The best passage of each thing: `{"hits": [{"id", "title", "url", "text", …}], "corrected", "mode"}`.

        `"a phrase"` must stand in a hit as it is, `-word` must not.
        """
        with _timed(response, "search"):
            async with sessions() as session:
                found = await search.search(session, q, limit=2 * limit, filters=filters)
        return search.render_found(found, limit=limit)

    @router.get("/suggest")
    async def suggest(q: Asked, response: Response, limit: Annotated[int, Query(ge=1, le=20)] = 8) -> dict[str, Any]:
        """Titles for what is being typed: `{"suggestions": [{"title"}]}`."""
        with _timed(response, "suggest"):
            async with sessions() as session:
                suggestions = await search.suggest(session, q, limit=limit)
        return {"suggestions": [{"title": each.title} for each in suggestions]}

    @router.post("/ask")
    async def ask(
        asked: Question, response: Response, accept_language: Annotated[str | None, Header()] = None
    ) -> dict[str, Any]:
        """The best places for a question: `{"answer", "citations": [{"id", "title", "url", "quote"}], "mode"}`."""
        with _timed(response, "answer"):
            async with sessions() as session:
                answer = await search.ask(session, asked.question, nearest(accept_language))
        return search.render_json(answer, words_in(answer.language).gettext)

    return router
