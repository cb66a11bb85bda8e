"""Whether the Telegram account works: for `kunak doctor`."""

from kunak.features.telegram_account import service as accounts
from kunak.features.telegram_account.schemas import AccountState, Doors
from kunak.foundation.db.engine import create_engine, create_sessions
from kunak.foundation.db.migrate import current_revision, newest_revision
from kunak.foundation.errors import KunakError
from kunak.foundation.settings import Settings
from kunak.processes.bootstrap import open_secret_box
from kunak.processes.telegram_account import later_loaded, read_way


async def examine_account(settings: Settings, url: str) -> tuple[bool, str]:
    """Whether all is well, and what is to be said.

    Raises:
        InvalidInputError: the settings do not go together.
    """
    way = read_way(settings)
    engine = create_engine(url, pool_size=2, name="kunak-doctor")
    try:
        if way is None or await current_revision(engine) != newest_revision():
            return False, "its table is not there yet"
        sessions = create_sessions(engine)
        async with sessions() as session:
            account = await accounts.get_account(session)
        if account.state is AccountState.OUT:
            return False, "nobody is logged in; `kunak telegram login` logs an account in"
        return await _ask(Doors(sessions, open_secret_box(settings), later_loaded(way)), account.name or "")
    finally:
        await engine.dispose()


async def _ask(doors: Doors, name: str) -> tuple[bool, str]:
    try:
        async with accounts.open_account(doors, wait_s=0) as account:
            me = await account.who_am_i()
    except accounts.AccountBusyError:
        return True, f"{name}, in use by a running Kunak"
    except KunakError as error:
        return False, f"{name}: {error}"
    return True, f"{me.name}, logged in; Telegram answers"
