"""What is kept of one private chat, as its person may see it."""

from typing import Any

from sqlalchemy import BigInteger, TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession


def _of_chat(query: str) -> TextClause:
    return text(query).bindparams(bindparam("bot", type_=BigInteger), bindparam("chat", type_=BigInteger))


_THREADS = _of_chat("""
    SELECT t.topic, t.state, t.language, t.started_at, t.summary,
           coalesce((SELECT jsonb_agg(
                                jsonb_build_object('role', m.role, 'text', m.text, 'at', m.created_at) ORDER BY m.id)
                       FROM thread_messages m WHERE m.thread_id = t.id), '[]') AS messages
      FROM threads t WHERE t.bot_id = :bot AND t.chat_id = :chat ORDER BY t.id
""")
_ANSWERS = _of_chat("""
    SELECT created_at AS at, mode, outcome, question, text, provider, model, tokens_in, tokens_cached, tokens_out,
           cost::text AS cost, currency, is_estimated, seconds, passages
      FROM generations WHERE bot_id = :bot AND chat_id = :chat ORDER BY id
""")
_SEARCHES = _of_chat("""
    SELECT asked_at AS at, wish, question, language
      FROM conversation_searches WHERE bot_id = :bot AND chat_id = :chat ORDER BY id
""")
_FORGET_SEARCHES = _of_chat("DELETE FROM conversation_searches WHERE bot_id = :bot AND chat_id = :chat")


async def list_of_chat(session: AsyncSession, bot_id: int, chat_id: int) -> dict[str, list[dict[str, Any]]]:
    """Its threads with what was said in them, answers of models, and searches that bear buttons; oldest first."""
    kept = {"threads": _THREADS, "answers": _ANSWERS, "searches": _SEARCHES}
    chat = {"bot": bot_id, "chat": chat_id}
    return {
        name: [dict(row) for row in (await session.execute(query, chat)).mappings()] for name, query in kept.items()
    }


async def forget_searches(session: AsyncSession, bot_id: int, chat_id: int) -> None:
    await session.execute(_FORGET_SEARCHES, {"bot": bot_id, "chat": chat_id})
