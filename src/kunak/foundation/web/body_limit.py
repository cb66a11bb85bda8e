"""No request may be larger than what anybody sends in good faith."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimit:
    """ASGI middleware: HTTPException 413 to the application that reads past `most` bytes, whatever was announced."""

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self.app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        read = 0

        async def receive_counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large.")
            return message

        await self.app(scope, receive_counted, send)
