"""The answers of the API, as its description shows them."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from kunak.features.search.schemas import Mode

_HIT = "The library opens at nine."


class CorrectedWord(BaseModel):
    """A word that nobody else wrote, and the one that was searched for as well."""

    written: str = Field(examples=["libary"])
    meant: str = Field(examples=["library"])


class Told(BaseModel):
    """Where something is told."""

    id: str = Field(examples=["42"])
    title: str = Field(examples=["Opening hours"])
    url: str | None = Field(examples=["https://example.org/42"])
    published_at: datetime | None
    source: str | None = Field(description="The key of its source.", examples=["town_news"])


class FoundPassage(BaseModel):
    """The best passage of one thing."""

    kind: str = Field(examples=["document"])
    id: str = Field(description="The thing's own id, as its source gave it.", examples=["42"])
    title: str = Field(examples=["Opening hours"])
    text: str = Field(examples=[_HIT])
    url: str | None = Field(examples=["https://example.org/42"])
    published_at: datetime | None
    source: str | None = Field(description="The key of its source; a filter.", examples=["town_news"])
    score: float = Field(description="Comparable within one search only.", examples=[7.31])
    also: list[Told] = Field(description="Who else tells this story, first source first.")


class SearchResult(BaseModel):
    """What was found, best first."""

    hits: list[FoundPassage]
    corrected: list[CorrectedWord]
    mode: Mode
    reranked: bool = Field(description="A cross-encoder put the hits into their order.")


class Suggestion(BaseModel):
    """A title that begins with what is typed, or holds it."""

    title: str = Field(examples=["Opening hours"])


class Suggestions(BaseModel):
    """Titles for what is being typed."""

    suggestions: list[Suggestion]


class QuotedSource(Told):
    """A quote and where it comes from."""

    number: int = Field(description="As the answer refers to it: `[1]`.", examples=[1])
    headline: str = Field(description="Of a story in a digest; empty in an answer.", examples=[""])
    quote: str = Field(description="Verbatim.", examples=[_HIT])
    also: list[Told] = Field(description="Who else tells this story, first source first.")


class Period(BaseModel):
    """A stretch of time."""

    from_: datetime = Field(alias="from")
    before: datetime


class Answered(BaseModel):
    """An answer and its sources."""

    answer: str = Field(examples=[f"Here is what I found:\n\n[1] {_HIT}\n— Opening hours\nhttps://example.org/42"])
    citations: list[QuotedSource]
    corrected: list[CorrectedWord]
    mode: Mode
    period: Period | None = Field(description="The time that the question names, or that a digest is of.")
    is_other_time: bool = Field(description="Nothing was found for that time; the quotes are from other times.")
    has_more: bool = Field(description="Of a digest: there are further stories.")


class Citations(BaseModel):
    """Event `citations`: the sources, before the text that refers to them. Once."""

    citations: list[QuotedSource]


class Text(BaseModel):
    """Event `text`: the next piece of the answer; the pieces joined are the answer. Any number of times."""

    text: str


class Done(BaseModel):
    """Event `done`: the answer is whole. Nothing follows."""

    corrected: list[CorrectedWord]
    mode: Mode
    period: Period | None
    is_other_time: bool
    has_more: bool
    timings: Annotated[dict[str, float], Field(description="Milliseconds of each stage, and in `total`.")]


def _schema(event: type[BaseModel]) -> dict[str, Any]:
    schema = event.model_json_schema(ref_template="#/components/schemas/{model}")
    return {name: value for name, value in schema.items() if name != "$defs"}  # they are those of Answered


STREAMED: dict[str, Any] = {
    "description": (
        "As JSON, or, with `Accept: text/event-stream`, as events: `citations` once, `text` any number of times, then "
        "`done`; or `error` at any point, with the body that the error would have as JSON. Comments come while nothing "
        "else does. A stream that ends without `done` or `error` was broken off."
    ),
    "content": {
        "text/event-stream": {
            "schema": {"type": "string"},
            "itemSchema": {
                "oneOf": [
                    *(_schema(event) for event in (Citations, Text, Done)),
                    {"$ref": "#/components/schemas/ErrorBody"},
                ]
            },
            "example": (
                "event: citations\n"
                'data: {"citations": [{"id": "42", "title": "Opening hours", "url": null, "quote": "…"}]}\n\n'
                'event: text\ndata: {"text": "Here is what I found:"}\n\n'
                'event: done\ndata: {"corrected": [], "mode": "lexical", "timings": {"total": 3.1}}\n\n'
            ),
        }
    },
}
