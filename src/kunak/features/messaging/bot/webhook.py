"""Where updates come in: the webhook, and long polling."""

import hmac
import logging
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kunak.features.bots.schemas import BotState
from kunak.features.bots.service import Directory
from kunak.features.messaging.schemas import NewUpdate
from kunak.features.messaging.service.ledger import Ledger
from kunak.foundation.errors import InvalidInputError, NotFoundError
from kunak.foundation.observability import metrics
from kunak.integrations.telegram.updates import parse_update

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  the name of a header
LARGEST_UPDATE = 4 * 2**20


@dataclass(frozen=True)
class Webhook:
    """Answers Telegram's calls: 200 once the update is stored, never before."""

    ledger: Ledger
    directory: Directory

    def routes(self) -> list[Route]:
        return [
            Route(path, self.receive, methods=["POST"]) for path in ("/bot/{bot_id:int}", "/bot/{bot_id:int}/{key}")
        ]

    async def receive(self, request: Request) -> Response:
        try:
            known = await self.directory.get(request.path_params["bot_id"])
        except NotFoundError:
            return _refuse(404, "There is no such bot.")
        given = request.headers.get(SECRET_HEADER)
        if given is None and self.directory.doors.takes_secret_from_path(known.bot):
            given = request.path_params.get("key")
        if not hmac.compare_digest((given or "").encode(), known.webhook_secret.encode()):
            return _refuse(401, "The secret token is wrong.")
        if known.bot.state is BotState.REMOVED:
            return _refuse(404, "There is no such bot.")
        body = await _read(request)
        if body is None:
            return _refuse(413, "The update is too large.")
        try:
            update = parse_update(body)
        except InvalidInputError as error:
            return _refuse(400, str(error))
        new = await self.ledger.receive(
            NewUpdate(known.bot.id, update.update_id, update.chat_id, update.kind, update.payload, ordered=False)
        )
        metrics.UPDATES.labels("new" if new else "duplicate").inc()
        return Response(status_code=200)


async def _read(request: Request) -> bytes | None:
    if int(request.headers.get("content-length") or 0) > LARGEST_UPDATE:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_UPDATE:
            return None
    return bytes(body)


def _refuse(status: int, words: str) -> Response:
    metrics.UPDATES.labels("refused").inc()
    return JSONResponse({"error": words}, status_code=status)
