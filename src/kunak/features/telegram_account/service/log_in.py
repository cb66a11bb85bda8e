"""A person logs the account in and out. Nothing else ever does."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar

from kunak.features.telegram_account import repository
from kunak.features.telegram_account.govern import Governor
from kunak.features.telegram_account.schemas import AccountState, Doors
from kunak.features.telegram_account.service.open import AccountBusyError, open_account
from kunak.features.telegram_account.turn import hold_turn
from kunak.foundation.db.engine import Sessions
from kunak.foundation.db.events import record_event
from kunak.foundation.errors import ConflictError, InvalidInputError, KunakError
from kunak.integrations.telegram_channels.interface import CodeRefusedError, Login, Me, PasswordRefusedError

Ask = Callable[[str | None], Awaitable[str]]
"""Asks a person; given what was wrong with the answer before."""
Answer = TypeVar("Answer")
_TRIES = 3
WAIT = timedelta(seconds=30)
"""For another process to let go of the account."""


async def log_in(doors: Doors, *, phone: str, ask_code: Ask, ask_password: Ask, actor: str) -> Me:
    """Have Telegram send a code, ask for it (and for the password, where there is one), and keep the session, sealed.

    Raises:
        ConflictError: somebody is logged in already.
        InvalidInputError: the number, the code or the password is wrong, three times.
        AccountWaitError: Telegram has asked to wait.
    """
    async with hold_turn(doors.sessions, wait_s=WAIT.total_seconds()) as held:
        if not held:
            raise AccountBusyError
        governor = await _check_out(doors.sessions)
        async with doors.telegram.open_login() as login:
            await governor.ask(lambda: login.send_code(phone))
            if not await _give(governor, login.give_code, ask_code):
                await _give(governor, login.give_password, ask_password)
            me = await login.who_am_i()
            await _keep(doors, login, me, actor)
    return me


async def _check_out(sessions: Sessions) -> Governor:
    async with sessions() as session:
        account = await repository.get_account(session)
    if account.state is AccountState.ACTIVE:
        raise ConflictError(f"{account.name} is logged in already; `kunak telegram logout` makes room for another.")
    return Governor(sessions, account)


async def _give(governor: Governor, give: Callable[[str], Awaitable[Answer]], ask: Ask) -> Answer:
    """What a person says; wrong answers are asked for again."""
    wrong: str | None = None
    for _ in range(_TRIES):
        said = await ask(wrong)
        try:
            return await governor.ask(partial(give, said))
        except (CodeRefusedError, PasswordRefusedError) as error:
            wrong = str(error)
    raise InvalidInputError(f"{wrong} Begin again later: Telegram lets nobody try for long.")


async def _keep(doors: Doors, login: Login, me: Me, actor: str) -> None:
    sealed = doors.box.encrypt(login.session())
    async with doors.sessions.begin() as session:
        await repository.save_login(session, session_sealed=sealed, telegram_id=me.id, name=me.name)
        record_event(session, actor=actor, what="telegram_account.logged_in", thing="telegram_account", name=me.name)


async def log_out(doors: Doors, *, actor: str) -> bool:
    """End the session and forget it; False when Telegram could not be told.

    Raises:
        AccountBusyError: another process did not let go of the account.
    """
    told = True
    try:
        async with open_account(doors, wait_s=WAIT.total_seconds()) as account:
            await account.log_out()
    except AccountBusyError:
        raise
    except KunakError:
        told = False
    await forget_session(doors.sessions, actor=actor)
    return told


async def forget_session(sessions: Sessions, *, actor: str) -> None:
    async with sessions.begin() as session:
        await repository.forget_session(session)
        record_event(session, actor=actor, what="telegram_account.logged_out", thing="telegram_account")
