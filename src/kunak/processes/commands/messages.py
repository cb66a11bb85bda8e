"""`kunak messages …`: the ledger from the command line.

Messages of the inbox are named by their number, those of the outbox by `o` and the number.
"""

from typing import Any

from kunak.features.bots import service as bots
from kunak.features.messaging import service as messaging
from kunak.features.messaging.schemas import Alert, Box, LedgerLine, LedgerPage
from kunak.foundation.db.events import record_event
from kunak.foundation.errors import InvalidInputError
from kunak.foundation.jobs.dead_letters import DeadLetter, list_dead_letters, replay_dead_letters
from kunak.processes.bootstrap import Kunak

ACTOR = "command line"
INBOX_STATES = ("RECEIVED", "PROCESSING", "COMPLETED", "FAILED", "TERMINAL")
OUTBOX_STATES = ("PENDING", "SENDING", "DELIVERED", "FAILED", "TERMINAL")


def parse_name(name: str) -> tuple[Box, int]:
    """`12` → inbox 12; `o12` → outbox 12.

    Raises:
        InvalidInputError: it is neither.
    """
    box: Box = "outbox" if name[:1].lower() == "o" else "inbox"
    digits = name.removeprefix("o").removeprefix("O")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):  # noqa: PLR2004  fits a bigint
        raise InvalidInputError(f"{name!r} names no message: give a number, or o and a number for the outbox.")
    return box, int(digits)


async def list_messages(
    kunak: Kunak, *, outbox: bool, bot: str | None, state: str | None, limit: int
) -> list[LedgerLine]:
    async with kunak.sessions() as session:
        bot_id = (await bots.find_bot(session, bot)).id if bot else None
        box: Box = "outbox" if outbox else "inbox"
        return await messaging.list_messages(session, box, bot_id=bot_id, state=state, limit=limit)


async def show_message(kunak: Kunak, name: str) -> LedgerPage:
    async with kunak.sessions() as session:
        return await messaging.show_message(session, *parse_name(name))


async def replay_message(kunak: Kunak, name: str) -> None:
    async with kunak.sessions.begin() as session:
        box, message_id = parse_name(name)
        await messaging.replay_message(session, box, message_id)
        record_event(session, actor=ACTOR, what="message.replayed", thing=f"{box}:{message_id}")


async def replay_all(kunak: Kunak, *, outbox: bool, bot: str | None) -> int:
    """Everything that was given up, in one box; how many."""
    box: Box = "outbox" if outbox else "inbox"
    done = 0
    last: int | None = 0
    while last is not None:
        async with kunak.sessions.begin() as session:
            bot_id = (await bots.find_bot(session, bot)).id if bot else None
            count, last = await messaging.replay_next(session, box, after=last, bot_id=bot_id)
        done += count
    async with kunak.sessions.begin() as session:
        record_event(session, actor=ACTOR, what="messages.replayed", thing=box, bot=bot, count=done)
    return done


async def list_alerts(kunak: Kunak) -> list[Alert]:
    """The latest."""
    async with kunak.sessions() as session:
        return await messaging.list_alerts(session)


async def list_dead_jobs(kunak: Kunak, queue: str | None) -> list[DeadLetter]:
    async with kunak.sessions() as session:
        return await list_dead_letters(session, queue)


async def replay_dead_jobs(kunak: Kunak, ids: list[int], queue: str | None) -> int:
    """The given held jobs, or with no ids all of the queue; how many."""
    async with kunak.sessions.begin() as session:
        chosen = ids or [letter.id for letter in await list_dead_letters(session, queue, limit=10_000)]
        record_event(session, actor=ACTOR, what="jobs.replayed", thing=f"queue:{queue or 'all'}", ids=chosen[:1000])
        return await replay_dead_letters(session, chosen)


def to_json(page: LedgerPage) -> dict[str, Any]:
    """A message as JSON values."""
    return {
        "id": page.line.id,
        "bot": page.line.bot,
        "chat_id": page.line.chat_id,
        "kind": page.line.kind,
        "state": page.line.state,
        "attempt": page.line.attempt,
        "error": page.line.error_text,
        "payload": page.payload,
        "transitions": [
            {"at": step.at.isoformat(), "state": step.state, "attempt": step.attempt, "error": step.error_text}
            for step in page.transitions
        ],
        "said": [to_json(each) for each in page.said],
    }
