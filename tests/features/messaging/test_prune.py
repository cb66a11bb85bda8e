"""The ledger forgets what was done with long ago, and nothing else."""

from sqlalchemy import text

from kunak.features.messaging.service.replay import prune_ledger
from kunak.foundation.db.engine import Sessions

FILL = """
    WITH bot AS (
        INSERT INTO bots (telegram_id, username, name, webhook_secret_sealed, updates_by, state)
        VALUES (1, 'friend_bot', 'Друг', '', 'polling', 'active') RETURNING id
    ), asked AS (
        INSERT INTO inbox (bot_id, update_id, chat_id, kind, payload, state, received_at)
        SELECT bot.id, n, 1, 'message', '{}', CASE WHEN n = 2 THEN 'FAILED' ELSE 'COMPLETED' END,
               now() - CASE WHEN n = 3 THEN interval '1 day' ELSE interval '200 days' END
          FROM bot, generate_series(1, 3) n RETURNING id, bot_id, received_at
    ), said AS (
        INSERT INTO outbox (bot_id, chat_id, inbox_id, method, params, state, created_at)
        SELECT bot_id, 1, id, 'sendMessage', '{}', 'DELIVERED', received_at FROM asked RETURNING id
    )
    INSERT INTO message_transitions (box, message_id, state, attempt)
    SELECT 'inbox', id, 'COMPLETED', 1 FROM asked UNION ALL SELECT 'outbox', id, 'DELIVERED', 1 FROM said
"""


async def test_only_old_messages_that_are_done_with_are_forgotten(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await session.execute(text(FILL))
    async with sessions.begin() as session:
        assert await prune_ledger(session, older_than_days=180)
    async with sessions.begin() as session:
        assert not await prune_ledger(session, older_than_days=180)
        assert list(await session.scalars(text("SELECT update_id FROM inbox ORDER BY 1"))) == [2, 3]
        assert await session.scalar(text("SELECT count(*) FROM outbox")) == 1
        assert await session.scalar(text("SELECT count(*) FROM message_transitions")) == 3
