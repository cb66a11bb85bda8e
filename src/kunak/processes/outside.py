"""What sources are reached by. Imported by who reads sources: the HTTP client is no small thing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kunak.features.ingestion import service as ingestion
from kunak.features.telegram_account.schemas import OpenAccount
from kunak.foundation.db.engine import Sessions
from kunak.foundation.helper import Helper
from kunak.foundation.settings import Settings
from kunak.integrations.web_pages.addresses import Allowed
from kunak.integrations.web_pages.client import HttpWebPages, WebLimits

_MEGABYTE = 2**20


@asynccontextmanager
async def open_outside(
    settings: Settings, sessions: Sessions | None = None, *, open_account: OpenAccount | None = None
) -> AsyncIterator[ingestion.Outside]:
    """The web as the settings allow it, and the Telegram account; closed at the end.

    `sessions`: to take turns at hosts with other processes.

    Raises:
        InvalidInputError: KUNAK_FETCH_ALLOW_PRIVATE is no list of hosts and ranges.
    """
    limits = WebLimits(
        total_s=settings.fetch_timeout_s,
        stall_s=min(WebLimits.stall_s, settings.fetch_timeout_s),
        most_bytes=round(settings.fetch_max_mb * _MEGABYTE),
        pause_s=settings.fetch_pause_s,
    )
    allowed = Allowed.parse(settings.fetch_allow_private)
    turns = ingestion.SharedTurns(sessions) if sessions else None
    web = HttpWebPages(allowed=allowed, contact=settings.fetch_contact, limits=limits, turns=turns)
    helper = Helper()
    try:
        yield ingestion.Outside(web, settings.telegram_preview_base, helper, open_account)
    finally:
        await helper.close()
        await web.close()
