"""Bots that people make with one of ours, the manager: Telegram gives us their tokens, so nobody pastes any."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.bots import repository
from kunak.features.bots.schemas import Bot, BotState, Identity
from kunak.features.bots.service.doors import Doors
from kunak.features.bots.service.manage import after_change, get_bot, identify, lock_present, save_bot
from kunak.foundation.db.events import record_event
from kunak.foundation.errors import InvalidInputError
from kunak.integrations.telegram.interface import BotAccess, TelegramClient, TelegramUnavailableError, TokenRefusedError


@dataclass(frozen=True)
class Fetched:
    """A managed bot as Telegram tells of it just now."""

    identity: Identity
    token: str = field(repr=False)


async def fetch_managed(telegram: TelegramClient, manager: BotAccess, telegram_id: int) -> Fetched:
    """Ask for the token of a bot that `manager` manages, and whether it is good.

    Raises:
        TelegramRefusedError: the manager does not manage it (any more).
        TokenRefusedError: the manager's own token is not good.
        TelegramUnavailableError: as `TelegramClient.call`.
    """
    return await _with_identity(telegram, manager, "getManagedBotToken", telegram_id)


async def replace_managed(telegram: TelegramClient, manager: BotAccess, telegram_id: int) -> Fetched:
    """Have Telegram make a new token; the old one is good for nothing from then on. Raises as `fetch_managed`."""
    return await _with_identity(telegram, manager, "replaceManagedBotToken", telegram_id)


async def _with_identity(telegram: TelegramClient, manager: BotAccess, method: str, telegram_id: int) -> Fetched:
    token: Any = await telegram.call(manager, method, {"user_id": telegram_id})
    if not isinstance(token, str):
        raise InvalidInputError("The Bot API server gave no token.")
    try:
        identity = await identify(telegram, BotAccess(manager.base, token))
    except TokenRefusedError as error:  # FATAL, but not for the manager, whose turn this may be
        raise TelegramUnavailableError("The token was changed once more just now.") from error
    if identity.telegram_id != telegram_id:
        raise InvalidInputError("The Bot API server gave the token of another bot.")
    return Fetched(identity, token)


async def adopt(session: AsyncSession, doors: Doors, manager: Bot, fetched: Fetched, *, actor: str) -> tuple[Bot, bool]:
    """Take the bot in, or give it its present token; and whether it is new.

    One that a person has paused stays paused, and one that was removed stays removed: both come back by `kunak bot`.
    """
    row = await repository.lock_bot_by_telegram_id(session, fetched.identity.telegram_id)
    if row is None:
        made = await save_bot(
            session,
            doors,
            fetched.token,
            fetched.identity,
            updates_by=manager.updates_by,
            api_base=manager.api_base,
            actor=actor,
        )
        await repository.set_manager(session, made.id, manager.id)
        return await get_bot(session, made.id), True
    if row.state != BotState.REMOVED:
        row.token_sealed, row.managed_by = doors.box.encrypt(fetched.token), manager.id
        row.username, row.name = fetched.identity.username, fetched.identity.name
        if row.state == BotState.PAUSED and row.probe_at is not None:
            row.state, row.paused_reason = BotState.ACTIVE.value, None
        await after_change(session, row, actor, "bot.token")
    return repository.to_bot(row), False


async def make_manager(session: AsyncSession, bot_id: int, *, is_manager: bool, actor: str) -> None:
    """Whether people may make bots with this one."""
    row = await lock_present(session, bot_id)
    row.is_manager = is_manager
    record_event(session, actor=actor, what="bot.manager", thing=f"bot:{row.id}", is_manager=is_manager)
    await repository.tell_processes(session)


async def check_manager(telegram: TelegramClient, access: BotAccess) -> None:
    """
    Raises:
        InvalidInputError: Telegram does not let this bot manage others.
    """
    me: Any = await telegram.call(access, "getMe")
    if not (isinstance(me, dict) and me.get("can_manage_bots") is True):
        raise InvalidInputError(
            "Telegram does not let this bot manage others. In the Mini App of @BotFather, open the bot's settings and "
            "turn the management of bots on; then say this again."
        )
