"""Our points and conditions in Qdrant's words."""

import hashlib
import re
from collections.abc import Sequence
from math import isfinite
from typing import Any

from qdrant_client import models

from kunak.foundation.errors import InvalidInputError
from kunak.integrations.vector_index.interface import Collection, Conditions, Point

FIELDS = {
    "kind": models.PayloadSchemaType.KEYWORD,
    "source": models.PayloadSchemaType.KEYWORD,
    "language": models.PayloadSchemaType.KEYWORD,
    "place": models.PayloadSchemaType.KEYWORD,
    "category": models.PayloadSchemaType.KEYWORD,
    "published_at": models.PayloadSchemaType.DATETIME,
    "price": models.PayloadSchemaType.INTEGER,
}
"""What can be asked of an entry, and how Qdrant keeps it."""

_SLUG_LENGTH = 40


def collection_name(collection: Collection) -> str:
    """Safe in an address, readable, and another one for every owner, model and number of dimensions."""
    told = f"{collection.owner}\n{collection.model}\n{collection.dimensions}"
    digest = hashlib.sha256(told.encode()).hexdigest()[:12]
    return f"{_slug(collection.owner)}-{_slug(collection.model)}-{collection.dimensions}-{digest}"


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:_SLUG_LENGTH]


def check_vector(collection: Collection, vector: Sequence[float]) -> list[float]:
    """
    Raises:
        InvalidInputError: it is none of this collection.
    """
    if len(vector) != collection.dimensions:
        raise InvalidInputError(
            f"The vector has {len(vector)} dimensions, those of {collection.model} have {collection.dimensions}."
        )
    if not all(map(isfinite, vector)):
        raise InvalidInputError("The vector holds numbers that are none (infinite, or not a number).")
    return list(vector)


def to_batch(collection: Collection, points: Sequence[Point]) -> models.Batch:
    return models.Batch(
        ids=[point.entry_id for point in points],
        vectors=[check_vector(collection, point.vector) for point in points],
        payloads=[_payload(point) for point in points],
    )


def _payload(point: Point) -> dict[str, Any]:
    told = {name: getattr(point, name) for name in FIELDS}
    if point.place is not None:
        told["place"] = _fold(point.place)
    if point.published_at is not None:
        told["published_at"] = point.published_at.isoformat()
    return {name: value for name, value in told.items() if value is not None}


def to_filter(conditions: Conditions) -> models.Filter | None:
    """None when nothing is asked for."""
    must: list[models.Condition] = [
        *_one_of("kind", conditions.kinds),
        *_one_of("source", conditions.sources),
        *_one_of("language", conditions.languages),
        *_one_of("place", [_fold(place) for place in conditions.places]),
        *_one_of("category", conditions.categories),
    ]
    if conditions.published_from is not None or conditions.published_before is not None:
        period = models.DatetimeRange(gte=conditions.published_from, lt=conditions.published_before)
        must.append(models.FieldCondition(key="published_at", range=period))
    if conditions.price_from is not None or conditions.price_to is not None:
        prices = models.Range(gte=conditions.price_from, lte=conditions.price_to)
        must.append(models.FieldCondition(key="price", range=prices))
    return models.Filter(must=must) if must else None


def _one_of(field: str, values: Sequence[str]) -> list[models.Condition]:
    return [models.FieldCondition(key=field, match=models.MatchAny(any=list(values)))] if values else []


def _fold(place: str) -> str:
    return place.lower().replace("ё", "е")
