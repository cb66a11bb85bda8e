"""The web application every process with pages starts from."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from starlette.types import Lifespan

from kunak.foundation.errors import KunakError
from kunak.foundation.web.error_pages import ErrorAnswers, UnexpectedErrors
from kunak.foundation.web.pages import Pages
from kunak.foundation.web.request_id import RequestId
from kunak.foundation.web.security import SecurityHeaders


def create_web_app(
    routes: Sequence[BaseRoute], pages: Pages, *, lifespan: Lifespan[Starlette] | None = None
) -> Starlette:
    """These routes and the static files, with request ids, security headers and errors in words."""
    answers = ErrorAnswers(pages)
    return Starlette(
        routes=[*routes, pages.assets.route()],
        middleware=[
            Middleware(RequestId),
            Middleware(SecurityHeaders),
            Middleware(UnexpectedErrors, answers=answers),
        ],
        exception_handlers={KunakError: answers.kunak_error, HTTPException: answers.http_exception},
        lifespan=lifespan,
    )
