"""Which filter lets what through: one table for every place that may be asked what is near."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from kunak.integrations.vector_index.interface import Conditions, Point

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
MOSCOW = timezone(timedelta(hours=3))

FLAT = Point(
    1, [1, 0, 0, 0], "listing", "ru", source="board", place="Орёл", category="rent", published_at=NOON, price=25_000
)
BIKE = Point(2, [1, 1, 0, 0], "listing", "en", source="board", place="Нальчик", category="sale", price=0)
NEWS = Point(3, [0, 1, 0, 0], "document", "ru", source="@town", place="НАЛЬЧИК", published_at=NOON - TICK)
NOTE = Point(4, [-1, 0, 0, 0], "document", "en")
ALL = {1, 2, 3, 4}

CASES = [
    pytest.param(Conditions(), ALL, id="nothing is asked"),
    pytest.param(Conditions(kinds=("listing",)), {1, 2}, id="a kind"),
    pytest.param(Conditions(kinds=("listing", "document")), ALL, id="either kind"),
    pytest.param(Conditions(kinds=("story",)), set(), id="a kind of which there is none"),
    pytest.param(Conditions(kinds=("list",)), set(), id="a part of a kind is no kind"),
    pytest.param(Conditions(kinds=("Listing",)), set(), id="kinds are compared letter by letter"),
    pytest.param(Conditions(sources=("board", "@town")), {1, 2, 3}, id="sources; who has none is out"),
    pytest.param(Conditions(languages=("ru",)), {1, 3}, id="a language"),
    pytest.param(Conditions(places=("нальчик",)), {2, 3}, id="places in whatever case"),
    pytest.param(Conditions(places=("Орел",)), {1}, id="ё is е"),
    pytest.param(Conditions(places=("ОРЁЛ", "Нальчик")), {1, 2, 3}, id="either place"),
    pytest.param(Conditions(categories=("rent",)), {1}, id="a category"),
    pytest.param(Conditions(published_from=NOON), {1}, id="from a moment on"),
    pytest.param(Conditions(published_from=NOON - TICK), {1, 3}, id="from a microsecond earlier"),
    pytest.param(Conditions(published_before=NOON), {3}, id="before a moment; who has no time is out"),
    pytest.param(Conditions(published_before=NOON + TICK), {1, 3}, id="before a microsecond later"),
    pytest.param(Conditions(published_from=NOON, published_before=NOON), set(), id="an empty period"),
    pytest.param(Conditions(published_from=NOON.astimezone(MOSCOW)), {1}, id="a moment in another zone"),
    pytest.param(Conditions(price_from=25_000), {1}, id="from a price, itself too"),
    pytest.param(Conditions(price_from=25_001), set(), id="from a price above"),
    pytest.param(Conditions(price_to=25_000), {1, 2}, id="up to a price, itself too; who has none is out"),
    pytest.param(Conditions(price_to=24_999), {2}, id="up to a price below"),
    pytest.param(Conditions(price_from=0), {1, 2}, id="from nought"),
    pytest.param(Conditions(price_to=0), {2}, id="up to nought"),
    pytest.param(Conditions(price_from=2, price_to=1), set(), id="an empty range"),
    pytest.param(Conditions(price_to=10**18), {1, 2}, id="up to more than there is money"),
    pytest.param(Conditions(languages=("ru",), places=("нальчик",)), {3}, id="all at once"),
    pytest.param(Conditions(kinds=("document",), price_from=0), set(), id="all at once, and nobody fits"),
]
