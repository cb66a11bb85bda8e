"""Errors of the JSON API: one sentence and the request's id, in one shape."""

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kunak.foundation.db.outage import is_outage
from kunak.foundation.errors import KunakError, RetryableError
from kunak.foundation.web.request_id import RequestId, request_id_of

_log = structlog.get_logger(__name__)


class ErrorDetails(BaseModel):
    """What went wrong."""

    status: int = Field(examples=[422])
    message: str = Field(description="One sentence for a person.", examples=["q: Field required."])
    request_id: str = Field(description="As in `X-Request-ID`; the log knows it too.")


class ErrorBody(BaseModel):
    """The body of every error."""

    error: ErrorDetails


def documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """These errors, for the description of routes that may answer them."""
    return {status.value: {"model": ErrorBody, "description": status.phrase} for status in statuses}


def speak_json(app: FastAPI) -> None:
    """Give every request of `app` an id, and every error the shape of `ErrorBody`."""
    app.add_middleware(_UnexpectedErrors)
    app.add_middleware(RequestId)
    for known in (KunakError, RequestValidationError, HTTPException):
        app.add_exception_handler(known, _answer_known)


def describe(request: Request, error: Exception) -> ErrorBody:
    """The error as the other side may know it; what is our fault is logged, and told by its kind alone."""
    status, sentence = _read(error)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("request_crashed", path=request.url.path, method=request.method, exc_info=error)
    elif status > HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.warning("request_failed", path=request.url.path, error=type(error).__name__)
    return ErrorBody(error=ErrorDetails(status=status, message=sentence, request_id=request_id_of(request.scope)))


def json_error(body: ErrorBody, headers: dict[str, str] | None = None) -> Response:
    return Response(body.model_dump_json(), body.error.status, headers=headers, media_type="application/json")


def _read(error: Exception) -> tuple[HTTPStatus, str]:
    match error:
        case KunakError():
            ours = error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
            return error.status, (type(error).__doc__ or "").strip() if ours else str(error)
        case RequestValidationError():
            said = [f"{_place(each)}: {each.get('msg', 'not valid')}" for each in list(error.errors())[:3]]
            return HTTPStatus.UNPROCESSABLE_ENTITY, f"{'; '.join(said)}."
        case HTTPException():
            return HTTPStatus(error.status_code), str(error.detail)
        case _ if is_outage(error):
            return HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer just now."
        case _:
            return HTTPStatus.INTERNAL_SERVER_ERROR, "Something broke on our side."


def _place(problem: dict[str, Any]) -> str:
    """`limit` of `("query", "limit")`; `request` for what is wrong with the whole."""
    return ".".join(str(step) for step in problem.get("loc", ())[1:]) or "request"


def _methods_at(request: Request) -> str:
    """All that the description of the app knows at this path: the framework's own word is of one route alone."""
    app: FastAPI = request.app
    known = [
        list(ways) for path, ways in app.openapi()["paths"].items() if compile_path(path)[0].match(request.url.path)
    ]
    return ", ".join(sorted(each.upper() for each in known[0])) if known else ""


async def _answer_known(request: Request, error: Exception) -> Response:
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if isinstance(error, HTTPException) and error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = _methods_at(request) or headers.get("Allow", "")
    if isinstance(error, RetryableError) and error.retry_after is not None:
        headers["Retry-After"] = str(max(1, round(error.retry_after)))
    return json_error(describe(request, error), headers)


class _UnexpectedErrors:
    """ASGI middleware: what nobody foresaw is answered within the others, so that the answer has their headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watched_send)
        except Exception as error:
            if started:  # half an answer is out: only a broken connection can say that it is not whole
                raise
            await json_error(describe(Request(scope), error))(scope, receive, send)
