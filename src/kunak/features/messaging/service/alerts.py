"""Admins are told of what needs a person: once per matter and window, however often it happens."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import SANDBOX, Bot, BotState
from kunak.features.messaging.repository import alerts
from kunak.features.messaging.schemas import Alert, ChatKey, Say, TellAdmins
from kunak.features.messaging.service.deliveries import say
from kunak.features.messaging.service.replay import wake_bot
from kunak.foundation.jobs.queue import enqueue
from kunak.foundation.observability import metrics

WINDOW = timedelta(hours=1)


async def raise_alert(session: AsyncSession, key: str, words: str, *, window: timedelta = WINDOW) -> bool:
    """Write an alert down, and have it sent after commit; False when `key` has spoken within the window."""
    alert_id = await alerts.add_alert_once(session, key, words, window)
    if alert_id is None:
        return False
    metrics.ALERTS.inc()
    await enqueue(session, [TellAdmins(alert_id)])
    return True


async def end_alert(session: AsyncSession, key: str, words: str = "") -> bool:
    """Say that what was alerted of is over, once, if it ever was; the same alert may then speak again at once.

    Without words nobody is told: whoever ended it knows.
    """
    if not await alerts.end_alert(session, key):
        return False
    if words:
        metrics.ALERTS.inc()
        await enqueue(session, [TellAdmins(await alerts.add_alert(session, f"{key}:over", words))])
    return True


async def pause_and_alert(session: AsyncSession, refused: Bot, why: str) -> bool:
    """Pause a bot that cannot work until a person mends it, and say so; False when it was mended in the meantime."""
    if not await bots.pause_refused_bot(session, refused, reason=why):
        return False
    words = f"@{refused.username} is paused: {why} Its messages are kept; it is tried again now and then, and goes on"
    await raise_alert(session, _paused(refused), f"{words} when it works, or with `kunak bot resume`.")
    return True


async def resume_and_tell(session: AsyncSession, probed: Bot) -> bool:
    """Go on with a bot that works again, beginning with what was parked, and say so; False: somebody else saw to it."""
    if not await bots.resume_probed_bot(session, probed):
        return False
    await wake_bot(session, probed.id)
    await tell_mended(session, probed)
    return True


async def tell_mended(session: AsyncSession, bot: Bot) -> None:
    """Of a bot that went on by itself."""
    await end_alert(session, _paused(bot), f"@{bot.username} works again, and answers what has waited.")


async def end_pause(session: AsyncSession, bot_id: int) -> None:
    """A bot works: should it be paused again, that is news."""
    await end_alert(session, f"bot-paused:{bot_id}")


async def resume_bot(session: AsyncSession, bot_id: int, *, actor: str) -> None:
    """A person says that a bot is to answer again; it begins with what was parked."""
    await bots.resume_bot(session, bot_id, actor=actor)
    await wake_bot(session, bot_id)
    await end_pause(session, bot_id)


def _paused(bot: Bot) -> str:
    return f"bot-paused:{bot.id}"


async def tell_admins(
    session: AsyncSession, alert_id: int, admin_chats: Sequence[int], reaches: Callable[[Bot], bool]
) -> bool:
    """Have an alert said in every admin chat, once, by the first bot that works; False when none can say it yet."""
    speaker = _speaker(await bots.list_bots(session), reaches)
    if speaker is None or not admin_chats:
        return False
    words = await alerts.take_untold(session, alert_id)
    for chat_id in admin_chats if words else ():
        await say(session, ChatKey(speaker.id, chat_id), [Say("sendMessage", {"chat_id": chat_id, "text": words})])
    return True


def _speaker(known: Sequence[Bot], reaches: Callable[[Bot], bool]) -> Bot | None:
    """A bot of the real Telegram where there is one: nobody waits for alerts in the sandbox."""
    able = [bot for bot in known if bot.state is BotState.ACTIVE and reaches(bot)]
    return min(able, key=lambda bot: (bot.api_base == SANDBOX, bot.id), default=None)


async def repeat_untold_alerts(session: AsyncSession) -> None:
    """Alerts that no bot could say when they were raised are tried again, for a day."""
    waiting = await alerts.list_untold(session, waiting_for=timedelta(seconds=30), at_most=timedelta(days=1))
    await enqueue(session, [TellAdmins(alert_id) for alert_id in waiting], once=True)


async def list_alerts(session: AsyncSession, limit: int = 50) -> list[Alert]:
    """The latest alerts, newest first."""
    return await alerts.list_alerts(session, limit)
