"""Questions over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field

from kunak.features.search import service as search
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.languages import nearest
from kunak.foundation.language.words import words_in


class Question(BaseModel):
    """What is asked."""

    question: str = Field(min_length=1, max_length=10_000)


def search_api(sessions: Sessions) -> APIRouter:
    router = APIRouter(tags=["search"])

    @router.post("/ask")
    async def ask(asked: Question, accept_language: Annotated[str | None, Header()] = None) -> dict[str, Any]:
        """The best places for a question: `{"answer", "citations": [{"id", "title", "url", "quote"}], "mode"}`."""
        async with sessions() as session:
            answer = await search.ask(session, asked.question, nearest(accept_language))
        return search.render_json(answer, words_in(answer.language).gettext)

    return router
