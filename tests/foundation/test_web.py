"""Pages: the reader's language, safe headers, errors in words, files that may be kept for ever."""

import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from kunak.foundation.errors import FatalError, InvalidInputError, NotFoundError, RetryableError
from kunak.foundation.web.app import create_web_app
from kunak.foundation.web.assets import HERE, Assets
from kunak.foundation.web.pages import Pages


async def hello(request: Request) -> Response:
    return PlainTextResponse("hello")


async def missing(request: Request) -> Response:
    raise NotFoundError("There is no bot of that name.")


async def refuse(request: Request) -> Response:
    raise InvalidInputError("The price must be a number.")


async def busy(request: Request) -> Response:
    raise RetryableError("10.0.0.7 refused the connection", retry_after=7.2)


async def bad_key(request: Request) -> Response:
    raise FatalError("key sk-very-secret is refused")


async def crash(request: Request) -> Response:
    raise ZeroDivisionError("secret 1234")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    edges = [hello, missing, refuse, busy, bad_key, crash]
    routes = [Route(prefix + edge.__name__, edge) for edge in edges for prefix in ("/", "/api/")]
    app = create_web_app(routes, Pages(Assets()))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://kunak.test") as client:
        yield client


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("ru,en;q=0.9", "Такой страницы нет"),
        ("en-GB", "There is no such page"),
        ("de, ru;q=0.8", "Такой страницы нет"),
        ("de, fr;q=0.8", "There is no such page"),
        ("en;q=0.1, ru;q=0.9", "Такой страницы нет"),
        ("", "Такой страницы нет"),
        ("*;q=zzz", "Такой страницы нет"),
    ],
)
async def test_a_browser_is_answered_in_its_language(client: httpx.AsyncClient, header: str, words: str) -> None:
    page = await client.get("/nowhere", headers={"Accept-Language": header})

    assert page.status_code == 404
    assert words in page.text


async def test_a_language_once_chosen_is_kept(client: httpx.AsyncClient) -> None:
    await client.get("/nowhere?lang=en", headers={"Accept-Language": "ru"})

    page = await client.get("/nowhere", headers={"Accept-Language": "ru"})

    assert page.headers["content-language"] == "en"


async def test_a_theme_once_chosen_is_kept_until_auto(client: httpx.AsyncClient) -> None:
    await client.get("/nowhere?theme=dark")
    assert 'data-theme="dark"' in (await client.get("/nowhere")).text

    await client.get("/nowhere?theme=auto")
    assert "data-theme" not in (await client.get("/nowhere")).text


async def test_pages_run_only_scripts_of_the_house(client: httpx.AsyncClient) -> None:
    page = await client.get("/nowhere")

    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["x-content-type-options"] == "nosniff"


async def test_a_sane_request_id_is_kept_and_a_strange_one_replaced(client: httpx.AsyncClient) -> None:
    kept = await client.get("/hello", headers={"X-Request-ID": "alice-1"})
    replaced = await client.get("/hello", headers={"X-Request-ID": "<script>"})

    assert kept.headers["x-request-id"] == "alice-1"
    assert re.fullmatch(r"[0-9a-f]{16}", replaced.headers["x-request-id"])


async def test_the_api_answers_errors_in_json(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/missing", headers={"X-Request-ID": "r1"})

    assert answer.status_code == 404
    assert answer.json() == {"error": {"status": 404, "message": "There is no bot of that name.", "request_id": "r1"}}


async def test_a_page_tells_what_to_correct(client: httpx.AsyncClient) -> None:
    page = await client.get("/refuse?lang=en")

    assert page.status_code == 400
    assert "The price must be a number." in page.text


async def test_trouble_of_ours_keeps_its_details(client: httpx.AsyncClient) -> None:
    for path in ("/api/busy", "/api/bad_key", "/api/crash", "/busy", "/bad_key", "/crash"):
        answer = await client.get(path)
        assert answer.status_code >= 500
        assert not re.search(r"10\.0\.0\.7|secret|Traceback|ZeroDivision", answer.text), path
        assert answer.headers["x-request-id"] in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_caller_is_told_when_to_come_again(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/busy")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")


async def test_a_file_under_its_true_address_may_be_kept_for_ever(client: httpx.AsyncClient) -> None:
    current = Assets().url("house/tokens.css")
    old = re.sub(r"/[0-9a-f]{12}/", "/000000000000/", current)

    assert "immutable" in (await client.get(current)).headers["cache-control"]
    assert (await client.get(old)).headers["cache-control"] == "no-store"
    assert (await client.get(current)).headers["content-type"].startswith("text/css")


async def test_nothing_outside_the_folder_is_served(client: httpx.AsyncClient) -> None:
    version = Assets().url("house/tokens.css").split("/")[3]

    for path in ("../app.py", "%2e%2e/app.py", "..%2fapp.py"):
        answer = await client.get(f"/static/house/{version}/{path}", follow_redirects=True)
        assert answer.status_code == 404


def test_an_address_changes_with_the_content(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1")
    before = Assets(extra=tmp_path).url("extra/a.js")
    (tmp_path / "a.js").write_text("2")

    assert Assets(extra=tmp_path).url("extra/a.js") != before


def test_vendored_files_are_the_released_ones() -> None:
    notes = list(HERE.glob("vendor/*/VENDORED.md"))
    assert notes
    for note in notes:
        for name, digest in re.findall(r"`(?:dist/)?([\w.-]+)`: sha256 `([0-9a-f]{64})`", note.read_text()):
            assert hashlib.sha256((note.parent / name).read_bytes()).hexdigest() == digest
        assert (note.parent / "LICENSE").exists()
