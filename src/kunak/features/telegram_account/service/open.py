"""The account is opened: by one process at a time, and only when it can be used."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.telegram_account import repository
from kunak.features.telegram_account.govern import GovernedAccount, Governor
from kunak.features.telegram_account.schemas import Account, AccountState, Doors
from kunak.features.telegram_account.turn import hold_turn, is_turn_wanted
from kunak.foundation.crypto import SecretBox
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import FatalError, RetryableError


class AccountBusyError(RetryableError):
    """Another process of this installation speaks to Telegram as the account just now."""


class AccountOutError(FatalError):
    """No Telegram account is logged in: `kunak telegram login`."""


@asynccontextmanager
async def open_account(doors: Doors, *, wait_s: float) -> AsyncIterator[GovernedAccount]:
    """The account, connected; nobody else uses it meanwhile.

    Raises:
        AccountBusyError: somebody else did, for `wait_s` seconds.
        AccountOutError: nobody is logged in, or Telegram has refused the account.
        AccountWaitError: Telegram has asked to wait; it was not asked.
        AccountRefusedError: it refuses the account now; admins are told.
        AccountUnavailableError: it does not answer.
    """
    async with hold_turn(doors.sessions, wait_s=wait_s) as held:
        if not held:
            raise AccountBusyError
        async with doors.sessions() as session:
            account = await repository.get_account(session)
        governor = Governor(doors.sessions, account)
        telegram_session = _session(doors.box, account)
        async with AsyncExitStack() as stack:
            # Whoever had to wait a moment begins another connection: one is entered but once.
            opened = await governor.ask(
                lambda: stack.enter_async_context(doors.telegram.open_account(telegram_session))
            )
            yield GovernedAccount(opened, governor)


def _session(box: SecretBox, account: Account) -> str:
    if account.state is AccountState.PAUSED:
        raise AccountOutError(f"The Telegram account is paused: {account.paused_reason} `kunak telegram login` helps.")
    if account.state is AccountState.OUT or account.session_sealed is None:
        raise AccountOutError
    return box.decrypt(account.session_sealed)


async def get_account(session: AsyncSession) -> Account:
    return await repository.get_account(session)


async def is_wanted_elsewhere(sessions: Sessions) -> bool:
    """Whether another process waits for the account."""
    async with sessions() as session:
        return await is_turn_wanted(session)


async def reseal_account(session: AsyncSession, box: SecretBox) -> bool:
    """Seal the session with the newest key; False when there is none.

    Raises:
        FatalError: it opens with none of the keys.
    """
    account = await repository.get_account(session, locked=True)
    if account.session_sealed is None:
        return False
    await repository.reseal(session, box.rotate(account.session_sealed))
    return True
