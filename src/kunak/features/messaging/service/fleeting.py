"""What is answered at once or never: past the ledger's order and outbox, since a late answer is worth nothing."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from kunak.features.bots.schemas import BotState
from kunak.features.bots.service import Directory
from kunak.features.messaging.repository import inbox
from kunak.features.messaging.schemas import AnswerFleeting, Say
from kunak.features.messaging.service.failures import is_moot
from kunak.foundation.db.engine import Sessions
from kunak.foundation.observability import metrics
from kunak.integrations.telegram.interface import TelegramClient

log = logging.getLogger(__name__)

LATE_S = 10.0
"""Telegram takes no answer to an inline query that is much older."""

RespondAtOnce = Callable[[int, str, dict[str, Any]], Awaitable[Say | None]]
"""(bot, kind, payload) → the answer; None when there is none to give."""


async def answer_fleeting(
    sessions: Sessions, directory: Directory, telegram: TelegramClient, respond: RespondAtOnce, job: AnswerFleeting
) -> None:
    """Answer the update, unless a newer one of its person overtook it or it is too late. Never raises: no second try
    would come in time.
    """
    try:
        outcome = await _answer(sessions, directory, telegram, respond, job)
    except Exception as error:  # noqa: BLE001  as said above
        log.warning("messaging: update %d of bot %d: %s", job.update_id, job.bot_id, type(error).__name__)
        outcome = "failed"
    metrics.FLEETING.labels(outcome).inc()


async def _answer(
    sessions: Sessions, directory: Directory, telegram: TelegramClient, respond: RespondAtOnce, job: AnswerFleeting
) -> str:
    async with sessions() as session:
        update = await inbox.get_fleeting(session, job.bot_id, job.update_id)
    if update is None or not update.is_newest:
        return "overtaken"
    known = await directory.get(job.bot_id)
    if update.age_s > LATE_S or known.bot.state is not BotState.ACTIVE:
        return "late"
    say = await respond(job.bot_id, update.kind, update.payload)
    if say is None:
        return "failed"
    try:
        await telegram.call(known.access, say.method, say.params)
    except Exception as error:
        if is_moot(say.method, error):
            return "late"
        raise
    return "answered"
