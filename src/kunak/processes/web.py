"""The process with the pages."""

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from kunak.features.landing import web as landing
from kunak.foundation.web.app import create_web_app
from kunak.foundation.web.assets import Assets
from kunak.foundation.web.pages import Pages
from kunak.integrations.telegram.sandbox.page import routes as chat_page
from kunak.processes.bootstrap import Kunak
from kunak.processes.health import health_routes


def create_app(kunak: Kunak, *, sandbox: list[BaseRoute] | None = None, pages: Pages | None = None) -> Starlette:
    """The pages. `sandbox`: its routes, when it runs here."""
    pages = pages or create_pages()
    routes = landing.landing_routes(pages, sandbox_url="/sandbox" if sandbox else None, api_docs_url="/api/docs")
    return create_web_app([*routes, *(sandbox or []), *health_routes(kunak)], pages)


def create_pages() -> Pages:
    return Pages(
        Assets(landing=landing.STATIC, sandbox=chat_page.STATIC), landing=landing.TEMPLATES, sandbox=chat_page.TEMPLATES
    )
