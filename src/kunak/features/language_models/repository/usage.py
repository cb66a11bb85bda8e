"""What was used, added up."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import BigInteger, Row, TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.language_models.schemas import Tokens, UsageBy, UsageLine

_NAMES: Mapping[UsageBy, str] = MappingProxyType(
    {
        UsageBy.BOT: "coalesce('@' || b.username, '')",
        UsageBy.USER: "CASE WHEN s.is_forgotten THEN '' ELSE coalesce(s.user_id::text, '') END",
        UsageBy.MODEL: "concat_ws(' ', s.model, 'of ' || nullif(s.provider, ''))",
        UsageBy.DAY: "(s.at AT TIME ZONE :zone)::date::text",
    }
)
_SUMS = """count(*) AS calls, coalesce(sum(s.tokens_in), 0) AS tokens_in, coalesce(sum(s.tokens_cached), 0) AS cached,
           coalesce(sum(s.tokens_out), 0) AS tokens_out, coalesce(sum(s.seconds), 0) AS seconds,
           coalesce(sum(s.cost), 0) AS cost,
           count(*) FILTER (WHERE s.cost IS NULL) AS unknown, count(*) FILTER (WHERE s.is_estimated) AS estimated,
           count(*) FILTER (WHERE s.purpose = 'voice') AS voices"""

_ANSWERS = "count(*) FILTER (WHERE s.purpose = 'answer')"
"""What a person asked: what else was done for it, such as a summary, costs, and is no question of theirs."""


def _by(what: UsageBy) -> TextClause:
    return text(f"""
        SELECT {_NAMES[what]} AS name, s.currency, {_SUMS}, :zone AS zone
          FROM spendings s LEFT JOIN bots b ON b.id = s.bot_id
         WHERE s.at >= :since AND s.held_until IS NULL
         GROUP BY 1, 2 ORDER BY {"1" if what is UsageBy.DAY else "cost DESC, calls DESC"}, 1
    """)  # noqa: S608  nothing but words of this file


_QUERIES = MappingProxyType({what: _by(what) for what in UsageBy})

_OWN = text(f"""
    SELECT '' AS name, CAST(:currency AS text) AS currency, {_SUMS.replace("count(*)", _ANSWERS, 1)}
      FROM spendings s
     WHERE s.user_id = :user AND s.bot_id = :bot AND s.at >= :since AND s.held_until IS NULL
       AND s.currency = :currency
""").bindparams(bindparam("user", type_=BigInteger), bindparam("bot", type_=BigInteger))  # noqa: S608  as above

_LIST = text("""
    SELECT at, purpose, provider, model, tokens_in, tokens_cached, tokens_out, seconds, cost::text AS cost, currency,
           is_estimated
      FROM spendings
     WHERE user_id = :user AND bot_id = :bot AND NOT is_forgotten AND held_until IS NULL ORDER BY at
""").bindparams(bindparam("user", type_=BigInteger), bindparam("bot", type_=BigInteger))


async def list_usage(session: AsyncSession, by: UsageBy, since: datetime, zone: str) -> list[UsageLine]:
    """The dearest first; days in their order. A name is empty where there is none."""
    rows = await session.execute(_QUERIES[by], {"since": since, "zone": zone})
    return [_line(row) for row in rows]


async def get_own_usage(session: AsyncSession, bot_id: int, user_id: int, since: datetime, currency: str) -> UsageLine:
    """Its calls are the answers alone, voice messages beside them; its cost is all."""
    given = {"bot": bot_id, "user": user_id, "since": since, "currency": currency}
    return _line((await session.execute(_OWN, given)).one())


async def list_calls_of(session: AsyncSession, bot_id: int, user_id: int) -> list[dict[str, object]]:
    """Every call that was made for a person, oldest first, as JSON values."""
    rows = await session.execute(_LIST, {"bot": bot_id, "user": user_id})
    return [dict(row) | {"at": row["at"].isoformat()} for row in rows.mappings()]


def _line(row: Row[Any]) -> UsageLine:
    tokens = Tokens(row.tokens_in, row.cached, row.tokens_out, row.seconds)
    return UsageLine(row.name, row.calls, tokens, row.cost, row.currency, row.unknown, row.estimated, row.voices)
