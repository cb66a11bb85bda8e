"""Counts for all processes together, in the database."""

import logging
import math
from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, Index, Integer, Text, bindparam, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from kunak.foundation.counting.interface import Counted
from kunak.foundation.db.base import Base
from kunak.foundation.db.batching import Batcher
from kunak.foundation.db.engine import Sessions

log = logging.getLogger(__name__)


class CountRow(Base):
    """How often something happened in its present window. Lost when the database crashes, and no loss."""

    __tablename__ = "counts"
    __table_args__ = (Index("counts_ends_at_idx", "ends_at"), {"prefixes": ["UNLOGGED"]})

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    ends_at: Mapped[datetime]


# In order of keys: two batches that lock the same rows in different orders would wait for each other.
_COUNT = text("""
    INSERT INTO counts AS known (key, count, ends_at)
    SELECT key, times, clock_timestamp() + :lasts FROM unnest(:keys, :times) AS given(key, times) ORDER BY key
    ON CONFLICT (key) DO UPDATE SET
        count = excluded.count + CASE WHEN known.ends_at > clock_timestamp() THEN known.count ELSE 0 END,
        ends_at = CASE WHEN known.ends_at > clock_timestamp() THEN known.ends_at ELSE excluded.ends_at END
    RETURNING key, count AS total, extract(epoch FROM ends_at - clock_timestamp())::float AS left_s
""").bindparams(bindparam("keys", type_=ARRAY(Text)), bindparam("times", type_=ARRAY(Integer)))

# More are forgotten than were begun since the last time, so they cannot pile up.
_FORGET = text("""
    DELETE FROM counts WHERE key IN (
        SELECT key FROM counts WHERE ends_at < clock_timestamp() - interval '1 minute'
         ORDER BY ends_at LIMIT :most FOR UPDATE SKIP LOCKED)
""")


class PostgresCounter:
    """As `Counter` says; what is counted at the same moment shares a statement."""

    def __init__(self, sessions: Sessions, window_s: int, *, forget_every: int = 100) -> None:
        """`sessions`: no transaction is needed around a statement. `forget_every`: after so many counts windows that
        ended are forgotten.
        """
        self._forget_every = forget_every
        self._lasts = timedelta(seconds=window_s)
        self._batches: Batcher[str, Counted] = Batcher(sessions, self._count)
        self._since_forgetting = 0

    async def count(self, key: str) -> Counted:
        return await self._batches.add(key)

    async def _count(self, session: AsyncSession, keys: Sequence[str]) -> list[Counted]:
        tally = Tally(keys)
        given: dict[str, Any] = {"keys": list(tally), "times": list(tally.values()), "lasts": self._lasts}
        rows = {row.key: row for row in await session.execute(_COUNT, given)}
        self._since_forgetting += len(tally)
        if self._since_forgetting >= self._forget_every:
            await self._forget(session)
        return _each(keys, tally, rows)

    async def _forget(self, session: AsyncSession) -> None:
        """Should it fail, what was counted just now is counted all the same: a second try would count it twice."""
        try:
            await session.execute(_FORGET, {"most": 2 * self._since_forgetting})
            self._since_forgetting = 0
        except SQLAlchemyError as error:
            log.warning("counting: windows that ended were not forgotten (%s)", type(error).__name__)


def _each(keys: Sequence[str], tally: Tally[str], rows: Mapping[str, Any]) -> list[Counted]:
    """What each of `keys` has counted, in their order."""
    counted = []
    for key in keys:
        tally[key] -= 1
        counted.append(Counted(rows[key].total - tally[key], max(1, math.ceil(rows[key].left_s))))
    return counted
