"""Texts in, vectors out: what search would make of them."""

from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kunak.foundation.errors import InvalidInputError, RetryableError, TerminalError
from kunak.foundation.web.api_key import Gate
from kunak.foundation.web.json_errors import documented
from kunak.integrations.embeddings.interface import Embedder, Vector

_MOST_TEXTS = 256
_MOST_QUESTIONS = 32
_ERRORS = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
Text = Annotated[str, StringConstraints(min_length=1, max_length=100_000, pattern=r"\S")]


class NoEmbedderError(RetryableError):
    """No embedder is configured: KUNAK_EMBEDDINGS_URL names a server, KUNAK_EMBEDDINGS_LOCAL a model of our own."""


class TextsToEmbed(BaseModel):
    """What vectors are wanted of."""

    model_config = ConfigDict(strict=True, json_schema_extra={"examples": [{"texts": ["The library opens at nine."]}]})

    texts: list[Text] = Field(
        min_length=1,
        max_length=_MOST_TEXTS,
        description=f"Of a long one the beginning counts. {_MOST_QUESTIONS} questions at most.",
    )
    kind: Literal["passage", "question"] = Field(
        default="passage", description="What can be found, or what is asked: some models tell them apart."
    )


class Vectors(BaseModel):
    """One vector a text, in their order."""

    model: str = Field(description="Only vectors of one model can be compared.", examples=["text-embedding-3-small"])
    dimensions: int
    vectors: list[list[float]] = Field(description="Each of length one.")


def embed_api(embedder: Embedder | None, gate: Gate) -> APIRouter:
    """`embedder`: None where none is set; then every request is answered 503."""
    errors: dict[int | str, dict[str, Any]] = documented(*_ERRORS)
    router = APIRouter(tags=["vectors"], dependencies=[Depends(gate)], responses=errors)

    @router.post("/embed", operation_id="embed")
    async def embed(wanted: TextsToEmbed) -> Vectors:
        """Vectors as search makes them, with the id of their model."""
        if embedder is None:
            raise NoEmbedderError
        try:
            vectors = await _embed(embedder, wanted)
        except TerminalError as error:
            raise InvalidInputError(str(error)) from error
        return Vectors(model=embedder.model, dimensions=len(vectors[0]), vectors=[list(each) for each in vectors])

    return router


async def _embed(embedder: Embedder, wanted: TextsToEmbed) -> list[Vector]:
    if wanted.kind == "passage":
        return await embedder.embed_passages(wanted.texts)
    if len(wanted.texts) > _MOST_QUESTIONS:
        raise InvalidInputError(f"Ask for the vectors of {_MOST_QUESTIONS} questions at most.")
    return [await embedder.embed_query(text) for text in wanted.texts]
