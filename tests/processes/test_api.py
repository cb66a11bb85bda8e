"""The JSON API: search, suggestions, questions; every answer timed and numbered, every fault one sentence."""

import asyncio
import dataclasses
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from tests.processes.fuzzing import try_to_break

from kunak.features.search import service as search
from kunak.features.search.schemas import Entry
from kunak.foundation.language.languages import Language
from kunak.foundation.settings import Settings
from kunak.processes.api import create_app
from kunak.processes.bootstrap import Kunak, open_kunak

UNLIMITED = {"api_rate_per_address": 10**9}


@pytest.fixture
async def kunak(database_url: str, tmp_path: Path) -> AsyncIterator[Kunak]:
    texts = ["Рынок открыт по субботам.", "Рынок закрыт зимой.", "Мост на ремонте до мая."]
    entries = [
        Entry(number, f"doc-{number}", f"Новость {number}", words, Language.RUSSIAN, source="vesti")
        for number, words in enumerate(texts, start=1)
    ]
    async with open_kunak(Settings(data_dir=tmp_path), database_url=database_url) as kunak:
        async with kunak.sessions.begin() as session:
            await search.index(session, "document", entries)
            await search.refresh_lexicon(session)
        yield kunak


@pytest.fixture
async def api(kunak: Kunak) -> AsyncIterator[httpx.AsyncClient]:
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


@pytest.mark.parametrize(
    "params",
    [
        {"source": "town\0news"},
        {"place": "\0"},
        {"published_from": "0001-01-01T00:00:00+14:00"},
        {"published_before": "9999-12-31T23:59:59-14:00"},
    ],
)
async def test_filters_that_nothing_can_have_are_refused(api: httpx.AsyncClient, params: dict[str, str]) -> None:
    assert (await api.get("/search", params={"q": "рынок", **params})).status_code == 422


async def test_an_answer_is_streamed_to_who_asks_for_events(api: httpx.AsyncClient) -> None:
    asked = {"question": "когда открыт рынок"}
    whole = (await api.post("/ask", json=asked)).json()
    answer = await api.post("/ask", json=asked, headers={"Accept": "text/event-stream", "X-Request-ID": "alice-1"})
    told = [line.partition(": ")[2] for line in answer.text.splitlines() if line]
    names, data = told[0::2], [json.loads(each) for each in told[1::2]]
    assert names == ["citations", "text", "text", "done"]
    assert "".join(each["text"] for each in data[1:-1]) == whole["answer"]
    assert data[0]["citations"] == whole["citations"]
    assert (data[-1]["mode"], data[-1]["corrected"]) == ("lexical", [])
    assert list(data[-1]["timings"]) == ["total"]  # it was remembered
    assert (answer.headers["X-Request-ID"], answer.headers["X-Accel-Buffering"]) == ("alice-1", "no")


async def test_two_streams_at_once_are_two_answers(api: httpx.AsyncClient) -> None:
    questions = ["когда открыт рынок", "мост на ремонте?"]
    headers = {"Accept": "text/event-stream"}
    answers = await asyncio.gather(*(api.post("/ask", json={"question": each}, headers=headers) for each in questions))
    assert ["doc-1" in answer.text for answer in answers] == [True, False]
    assert ["doc-3" in answer.text for answer in answers] == [False, True]


@pytest.mark.parametrize(
    ("accept", "streams"),
    [
        ("*/*", False),
        ("application/json, text/event-stream", False),
        ("application/json;q=0.5, text/event-stream", True),
        ("text/event-stream;q=0", False),
        ("text/event-stream;q=high, ;;,", False),
    ],
)
async def test_json_is_given_unless_events_are_preferred(api: httpx.AsyncClient, accept: str, streams: bool) -> None:
    answer = await api.post("/ask", json={"question": "рынок"}, headers={"Accept": accept})
    assert (answer.headers["Content-Type"].startswith("text/event-stream")) is streams


async def test_a_question_that_cannot_be_used_is_refused_before_the_stream(api: httpx.AsyncClient) -> None:
    answer = await api.post("/ask", json={}, headers={"Accept": "text/event-stream"})
    assert (answer.status_code, answer.json()["error"]["message"]) == (422, "question: Field required.")


async def test_a_result_is_given_again_until_the_index_changes(api: httpx.AsyncClient, kunak: Kunak) -> None:
    first = await api.get("/search", params={"q": "рынок"})
    again = await api.get("/search", params={"q": "рынок"})
    assert (stages(first), stages(again)) == (["search", "total"], ["total"])
    assert first.json() == again.json()
    async with kunak.sessions.begin() as session:
        await search.remove(session, "document", [1])
    assert [hit["id"] for hit in (await api.get("/search", params={"q": "рынок"})).json()["hits"]] == ["doc-2"]


async def test_what_differs_is_not_mistaken(api: httpx.AsyncClient) -> None:
    """Each of these would give something else; none is given another's result."""
    asked: list[dict[str, str | int]] = [
        {"limit": 1},
        {"limit": 2},
        {"source": "nobody"},
        {"published_before": "2026-01-01"},
    ]
    found = [len((await api.get("/search", params={"q": "рынок", **each})).json()["hits"]) for each in asked * 2]
    assert found == [1, 2, 0, 0] * 2


async def test_too_many_requests_are_refused(api: httpx.AsyncClient) -> None:
    answers = [await api.get("/suggest", params={"q": "н"}) for _ in range(101)]
    assert [answer.status_code for answer in answers[-2:]] == [200, 429]
    assert int(answers[-1].headers["Retry-After"]) <= 60


async def test_an_outage_is_told_with_all_the_headers_of_an_answer(
    api: httpx.AsyncClient, kunak: Kunak, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(search, "remember", fail)
    answer = await api.get("/search", params={"q": "рынок"}, headers={"X-Request-ID": "r1"})
    assert (answer.status_code, answer.headers["X-Request-ID"]) == (503, "r1")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.json()["error"]["message"] == "The database does not answer just now."


async def test_its_description_names_every_shape(api: httpx.AsyncClient) -> None:
    description = (await api.get("/../openapi.json")).json()
    for path in description["paths"].values():
        for operation in path.values():
            for response in operation["responses"].values():
                assert "$ref" in response["content"]["application/json"]["schema"]


async def test_no_request_breaks_it(kunak: Kunak) -> None:
    """Requests made from the description, right and wrong ones: every answer is one that the description holds."""
    app = create_app(dataclasses.replace(kunak, settings=kunak.settings.model_copy(update=UNLIMITED)))
    phases = ("--phases", "examples,coverage,fuzzing", "--max-examples", "25")
    await try_to_break(app, kunak.settings.data_dir, *phases, "--exclude-path-regex", "/(sources|embed)")
