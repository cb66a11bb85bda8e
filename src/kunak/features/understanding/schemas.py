"""The shapes that leave understanding."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from kunak.foundation.language.languages import Language


class Intent(StrEnum):
    """What a person wants of us; docs/understanding.md draws the borders."""

    ASK = "ask"
    """To know something about the world of the corpus."""
    DIGEST = "digest"
    """To hear what is new: the news of a period or a place."""
    FIND_LISTING = "find_listing"
    """To find an offer, a job, a thing, a service."""
    POST_LISTING = "post_listing"
    """To publish an offer."""
    CHAT = "chat"
    """To greet, thank, talk, or have a task done that needs no corpus."""


class Category(StrEnum):
    """The shelves of a classifieds board."""

    HOUSING_RENT = "housing_rent"
    HOUSING_SALE = "housing_sale"
    HOUSING = "housing"
    """A dwelling, and nothing says whether for rent or for sale."""
    JOBS = "jobs"
    SERVICES = "services"
    TRANSPORT = "transport"
    ELECTRONICS = "electronics"
    HOME_GARDEN = "home_garden"
    CLOTHES = "clothes"
    KIDS = "kids"
    ANIMALS = "animals"
    FOOD = "food"
    HEALTH_BEAUTY = "health_beauty"
    HOBBY = "hobby"
    BUSINESS = "business"


@dataclass(frozen=True)
class Period:
    """A stretch of time: `start` belongs to it, `end` does not; both aware, in the reader's time zone."""

    start: datetime
    end: datetime
    text: str
    """The words that name it, as they were written."""

    def to_json(self) -> dict[str, str]:
        """`{"from", "to", "text"}`: dates, both included, for whole days; moments when it begins within a day."""
        if self.start.time() == self.end.time() == datetime.min.time():
            first, last = self.start.date(), (self.end - timedelta(days=1)).date()
            return {"from": first.isoformat(), "to": last.isoformat(), "text": self.text}
        return {"from": self.start.isoformat(), "to": self.end.isoformat(), "text": self.text}


@dataclass(frozen=True)
class Place:
    """A town, village, region or country of the gazetteer."""

    id: str
    """One for all spellings and languages, such as `nizhny-novgorod`."""
    name: str
    """In the dictionary form, in the language it was named in."""
    text: str
    """The words that name it, as they were written."""

    def to_json(self) -> dict[str, str]:
        return {"id": self.id, "name": self.name, "text": self.text}


@dataclass(frozen=True)
class Price:
    """Borders of a price, both included; a single price is both."""

    min: int | None
    max: int | None
    currency: str
    """`RUB`, `USD` or `EUR`."""
    text: str
    """The words that name it, as they were written."""

    def to_json(self) -> dict[str, Any]:
        return {"min": self.min, "max": self.max, "currency": self.currency, "text": self.text}


@dataclass(frozen=True)
class Filters:
    """What narrows a search; None is no border."""

    period: Period | None = None
    place: Place | None = None
    price: Price | None = None
    category: Category | None = None

    def to_json(self) -> dict[str, Any]:
        """Only what is there; `category` is its id."""
        found: dict[str, Any] = {
            name: each.to_json()
            for name, each in (("period", self.period), ("place", self.place), ("price", self.price))
            if each is not None
        }
        return found | ({"category": str(self.category)} if self.category is not None else {})


@dataclass(frozen=True)
class Understanding:
    """What a text wants."""

    intent: Intent
    language: Language
    filters: Filters
    confidence: float
    """How likely the intent is right, 0 to 1; calibrated on examples."""

    def to_json(self) -> dict[str, Any]:
        return {
            "intent": str(self.intent),
            "language": str(self.language),
            "filters": self.filters.to_json(),
            "confidence": round(self.confidence, 3),
        }
