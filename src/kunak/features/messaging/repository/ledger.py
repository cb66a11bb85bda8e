"""The ledger as people look at it: lists, one message whole, replay, and chats that were left alone."""

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ARRAY, BigInteger, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.messaging.schemas import Box, ChatKey, LedgerLine, LedgerPage, Transition

_COLUMNS = {
    "inbox": "m.id, m.bot_id, m.chat_id, m.kind, m.state, m.attempt, m.error_class, m.error_text, m.received_at AS at, "
    "m.payload, b.username",
    "outbox": "m.id, m.bot_id, m.chat_id, m.method AS kind, m.state, m.attempt, m.error_class, m.error_text, "
    "m.created_at AS at, m.params AS payload, b.username",
}
_REPLAYABLE = {"inbox": "('TERMINAL', 'FAILED', 'COMPLETED')", "outbox": "('TERMINAL', 'FAILED')"}
# What was answered together is answered together again.
_TOGETHER = """
    SELECT unnest(:ids) UNION SELECT joined_to FROM inbox WHERE id = ANY(:ids)
    UNION SELECT part.id FROM inbox part WHERE part.joined_to = ANY(:ids)
    UNION SELECT part.id FROM inbox given JOIN inbox part USING (joined_to) WHERE given.id = ANY(:ids)
"""
_FRESH = {"inbox": "RECEIVED", "outbox": "PENDING"}
_ANEW = {"inbox": ", stop_asked = false", "outbox": ""}

_TRANSITIONS = text("""
    SELECT at, state, attempt, error_class, error_text FROM message_transitions
     WHERE box = :box AND message_id = :id ORDER BY id
""")

_LIST_IDLE = text("""
    (SELECT 'turn' AS what, m.bot_id, m.chat_id
      FROM inbox m JOIN chats c USING (bot_id, chat_id) JOIN bots b ON b.id = m.bot_id AND b.state = 'active'
     WHERE m.state IN ('RECEIVED', 'PROCESSING', 'FAILED')
       AND (:bot IS NULL OR m.bot_id = CAST(:bot AS bigint))
       AND coalesce(m.retry_at, m.received_at) < clock_timestamp() - make_interval(secs => :older)
       AND (c.turn_until IS NULL OR c.turn_until < clock_timestamp())
     GROUP BY m.bot_id, m.chat_id ORDER BY min(m.id) LIMIT :limit)
    UNION ALL
    (SELECT 'send', m.bot_id, m.chat_id
      FROM outbox m JOIN chats c USING (bot_id, chat_id) JOIN bots b ON b.id = m.bot_id AND b.state = 'active'
     WHERE m.state IN ('PENDING', 'SENDING', 'FAILED')
       AND (:bot IS NULL OR m.bot_id = CAST(:bot AS bigint))
       AND coalesce(m.retry_at, m.created_at) < clock_timestamp() - make_interval(secs => :older)
       AND (c.send_until IS NULL OR c.send_until < clock_timestamp())
       AND (c.slot_at IS NULL OR c.slot_at < clock_timestamp())
       AND (c.next_send_at IS NULL OR c.next_send_at < clock_timestamp() - make_interval(secs => :older))
     GROUP BY m.bot_id, m.chat_id ORDER BY min(m.id) LIMIT :limit)
""").bindparams(bindparam("bot", type_=BigInteger))

# Only the oldest rows are looked at, by their numbers: an index on time would cost every message something.
_PRUNE = """
    WITH oldest AS (
        SELECT id, {at} AS at, state FROM {box} ORDER BY id LIMIT :most
    ), old AS (
        SELECT id FROM oldest WHERE at < now() - make_interval(days => :days) AND state IN ({done})
    ), steps AS (
        DELETE FROM message_transitions USING old WHERE box = '{box}' AND message_id = old.id
    )
    DELETE FROM {box} USING old WHERE {box}.id = old.id
"""
_PRUNE_BOXES = (
    text(_PRUNE.format(box="outbox", at="created_at", done="'DELIVERED', 'TERMINAL'")),
    text(_PRUNE.format(box="inbox", at="received_at", done="'COMPLETED', 'TERMINAL'")),
)


@dataclass(frozen=True)
class IdleChat:
    """A chat with due work and nobody at it: an inbox turn, or an outbox send."""

    what: Literal["turn", "send"]
    chat: ChatKey


async def list_messages(
    session: AsyncSession, box: Box, *, bot_id: int | None, state: str | None, limit: int
) -> list[LedgerLine]:
    """The newest messages of a box."""
    query = text(f"""
        SELECT {_COLUMNS[box]} FROM {box} m JOIN bots b ON b.id = m.bot_id
         WHERE (:bot IS NULL OR m.bot_id = CAST(:bot AS bigint))
           AND (CAST(:state AS text) IS NULL OR m.state = :state)
         ORDER BY m.id DESC LIMIT :limit
    """).bindparams(bindparam("bot", type_=BigInteger))  # noqa: S608  columns and tables are constants of ours
    rows = await session.execute(query, {"bot": bot_id, "state": state, "limit": limit})
    return [_line(row) for row in rows]


async def get_page(session: AsyncSession, box: Box, message_id: int) -> LedgerPage | None:
    """One message with its steps."""
    query = text(f"SELECT {_COLUMNS[box]} FROM {box} m JOIN bots b ON b.id = m.bot_id WHERE m.id = :id")  # noqa: S608  as above
    row = (await session.execute(query, {"id": message_id})).one_or_none()
    if row is None:
        return None
    steps = await session.execute(_TRANSITIONS, {"box": box, "id": message_id})
    transitions = [Transition(s.at, s.state, s.attempt, s.error_class, s.error_text) for s in steps]
    return LedgerPage(_line(row), row.payload, [Transition(row.at, _FRESH[box], 0, None, None), *transitions])


async def list_said(session: AsyncSession, inbox_id: int) -> list[int]:
    """The outbox messages that answer an inbox message, or the first of those that it was joined to."""
    query = """
        SELECT id FROM outbox
         WHERE inbox_id IN (:id, (SELECT joined_to FROM inbox WHERE id = :id AND state IN ('COMPLETED', 'TERMINAL')))
         ORDER BY id
    """
    rows = await session.scalars(text(query), {"id": inbox_id})
    return list(rows)


async def list_ids(
    session: AsyncSession, box: Box, *, bot_id: int | None, state: str, after: int, limit: int
) -> list[int]:
    """The oldest messages of a box in a state, of those numbered above `after`."""
    query = text(f"""
        SELECT id FROM {box} WHERE id > :after AND state = :state AND (:bot IS NULL OR bot_id = CAST(:bot AS bigint))
         ORDER BY id LIMIT :limit
    """).bindparams(bindparam("bot", type_=BigInteger))  # noqa: S608  as above
    return list(await session.scalars(query, {"state": state, "bot": bot_id, "after": after, "limit": limit}))


async def replay(session: AsyncSession, box: Box, ids: list[int]) -> list[ChatKey]:
    """Begin messages anew; the chats they are in. Those still under way are left alone."""
    together = _TOGETHER if box == "inbox" else "SELECT unnest(:ids)"
    query = text(f"""
        WITH again AS (
            UPDATE {box} SET state = '{_FRESH[box]}', attempt = 0, retry_at = NULL,
                   error_class = NULL, error_text = NULL{_ANEW[box]}
             WHERE id IN ({together}) AND state IN {_REPLAYABLE[box]}
            RETURNING id, bot_id, chat_id
        ), noted AS (
            INSERT INTO message_transitions (box, message_id, state, attempt)
            SELECT '{box}', id, '{_FRESH[box]}', 0 FROM again
        )
        SELECT bot_id, chat_id FROM again
    """).bindparams(bindparam("ids", type_=ARRAY(BigInteger)))  # noqa: S608  as above
    rows = await session.execute(query, {"ids": ids})
    return [ChatKey(row.bot_id, row.chat_id) for row in rows]


async def list_idle_chats(
    session: AsyncSession, *, older_than_s: float, limit: int, bot_id: int | None = None
) -> list[IdleChat]:
    """Chats whose work has been due for `older_than_s` seconds, and which nobody holds."""
    rows = await session.execute(_LIST_IDLE, {"older": older_than_s, "limit": limit, "bot": bot_id})
    return [IdleChat(row.what, ChatKey(row.bot_id, row.chat_id)) for row in rows]


async def prune(session: AsyncSession, *, older_than_days: int, most: int) -> int:
    """Of the `most` oldest messages of each box, forget those that were done with so long ago; how many."""
    parameters = {"days": older_than_days, "most": most}
    pruned = 0
    for statement in _PRUNE_BOXES:
        pruned += int(getattr(await session.execute(statement, parameters), "rowcount", 0))
    return pruned


def _line(row: Any) -> LedgerLine:
    return LedgerLine(
        row.id, row.username, row.chat_id, row.kind, row.state, row.attempt, row.error_class, row.error_text, row.at
    )
