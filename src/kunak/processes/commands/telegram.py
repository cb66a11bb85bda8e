"""`kunak telegram …`: the account that reads channels."""

from dataclasses import dataclass
from datetime import datetime

from kunak.features.ingestion import service as ingestion
from kunak.features.telegram_account import service as accounts
from kunak.features.telegram_account.schemas import Account
from kunak.features.telegram_account.service import Ask
from kunak.foundation.clock import now
from kunak.integrations.telegram_channels.interface import Me
from kunak.processes.bootstrap import Kunak
from kunak.processes.telegram_account import account_doors, needed_doors

ACTOR = "command line"


@dataclass(frozen=True)
class Status:
    """How the account is; `waits_until` while Telegram has asked to wait."""

    configured: bool
    state: str
    name: str | None
    paused_reason: str | None
    waits_until: datetime | None
    logged_in_at: datetime | None


async def log_in(kunak: Kunak, phone: str, *, ask_code: Ask, ask_password: Ask) -> Me:
    """Log the account in; whatever it reads is due at once."""
    me = await accounts.log_in(
        needed_doors(kunak), phone=phone, ask_code=ask_code, ask_password=ask_password, actor=ACTOR
    )
    async with kunak.sessions.begin() as session:
        await ingestion.wake_account_sources(session)
    return me


async def log_out(kunak: Kunak) -> bool:
    """False when Telegram could not be told."""
    doors = account_doors(kunak)
    if doors is not None:
        return await accounts.log_out(doors, actor=ACTOR)
    await accounts.forget_session(kunak.sessions, actor=ACTOR)
    return False


async def find_account(kunak: Kunak) -> Account:
    async with kunak.sessions() as session:
        return await accounts.get_account(session)


async def get_status(kunak: Kunak) -> Status:
    """What is known of the account, without asking Telegram."""
    account = await find_account(kunak)
    waits = account.wait_until if account.wait_until and account.wait_until > now() else None
    return Status(
        configured=account_doors(kunak) is not None,
        state=account.state.value,
        name=account.name,
        paused_reason=account.paused_reason,
        waits_until=waits,
        logged_in_at=account.logged_in_at,
    )
