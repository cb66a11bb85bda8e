"""`kunak key rotate`: everything sealed anew with the newest key."""

from kunak.features.bots import service as bots
from kunak.features.telegram_account import service as telegram_account
from kunak.foundation.db.events import record_event
from kunak.processes.bootstrap import Kunak


async def rotate_keys(kunak: Kunak) -> int:
    """How many bots were sealed anew; the session of the Telegram account goes with them.

    Raises:
        FatalError: none of the keys opens a secret; nothing is changed.
    """
    async with kunak.sessions.begin() as session:
        count = await bots.reseal_bots(session, kunak.directory.doors.box)
        await telegram_account.reseal_account(session, kunak.directory.doors.box)
        record_event(session, actor="command line", what="keys.rotated", thing="bots", count=count)
        return count
