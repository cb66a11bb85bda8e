"""What a person or a program reads when something went wrong: one sentence and the request's id, never a trace."""

from http import HTTPStatus

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kunak.foundation.errors import InvalidInputError, KunakError, RetryableError
from kunak.foundation.language.words import words_in
from kunak.foundation.web.pages import Pages
from kunak.foundation.web.preferences import language_of

_log = structlog.get_logger(__name__)


class ErrorAnswers:
    """Handlers for the errors of an application; JSON under `/api` and for who asks for it, else a page."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def kunak_error(self, request: Request, error: Exception) -> Response:
        known = error if isinstance(error, KunakError) else KunakError()
        if known.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            _log.warning("request_failed", path=request.url.path, error=type(known).__name__)
        headers = {}
        if isinstance(known, RetryableError) and known.retry_after is not None:
            headers["Retry-After"] = str(max(1, round(known.retry_after)))
        return self.answer(request, known.status, _sentence(known), headers)

    async def http_exception(self, request: Request, error: Exception) -> Response:
        known = error if isinstance(error, HTTPException) else HTTPException(500)
        status = HTTPStatus(known.status_code)
        if status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            return Response(status_code=status, headers=known.headers)
        return self.answer(request, status, known.detail, dict(known.headers or {}))

    def answer(self, request: Request, status: HTTPStatus, sentence: str, headers: dict[str, str]) -> Response:
        if _wants_json(request):
            body = {"error": {"status": status.value, "message": sentence, "request_id": _request_id(request)}}
            return JSONResponse(body, status, headers=headers)
        words = words_in(language_of(request))
        detail = words.gettext(sentence) if status in (HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT) else ""
        own_words = sentence not in (status.phrase, InvalidInputError.__doc__)
        return self._pages.render(
            request,
            "web/error.html",
            status=status,
            headers=headers | {"Cache-Control": "no-store"},
            code=status.value,
            detail=detail if own_words else "",
            request_id=_request_id(request),
        )


class UnexpectedErrors:
    """ASGI middleware: what nobody foresaw is logged whole and answered with 500 and no detail."""

    def __init__(self, app: ASGIApp, answers: ErrorAnswers) -> None:
        self.app = app
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched_send)
        except Exception:
            _log.exception("request_crashed", path=scope["path"], method=scope["method"])
            if started:  # half an answer is out: only a broken connection can say that it is not whole
                raise
            request = Request(scope, receive)
            answer = self._answers.answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, str(KunakError()), {})
            await answer(scope, receive, send)


def _sentence(error: KunakError) -> str:
    """The error's own words when the caller can act on them; trouble of ours is told by its kind alone."""
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return (type(error).__doc__ or KunakError.__doc__ or "").strip()
    return str(error)


def _wants_json(request: Request) -> bool:
    accepts = request.headers.get("accept", "")
    return request.url.path.startswith("/api/") or (accepts.startswith("application/json"))


def _request_id(request: Request) -> str:
    return str(request.scope.get("state", {}).get("request_id", ""))
