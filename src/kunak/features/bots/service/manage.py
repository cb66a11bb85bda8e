"""Which bots there are, whether they work, and how we speak as them."""

import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.bots import repository
from kunak.features.bots.models import BotRow
from kunak.features.bots.schemas import TELEGRAM, Answers, Bot, BotState, ConnectBot, Identity, UpdatesBy
from kunak.features.bots.service.doors import Doors
from kunak.foundation.clock import now
from kunak.foundation.crypto import SecretBox
from kunak.foundation.db.events import record_event
from kunak.foundation.errors import InvalidInputError, NotFoundError
from kunak.foundation.jobs.queue import enqueue
from kunak.integrations.telegram.interface import BotAccess, TelegramClient

# Telegram begins anew at a random number when a bot had no update for a week: an older place is not to be trusted.
_PLACE_IS_GOOD_FOR = timedelta(days=6)
_TOKEN = re.compile(r"[A-Za-z0-9:_.-]{1,128}")
_TELEGRAM_TOKEN = re.compile(r"\d{5,20}:[A-Za-z0-9_-]{30,50}")


def check_token(token: str, base: str) -> str:
    """The token without surrounding space. Other Bot API servers than Telegram's are free in what they call one.

    Raises:
        InvalidInputError: it cannot be a token.
    """
    token = token.strip()
    if ":SANDBOX" in token and base.rstrip("/") == TELEGRAM:
        raise InvalidInputError("This is a token of the sandbox; add it with --sandbox while `kunak up` runs.")
    if not (_TELEGRAM_TOKEN if base.rstrip("/") == TELEGRAM else _TOKEN).fullmatch(token):
        raise InvalidInputError("This is not a bot token. @BotFather gives one like 123456789:AAE….")
    return token


async def identify(telegram: TelegramClient, access: BotAccess) -> Identity:
    """Ask Telegram whose token this is.

    Raises:
        TokenRefusedError, TelegramUnavailableError, TelegramRefusedError: as `TelegramClient.call`.
    """
    me: Any = await telegram.call(access, "getMe")
    if not isinstance(me, dict) or not isinstance(me.get("id"), int):
        raise InvalidInputError("The Bot API server did not say which bot this is.")
    return Identity(me["id"], str(me.get("username") or me["id"]), str(me.get("first_name") or "bot"))


async def save_bot(
    session: AsyncSession,
    doors: Doors,
    token: str,
    identity: Identity,
    *,
    updates_by: UpdatesBy,
    api_base: str | None = None,
    actor: str,
) -> Bot:
    """Add a bot, or give a known one its present token and mend it; Telegram hears of the webhook as an effect."""
    row = await repository.lock_bot_by_telegram_id(session, identity.telegram_id)
    what = "bot.changed" if row else "bot.added"
    if row is None:
        row = BotRow(telegram_id=identity.telegram_id, webhook_secret_sealed=b"", next_update_id=0)
    if not doors.box.opens(row.webhook_secret_sealed):
        row.webhook_secret_sealed = doors.box.encrypt(secrets.token_urlsafe(32))
    if row.api_base != api_base:
        row.next_update_id, row.polled_at = 0, None  # another server counts its updates anew
    row.username, row.name, row.api_base = identity.username, identity.name, api_base
    row.token_sealed, row.updates_by = doors.box.encrypt(token), updates_by.value
    row.state, row.paused_reason, row.probes = BotState.ACTIVE.value, None, 0
    await repository.add_bot(session, row)
    await after_change(session, row, actor, what)
    return repository.to_bot(row)


async def pause_bot(session: AsyncSession, bot_id: int, *, reason: str, actor: str) -> None:
    """Stop answering; what arrives is kept. Only a person resumes what a person has paused."""
    row = await lock_present(session, bot_id)
    row.state, row.paused_reason, row.probe_at = BotState.PAUSED.value, reason, None
    await after_change(session, row, actor, "bot.paused", reason=reason)


async def pause_refused_bot(session: AsyncSession, refused: Bot, *, reason: str) -> bool:
    """Pause a bot whose token Telegram refused, until a probe finds it well; False when it was paused, removed or given
    a new token meanwhile.
    """
    row = await repository.lock_bot(session, refused.id)
    if row is None or row.state != BotState.ACTIVE or row.token_sealed != refused.token_sealed:
        return False
    row.state, row.paused_reason = BotState.PAUSED.value, reason
    await repository.schedule_probe(session, row)
    await after_change(session, row, "kunak", "bot.paused", reason=reason)
    return True


async def claim_probes(session: AsyncSession) -> list[Bot]:
    """Bots that an error has paused and that are to be tried now; each is due again later, twice as late every time."""
    return await repository.claim_probes(session)


async def resume_probed_bot(session: AsyncSession, probed: Bot) -> bool:
    """Answer again, since it works; False when somebody paused, removed or mended it meanwhile."""
    row = await repository.lock_bot(session, probed.id)
    if row is None or row.state != BotState.PAUSED or row.probe_at is None or row.token_sealed != probed.token_sealed:
        return False
    row.state, row.paused_reason = BotState.ACTIVE.value, None
    await after_change(session, row, "kunak", "bot.resumed")
    return True


async def resume_bot(session: AsyncSession, bot_id: int, *, actor: str) -> None:
    """Answer again. Call `messaging.service.wake_bot` in the same transaction: what was parked goes on at once."""
    row = await lock_present(session, bot_id)
    row.state, row.paused_reason, row.probes = BotState.ACTIVE.value, None, 0
    await after_change(session, row, actor, "bot.resumed")


async def choose_sources(session: AsyncSession, bot_id: int, keys: Sequence[str] | None, *, actor: str) -> None:
    """Have the bot quote only the sources with these keys from now on; None: all there are, empty: none."""
    row = await lock_present(session, bot_id)
    row.sources = None if keys is None else sorted(set(keys))
    record_event(session, actor=actor, what="bot.sources", thing=f"bot:{row.id}", sources=row.sources)


async def set_answers(session: AsyncSession, bot_id: int, answers: Answers, *, actor: str) -> None:
    """In what form the bot says things from now on."""
    row = await lock_present(session, bot_id)
    row.answers = answers.value
    record_event(session, actor=actor, what="bot.changed", thing=f"bot:{row.id}", answers=answers.value)


async def remove_bot(session: AsyncSession, bot_id: int, *, actor: str) -> None:
    """Let go of a bot: Telegram forgets our webhook, then we forget the token. Its messages stay in the ledger."""
    row = await lock_present(session, bot_id)
    row.state, row.paused_reason = BotState.REMOVED.value, None
    await after_change(session, row, actor, "bot.removed")


async def forget_token(session: AsyncSession, bot_id: int) -> None:
    row = await repository.lock_bot(session, bot_id)
    if row is not None and row.state == BotState.REMOVED:
        row.token_sealed = None


async def reseal_bots(session: AsyncSession, box: SecretBox) -> int:
    """Seal every bot's secrets with the newest key; how many bots.

    Raises:
        FatalError: a secret opens with none of the keys.
    """
    rows = [row for row in await repository.lock_all_bots(session) if row.state != BotState.REMOVED]
    for row in rows:
        row.webhook_secret_sealed = box.rotate(row.webhook_secret_sealed)
        row.token_sealed = row.token_sealed and box.rotate(row.token_sealed)
    return len(rows)


async def get_bot(session: AsyncSession, bot_id: int) -> Bot:
    """
    Raises:
        NotFoundError: there is no such bot.
    """
    bot = await repository.get_bot(session, bot_id)
    if bot is None:
        raise NotFoundError(f"There is no bot {bot_id}.")
    return bot


async def find_bot(session: AsyncSession, name: str) -> Bot:
    """A bot by its number or @username.

    Raises:
        NotFoundError: none is called so.
    """
    wanted = name.removeprefix("@").lower()
    for bot in await repository.list_bots(session):
        if wanted in (str(bot.id), bot.username.lower()):
            return bot
    raise NotFoundError(f"There is no bot {name}; `kunak bot list` shows those there are.")


async def find_by_telegram_id(session: AsyncSession, telegram_id: int) -> Bot | None:
    """Also one that was removed; None when there never was any."""
    return await repository.find_by_telegram_id(session, telegram_id)


async def list_bots(session: AsyncSession) -> list[Bot]:
    return await repository.list_bots(session)


def polling_offset(bot: Bot) -> int:
    """The `offset` to ask Telegram for: behind the last update we have stored."""
    if bot.polled_at is None or now() - bot.polled_at > _PLACE_IS_GOOD_FOR:
        return 0
    return bot.next_update_id


async def save_polling_place(session: AsyncSession, bot_id: int, next_update_id: int) -> None:
    await repository.save_polling_place(session, bot_id, next_update_id, now())


async def lock_present(session: AsyncSession, bot_id: int) -> BotRow:
    row = await repository.lock_bot(session, bot_id)
    if row is None or row.state == BotState.REMOVED:
        raise NotFoundError(f"There is no bot {bot_id}.")
    return row


async def after_change(session: AsyncSession, row: BotRow, actor: str, what: str, **data: Any) -> None:
    record_event(session, actor=actor, what=what, thing=f"bot:{row.id}", username=row.username, **data)
    await repository.tell_processes(session)
    await enqueue(session, [ConnectBot(row.id)])
