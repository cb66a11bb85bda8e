"""What may be asked, and how it is read from a request."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, NaiveDatetime

from kunak.features.search.schemas import Filters
from kunak.foundation.language.languages import Language

_LONGEST = 10_000
_YEARS = range(1000, 9000)


def _without_zero(name: str) -> str:
    if "\0" in name:
        raise ValueError("no name holds a zero byte")
    return name


def _within_reason(moment: datetime) -> datetime:
    if moment.year not in _YEARS:
        raise ValueError("no document is of that year")
    return moment


Name = Annotated[str, AfterValidator(_without_zero)]
Many = Annotated[list[Name] | None, Query(max_length=50)]
Moment = Annotated[AwareDatetime | NaiveDatetime, AfterValidator(_within_reason)]
"""One without an offset is taken as UTC."""
Price = Annotated[int | None, Query(ge=0, lt=2**63)]
Asked = Annotated[str, Query(max_length=_LONGEST, examples=["когда откроют мост"])]


class Question(BaseModel):
    """What is asked."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"question": "When is the library open?"}]})

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


def wants_stream(accept: str) -> bool:
    """Whether an `Accept` header asks for events rather than for JSON; what is named first wins a tie."""
    weighed = sorted(_weighed(accept), key=lambda pair: -pair[1])
    first = next((name for name, weight in weighed if weight > 0), "")
    return first == "text/event-stream"


def _weighed(accept: str) -> list[tuple[str, float]]:
    found = []
    for part in accept.split(",")[:20]:
        name, *parameters = [each.strip().lower() for each in part.split(";")]
        weight = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        try:
            found.append((name, float(weight)))
        except ValueError:
            continue
    return found
