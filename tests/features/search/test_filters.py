"""Filters are part of the search: whatever they leave is found."""

from datetime import UTC, datetime

import pytest
from tests.features.search.town import entry, find, put

from kunak.features.search.schemas import Filters
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.languages import Language

MAY, JUNE = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
async def town(sessions: Sessions) -> Sessions:
    await put(sessions, [entry(1, "Сдам квартиру у моря", price=25_000, place="Орёл", category="rent")], kind="listing")
    await put(
        sessions,
        [
            entry(2, "Квартира подорожала", source="vesti", published_at=MAY),
            entry(3, "Квартира подешевела", source="gazeta", published_at=JUNE),
            entry(4, "Квартира means a flat in Russian, as everybody learns", source="gazeta"),
        ],
    )
    return sessions


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(), ["doc-1", "doc-2", "doc-3", "doc-4"]),
        (Filters(kinds=("listing",)), ["doc-1"]),
        (Filters(kinds=("listing", "document")), ["doc-1", "doc-2", "doc-3", "doc-4"]),
        (Filters(sources=("gazeta",)), ["doc-3", "doc-4"]),
        (Filters(languages=(Language.ENGLISH,)), ["doc-4"]),
        (Filters(places=("ОРЕЛ",)), ["doc-1"]),
        (Filters(categories=("rent",)), ["doc-1"]),
        (Filters(published_from=MAY, published_before=JUNE), ["doc-2"]),
        (Filters(published_from=JUNE), ["doc-3"]),
        (Filters(price_to=25_000), ["doc-1"]),
        (Filters(price_from=25_001), []),
        (Filters(kinds=("listing",), sources=("gazeta",)), []),
        (Filters(kinds=("'; DROP TABLE search_entries; --",)), []),
    ],
)
async def test_only_what_passes_is_found(town: Sessions, filters: Filters, found: list[str]) -> None:
    assert sorted(await find(town, "квартира", filters)) == found


@pytest.mark.parametrize("rare", [3, 3_500])
async def test_a_filter_that_leaves_little_still_leaves_all_of_it(sessions: Sessions, rare: int) -> None:
    """Both roads: entries looked through one by one, and more candidates than without a filter."""
    texts = [f"Рынок открыт, ряд {number}" for number in range(9_000)]
    await put(sessions, [entry(n, words, source="rare" if n <= rare else "often") for n, words in enumerate(texts, 1)])
    found = await find(sessions, "рынок открыт", Filters(sources=("rare",)), limit=50)
    assert len(found) == min(rare, 50)
    assert all(int(reference.removeprefix("doc-")) <= rare for reference in found)


@pytest.mark.parametrize("name", ["it's", ":kinds", "\\:x", "100%", "ё!0041", '"', "%(kinds)s", "🙂"])
async def test_a_source_is_found_whatever_it_is_called(sessions: Sessions, name: str) -> None:
    await put(sessions, [entry(1, "Рынок открыт", source=name), entry(2, "Рынок открыт снова", source="other")])
    assert await find(sessions, "рынок", Filters(sources=(name,))) == ["doc-1"]
    assert await find(sessions, "рынок", Filters(sources=(f"{name}\0",))) == []
