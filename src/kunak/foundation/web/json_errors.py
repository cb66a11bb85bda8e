"""Errors of the JSON API: one sentence and the request's id, in one shape."""

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kunak.foundation.db.outage import is_outage
from kunak.foundation.errors import KunakError, RetryableError
from kunak.foundation.web.request_id import RequestId

_log = structlog.get_logger(__name__)


def speak_json(app: FastAPI) -> None:
    """Give every request of `app` an id, and every error the shape `{"error": {"status", "message", "request_id"}}`."""
    app.add_middleware(RequestId)
    app.add_exception_handler(KunakError, _kunak_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(Exception, _unexpected)


async def _kunak_error(request: Request, error: Exception) -> Response:
    known = error if isinstance(error, KunakError) else KunakError()
    ours = known.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if ours:
        _log.warning("request_failed", path=request.url.path, error=type(known).__name__)
    headers = {}
    if isinstance(known, RetryableError) and known.retry_after is not None:
        headers["Retry-After"] = str(max(1, round(known.retry_after)))
    return _answer(request, known.status, (type(known).__doc__ or "").strip() if ours else str(known), headers)


async def _validation_error(request: Request, error: Exception) -> Response:
    problems: list[dict[str, Any]] = list(error.errors()) if isinstance(error, RequestValidationError) else []
    said = [f"{_place(each)}: {each.get('msg', 'not valid')}" for each in problems[:3]]
    return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, f"{'; '.join(said)}.", {})


def _place(problem: dict[str, Any]) -> str:
    """`limit` of `("query", "limit")`; `request` for what is wrong with the whole."""
    return ".".join(str(step) for step in problem.get("loc", ())[1:]) or "request"


async def _http_exception(request: Request, error: Exception) -> Response:
    known = error if isinstance(error, HTTPException) else HTTPException(500)
    return _answer(request, HTTPStatus(known.status_code), str(known.detail), dict(known.headers or {}))


async def _unexpected(request: Request, error: Exception) -> Response:
    if is_outage(error):
        return _answer(request, HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer just now.", {})
    return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, "Something broke on our side.", {})


def _answer(request: Request, status: HTTPStatus, sentence: str, headers: dict[str, str]) -> Response:
    request_id = str(request.scope.get("state", {}).get("request_id", ""))
    body = {"error": {"status": status.value, "message": sentence, "request_id": request_id}}
    return JSONResponse(body, status, headers=headers)
