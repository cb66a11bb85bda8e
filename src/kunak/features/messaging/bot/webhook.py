"""The webhook: Telegram calls, and is told 200 once the update is stored."""

import hmac
import logging
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kunak.features.bots.schemas import BotState
from kunak.features.bots.service import Directory, KnownBot
from kunak.features.messaging.schemas import NewUpdate
from kunak.features.messaging.service.ledger import Ledger
from kunak.foundation.errors import InvalidInputError, KunakError, NotFoundError
from kunak.foundation.observability import metrics
from kunak.integrations.telegram.updates import parse_update

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  the name of a header
LARGEST_UPDATE = 4 * 2**20
_LONGEST_ID = 18  # digits; what is longer does not fit the database


@dataclass(frozen=True)
class Webhook:
    """Answers Telegram's calls: 200 once the update is stored, never before."""

    ledger: Ledger
    directory: Directory

    def routes(self) -> list[Route]:
        return [Route(path, self.receive, methods=["POST"]) for path in ("/bot/{bot_id}", "/bot/{bot_id}/{key}")]

    async def receive(self, request: Request) -> Response:
        try:
            return await self._receive(request)
        except (KunakError, SQLAlchemyError, OSError) as error:
            # Telegram keeps the update and brings it again.
            log.warning("webhook: an update could not be stored (%s)", type(error).__name__)
            return _refuse(503, "Not now, please try again.")

    async def _receive(self, request: Request) -> Response:
        known = await self._find(request.path_params["bot_id"])
        if known is None:
            return _refuse(404, "There is no such bot.")
        given = request.headers.get(SECRET_HEADER)
        if given is None and self.directory.doors.takes_secret_from_path(known.bot):
            given = request.path_params.get("key")
        if not hmac.compare_digest((given or "").encode(), known.webhook_secret.encode()):
            return _refuse(401, "The secret token is wrong.")
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

    async def _find(self, bot_id: str) -> KnownBot | None:
        if not bot_id.isdecimal() or len(bot_id) > _LONGEST_ID:
            return None
        try:
            known = await self.directory.get(int(bot_id))
        except NotFoundError:
            return None
        return None if known.bot.state is BotState.REMOVED else known


async def _read(request: Request) -> bytes | None:
    said = request.headers.get("content-length", "")
    if said.isdecimal() and (len(said) > _LONGEST_ID or int(said) > LARGEST_UPDATE):
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
