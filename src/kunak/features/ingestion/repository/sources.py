"""The queries about sources."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.ingestion.schemas import (
    Counters,
    Failing,
    Health,
    NewSource,
    Reading,
    SiteMode,
    Source,
    SourceKind,
    SourceOptions,
    SourceState,
)

_COLUMNS = """id, kind, key, title, address, options, state, every_s, interval_s, keep_days, cursor, version, next_at,
    read_at, succeeded_at, failures, failing_since, error_text, notes, fetched, added, changed, unchanged,
    removed, failed"""

_LIST = text(f"SELECT {_COLUMNS} FROM sources ORDER BY id")  # noqa: S608  built from constants
_GET = text(f"SELECT {_COLUMNS} FROM sources WHERE id = :id")  # noqa: S608  as above
_FIND = text(f"""
SELECT {_COLUMNS} FROM sources WHERE key = :name OR address = :name OR lower(title) = lower(:name) ORDER BY id LIMIT 2
""")  # noqa: S608  as above
_ADD = text(f"""
INSERT INTO sources AS known (kind, key, title, address, options, every_s, interval_s, keep_days, next_at)
VALUES (:kind, :key, :title, :address, :options, :every_s, :interval_s, :keep_days, now())
ON CONFLICT (kind, key) DO UPDATE SET
    title = excluded.title, address = excluded.address, options = excluded.options, every_s = excluded.every_s,
    keep_days = excluded.keep_days, next_at = excluded.next_at
WHERE known.address IS NULL
RETURNING {_COLUMNS}
""").bindparams(bindparam("options", type_=JSONB))  # noqa: S608  as above
_LIST_DUE = text("""
SELECT id FROM sources WHERE state = 'active' AND next_at <= now() AND (kind = 'telegram_account') = :by_account
ORDER BY next_at LIMIT :limit
""")
_WAKE_ACCOUNT = text("""
UPDATE sources SET next_at = now()
WHERE kind = 'telegram_account' AND state = 'active' AND address IS NOT NULL
  AND (CAST(:channels AS bigint[]) IS NULL OR CAST(cursor ->> 'channel' AS bigint) = ANY (CAST(:channels AS bigint[])))
""")
_HAS_ACCOUNT = text("""
SELECT EXISTS (SELECT FROM sources WHERE kind = 'telegram_account' AND state = 'active' AND address IS NOT NULL)
""")
_LIST_REMOVING = text("SELECT id FROM sources WHERE state = 'removing' ORDER BY id LIMIT :limit")
_MAKE_DUE = text("UPDATE sources SET next_at = least(next_at, now()) WHERE id = :id")
_SET_STATE = text("""
UPDATE sources SET state = :state, failures = 0, failing_since = NULL, next_at = now() WHERE id = :id
""")
_REMOVE = text("DELETE FROM sources WHERE id = :id RETURNING title")
_LOCK_VERSION = text("""
SELECT true FROM sources WHERE id = :id AND version = :version AND state = :state FOR NO KEY UPDATE
""")
_KEEP_STEP = text("""
UPDATE sources SET
    cursor = :cursor, version = version + 1, notes = CAST(:notes AS text[]), fetched = fetched + :fetched,
    added = added + :added, changed = changed + :changed, unchanged = unchanged + :unchanged,
    removed = removed + :removed, failed = failed + :failed
WHERE id = :id
""").bindparams(bindparam("cursor", type_=JSONB))
_FINISH = text("""
UPDATE sources SET
    next_at = now() + :interval, interval_s = :interval_s, read_at = now(), succeeded_at = now(), failures = 0,
    failing_since = NULL, error_text = NULL
WHERE id = :id
""")
_FAIL = text("""
UPDATE sources SET
    next_at = now() + :pause, read_at = now(), failures = failures + 1, error_text = :error, failed = failed + 1,
    failing_since = coalesce(failing_since, now())
WHERE id = :id RETURNING failing_since
""")
_COUNT = text("""
SELECT count(*) FILTER (WHERE state = 'active') AS active, count(*) FILTER (WHERE state = 'paused') AS paused,
       count(*) FILTER (WHERE state = 'active' AND next_at < now() - CAST(:late AS interval)) AS behind,
       coalesce(now() - min(next_at) FILTER (WHERE state = 'active'), '0') AS behind_by
FROM sources WHERE address IS NOT NULL
""")
_LIST_FAILING = text("""
SELECT title, failing_since, error_text FROM sources
WHERE state = 'active' AND failing_since IS NOT NULL ORDER BY failing_since
""")


async def list_sources(session: AsyncSession) -> list[Source]:
    return [_source(row) for row in (await session.execute(_LIST)).mappings()]


async def get_source(session: AsyncSession, source_id: int) -> Source | None:
    row = (await session.execute(_GET, {"id": source_id})).mappings().one_or_none()
    return None if row is None else _source(row)


async def find_sources(session: AsyncSession, name: str) -> list[Source]:
    """Those with this key, address or title; two at most."""
    return [_source(row) for row in (await session.execute(_FIND, {"name": name})).mappings()]


async def add_source_once(session: AsyncSession, new: NewSource, interval: timedelta) -> Source | None:
    """The source, due at once; None when it is there already. One that came in a file is read on from now on."""
    values = {
        "kind": new.kind.value,
        "key": new.key,
        "title": new.title,
        "address": new.address,
        "options": _options_to_json(new.options),
        "every_s": new.every and round(new.every.total_seconds()),
        "interval_s": round(interval.total_seconds()),
        "keep_days": new.keep_days,
    }
    row = (await session.execute(_ADD, values)).mappings().one_or_none()
    return None if row is None else _source(row)


async def list_due(session: AsyncSession, *, limit: int, by_account: bool) -> list[int]:
    """Ids of the sources to be read now, the longest due first: those of the Telegram account, or the others."""
    return list(await session.scalars(_LIST_DUE, {"limit": limit, "by_account": by_account}))


async def wake_account_sources(session: AsyncSession, channels: Sequence[int] | None = None) -> None:
    """Sources that the Telegram account reads are due now; `channels`: only those with these ids."""
    await session.execute(_WAKE_ACCOUNT, {"channels": None if channels is None else list(channels)})


async def has_account_sources(session: AsyncSession) -> bool:
    """Whether the Telegram account has anything to read."""
    return bool(await session.scalar(_HAS_ACCOUNT))


async def set_state(session: AsyncSession, source_id: int, state: SourceState) -> None:
    """Pause or resume; what is resumed is due at once."""
    await session.execute(_SET_STATE, {"id": source_id, "state": state.value})


async def make_due(session: AsyncSession, source_id: int) -> None:
    await session.execute(_MAKE_DUE, {"id": source_id})


async def list_removing(session: AsyncSession, *, limit: int) -> list[int]:
    """Ids of the sources whose removal was begun."""
    return list(await session.scalars(_LIST_REMOVING, {"limit": limit}))


async def remove_source(session: AsyncSession, source_id: int) -> str | None:
    """Its title; None when there is no such source any more."""
    title: str | None = await session.scalar(_REMOVE, {"id": source_id})
    return title


async def lock_version(session: AsyncSession, source: Source) -> bool:
    """Lock a source; False when it was removed, paused or resumed, or somebody else has read on in it."""
    values = {"id": source.id, "version": source.version, "state": source.state.value}
    return bool(await session.scalar(_LOCK_VERSION, values))


async def keep_step(
    session: AsyncSession, source_id: int, cursor: dict[str, Any], read: Reading, *, failed: int, notes: Sequence[str]
) -> None:
    """Write down how far a source has been read, and what came of it."""
    values = {
        "id": source_id,
        "cursor": cursor,
        "notes": list(notes),
        "fetched": read.fetched,
        "added": read.stored.added,
        "changed": read.stored.changed,
        "unchanged": read.stored.unchanged,
        "removed": read.removed,
        "failed": failed,
    }
    await session.execute(_KEEP_STEP, values)


async def finish_reading(session: AsyncSession, source_id: int, *, interval: timedelta, next_in: timedelta) -> None:
    """It was read to its end; `interval` is remembered, `next_in` is when it is due again."""
    values = {"id": source_id, "interval": next_in, "interval_s": round(interval.total_seconds())}
    await session.execute(_FINISH, values)


async def fail_reading(session: AsyncSession, source_id: int, *, error: str, pause: timedelta) -> datetime | None:
    """Since when it fails; None when there is no such source any more."""
    since: datetime | None = await session.scalar(_FAIL, {"id": source_id, "error": error, "pause": pause})
    return since


async def get_health(session: AsyncSession, *, late: timedelta) -> Health:
    """`late`: what should have been read so long ago is behind."""
    counts = (await session.execute(_COUNT, {"late": late})).mappings().one()
    failing = tuple(Failing(*row) for row in await session.execute(_LIST_FAILING))
    return Health(failing=failing, **counts)


def _options_to_json(options: SourceOptions) -> dict[str, Any]:
    values = {"mode": options.mode and options.mode.value, "backfill": options.backfill}
    return values | {"heed_robots": options.heed_robots}


def _options(values: dict[str, Any]) -> SourceOptions:
    mode = values.get("mode")
    defaults = SourceOptions()
    return SourceOptions(
        SiteMode(mode) if mode else None,
        values.get("backfill", defaults.backfill),
        values.get("heed_robots", defaults.heed_robots),
    )


def _source(row: RowMapping) -> Source:
    return Source(
        id=row["id"],
        kind=SourceKind(row["kind"]),
        key=row["key"],
        title=row["title"],
        address=row["address"],
        options=_options(row["options"]),
        state=SourceState(row["state"]),
        every=_duration(row["every_s"]),
        interval=timedelta(seconds=row["interval_s"]),
        keep_days=row["keep_days"],
        cursor=row["cursor"],
        version=row["version"],
        next_at=row["next_at"],
        read_at=row["read_at"],
        succeeded_at=row["succeeded_at"],
        failures=row["failures"],
        failing_since=row["failing_since"],
        error=row["error_text"],
        notes=tuple(row["notes"]),
        counters=Counters(**{name: row[name] for name in Counters.__annotations__}),
    )


def _duration(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
