"""The JSON API: search, suggestions, questions; every answer timed and numbered, every fault one sentence."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from kunak.features.search import service as search
from kunak.features.search.schemas import Entry
from kunak.foundation.language.languages import Language
from kunak.foundation.settings import Settings
from kunak.processes.api import create_app
from kunak.processes.bootstrap import open_kunak


@pytest.fixture
async def api(database_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    texts = ["Рынок открыт по субботам.", "Рынок закрыт зимой.", "Мост на ремонте до мая."]
    entries = [
        Entry(number, f"doc-{number}", f"Новость {number}", words, Language.RUSSIAN, source="vesti")
        for number, words in enumerate(texts, start=1)
    ]
    async with open_kunak(Settings(data_dir=tmp_path), database_url=database_url) as kunak:
        async with kunak.sessions.begin() as session:
            await search.index(session, "document", entries)
            await search.refresh_lexicon(session)
        transport = httpx.ASGITransport(create_app(kunak))
        async with httpx.AsyncClient(transport=transport, base_url="http://kunak/api/v1") as client:
            yield client


def stages(answer: httpx.Response) -> list[str]:
    return re.findall(r"(\w+);dur=[\d.]+", answer.headers["Server-Timing"])


async def test_alice_searches(api: httpx.AsyncClient) -> None:
    answer = await api.get("/search", params={"q": "мст ремонт"}, headers={"X-Request-ID": "alice-1"})
    found = answer.json()
    assert [hit["id"] for hit in found["hits"]] == ["doc-3"]
    assert (found["mode"], found["corrected"]) == ("lexical", [])
    assert answer.headers["X-Request-ID"] == "alice-1"
    assert stages(answer) == ["search", "total"]


async def test_bob_narrows_his_search(api: httpx.AsyncClient) -> None:
    narrowed = await api.get("/search?q=рынок -зимой&source=vesti&kind=document&kind=listing&limit=1")
    assert [hit["id"] for hit in narrowed.json()["hits"]] == ["doc-1"]
    nothing = (await api.get("/search", params={"q": "рынок", "published_from": "2026-05-01"})).json()
    assert (nothing["hits"], nothing["mode"]) == ([], "nothing")


async def test_a_slip_is_told(api: httpx.AsyncClient) -> None:
    assert (await api.get("/search", params={"q": "рыонк"})).json()["corrected"] == [
        {"written": "рыонк", "meant": "рынок"}
    ]
    answer = await api.post("/ask", json={"question": "когда открыт рыонк"})
    assert answer.json()["corrected"] == [{"written": "рыонк", "meant": "рынок"}]
    assert stages(answer) == ["search", "quote", "total"]


async def test_titles_are_suggested(api: httpx.AsyncClient) -> None:
    answer = await api.get("/suggest", params={"q": "новость", "limit": 2})
    assert answer.json() == {"suggestions": [{"title": "Новость 1"}, {"title": "Новость 2"}]}
    assert stages(answer) == ["suggest", "total"]


@pytest.mark.parametrize("question", ["", "и в на", "🙂", "\0", "' | ''; DROP TABLE --", "щ" * 10_000, "東京の天気"])
async def test_an_odd_question_finds_nothing(api: httpx.AsyncClient, question: str) -> None:
    answer = await api.get("/search", params={"q": question})
    assert (answer.status_code, answer.json()["hits"]) == (200, [])


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({}, "q: Field required."),
        ({"q": "щ" * 10_001}, "q: String should have at most 10000 characters."),
        ({"q": "рынок", "limit": 0}, "limit: Input should be greater than or equal to 1."),
        ({"q": "рынок", "price_to": 2**63}, f"price_to: Input should be less than {2**63}."),
        ({"q": "рынок", "language": "fr"}, "language.0: Input should be 'ru' or 'en'."),
    ],
)
async def test_what_cannot_be_used_is_told_in_a_sentence(
    api: httpx.AsyncClient, params: dict[str, str | int], sentence: str
) -> None:
    answer = await api.get("/search", params=params, headers={"X-Request-ID": "r1"})
    assert answer.status_code == 422
    assert answer.json() == {"error": {"status": 422, "message": sentence, "request_id": "r1"}}


async def test_what_is_not_there_and_what_is_no_date(api: httpx.AsyncClient) -> None:
    assert (await api.get("/nowhere")).json()["error"]["message"] == "Not Found"
    answer = await api.get("/search", params={"q": "рынок", "published_from": "yesterday"})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith("published_from")
