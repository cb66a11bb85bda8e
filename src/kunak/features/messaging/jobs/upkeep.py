"""What keeps the ledger going: chats that nobody is at are woken, admins are told, what is old is forgotten."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from kunak.features.bots.service import Directory
from kunak.features.messaging.schemas import PruneLedger, TellAdmins, WakeChats
from kunak.features.messaging.service.alerts import repeat_untold_alerts, tell_admins
from kunak.features.messaging.service.ledger import Ledger
from kunak.features.messaging.service.replay import prune_ledger, wake_idle_chats
from kunak.foundation.jobs.dead_letters import prune_job_log

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Upkeep:
    """What is done by the clock, and for the admins."""

    ledger: Ledger
    directory: Directory
    admin_chats: Sequence[int] = ()
    keep_days: int = 180

    async def tell_admins(self, job: TellAdmins) -> None:
        async with self.ledger.sessions.begin() as session:
            told = await tell_admins(session, job.alert_id, self.admin_chats, self.directory.doors.reaches)
        if not told:
            log.warning("messaging: alert %d reaches nobody yet: no admin chat, or no bot that works", job.alert_id)

    async def wake_chats(self, _: WakeChats) -> None:
        """Never fails: a tick that is tried again later would stand in the way of those to come."""
        older_than_s = max(self.ledger.options.lease_for.total_seconds(), 2.0)
        try:
            async with self.ledger.sessions.begin() as session:
                woken = await wake_idle_chats(session, older_than_s=older_than_s)
                if self.admin_chats:
                    await repeat_untold_alerts(session)
        except Exception as error:  # noqa: BLE001  as said above
            log.warning("messaging: idle chats were not looked for (%s)", type(error).__name__)
            return
        if woken:
            log.info("messaging: woke %d chats that nobody was at", woken)

    async def prune_ledger(self, _: PruneLedger) -> None:
        more = True
        while more:
            async with self.ledger.sessions.begin() as session:
                more = await prune_ledger(session, older_than_days=self.keep_days)
        async with self.ledger.sessions.begin() as session:
            await prune_job_log(session)
