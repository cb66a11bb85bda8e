"""The front page tells what Kunak is and leads on to what runs."""

import httpx

from kunak.features.landing.web import STATIC, TEMPLATES, landing_routes
from kunak.foundation.web.app import create_web_app
from kunak.foundation.web.assets import Assets
from kunak.foundation.web.pages import Pages


async def read_front_page(language: str, *, sandbox_url: str | None) -> str:
    pages = Pages(Assets(landing=STATIC), landing=TEMPLATES)
    app = create_web_app(landing_routes(pages, sandbox_url=sandbox_url, api_docs_url="/api/docs"), pages)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://kunak.test") as client:
        return (await client.get("/", params={"lang": language})).text


async def test_it_speaks_both_languages() -> None:
    assert "Свой человек в вашем городе" in await read_front_page("ru", sandbox_url=None)
    assert "A friend in your town" in await read_front_page("en", sandbox_url=None)


async def test_it_leads_to_the_sandbox_only_where_one_runs() -> None:
    assert 'href="/sandbox"' in await read_front_page("en", sandbox_url="/sandbox")
    assert "sandbox" not in (await read_front_page("en", sandbox_url=None)).lower()
