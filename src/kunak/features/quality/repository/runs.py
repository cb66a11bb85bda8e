"""The queries of runs and their results."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.quality.schemas import Conditions, Result, Run, RunKind, RunState

_RUN = """id, kind, set, label, state, started_at, finished_at, conditions, settings_fingerprint,
       questions_fingerprint, figures, is_baseline"""
_LOCK = "hashtext('quality_runs'), CAST({id} % 2147483647 AS integer)"

_ADD = text("""
INSERT INTO quality_runs (kind, set, label, conditions, settings_fingerprint, questions_fingerprint)
VALUES (:kind, :set, :label, :conditions, :settings_fingerprint, :questions_fingerprint)
RETURNING id
""").bindparams(bindparam("conditions", type_=JSONB))
_GET = text(f"SELECT {_RUN} FROM quality_runs WHERE id = :id")  # noqa: S608  built from constants
_LIST = text(f"SELECT {_RUN} FROM quality_runs ORDER BY id DESC LIMIT :limit")  # noqa: S608  as above
_GET_BASELINE = text(f"""
SELECT {_RUN} FROM quality_runs WHERE kind = :kind AND set = :set AND is_baseline
""")  # noqa: S608  as above
_FINISH = text("""
UPDATE quality_runs SET state = 'finished', figures = :figures, finished_at = now()
WHERE id = :id AND state = 'running' RETURNING id
""").bindparams(bindparam("figures", type_=JSONB))
_BREAK = text("UPDATE quality_runs SET state = 'broken', finished_at = now() WHERE id = :id AND state = 'running'")
_BREAK_LEFT = text(f"""
UPDATE quality_runs SET state = 'broken', finished_at = now()
WHERE state = 'running' AND pg_try_advisory_xact_lock({_LOCK.format(id="id")})
""")  # noqa: S608  built from constants
_HOLD = text(f"SELECT pg_advisory_xact_lock({_LOCK.format(id='CAST(:id AS bigint)')})")
_UNSET_BASELINE = text("UPDATE quality_runs SET is_baseline = false WHERE kind = :kind AND set = :set AND is_baseline")
_SET_BASELINE = text("UPDATE quality_runs SET is_baseline = true WHERE id = :id")

_RESULT = "key, question, language, origin, way, score, support, first_place, refused, cost, took_ms, cited"
_ADD_RESULT = text(f"""
INSERT INTO quality_results (run_id, {_RESULT})
VALUES (:run_id, {", ".join(f":{name}" for name in _RESULT.split(", "))})
ON CONFLICT (run_id, key) DO NOTHING
""")  # noqa: S608  built from constants
_LIST_RESULTS = text(f"SELECT {_RESULT} FROM quality_results WHERE run_id = :run_id ORDER BY key")  # noqa: S608  as above


async def add_run(
    session: AsyncSession,
    *,
    kind: RunKind,
    of: str,
    label: str,
    conditions: Conditions,
    settings_fingerprint: str,
    questions_fingerprint: str,
) -> int:
    values = {
        "kind": kind.value,
        "set": of,
        "label": label,
        "conditions": asdict(conditions),
        "settings_fingerprint": settings_fingerprint,
        "questions_fingerprint": questions_fingerprint,
    }
    return int((await session.execute(_ADD, values)).scalar_one())


async def get_run(session: AsyncSession, run_id: int) -> Run | None:
    row = (await session.execute(_GET, {"id": run_id})).one_or_none()
    return None if row is None else _run(row)


async def list_runs(session: AsyncSession, *, limit: int) -> list[Run]:
    """The latest first."""
    return [_run(row) for row in await session.execute(_LIST, {"limit": limit})]


async def get_baseline(session: AsyncSession, kind: RunKind, of: str) -> Run | None:
    row = (await session.execute(_GET_BASELINE, {"kind": kind.value, "set": of})).one_or_none()
    return None if row is None else _run(row)


async def finish_run(session: AsyncSession, run_id: int, figures: dict[str, Any]) -> bool:
    """Tells whether it was still running."""
    return await session.scalar(_FINISH, {"id": run_id, "figures": figures}) is not None


async def break_run(session: AsyncSession, run_id: int) -> None:
    await session.execute(_BREAK, {"id": run_id})


async def hold_run(session: AsyncSession, run_id: int) -> None:
    """Until the caller's transaction ends, the run is known to be alive."""
    await session.execute(_HOLD, {"id": run_id})


async def break_left_runs(session: AsyncSession) -> None:
    """Those that nobody holds any more: their process was killed."""
    await session.execute(_BREAK_LEFT)


async def lock_baselines(session: AsyncSession) -> None:
    """One transaction at a time decides about baselines."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('quality_baselines'))"))


async def set_baseline(session: AsyncSession, run: Run) -> None:
    await session.execute(_UNSET_BASELINE, {"kind": run.kind.value, "set": run.set})
    await session.execute(_SET_BASELINE, {"id": run.id})


async def add_results(session: AsyncSession, run_id: int, results: Iterable[Result]) -> None:
    rows = [{"run_id": run_id, **asdict(each), "cited": list(each.cited)} for each in results]
    if rows:
        await session.execute(_ADD_RESULT, rows)


async def list_results(session: AsyncSession, run_id: int) -> list[Result]:
    rows = (await session.execute(_LIST_RESULTS, {"run_id": run_id})).mappings()
    return [Result(**{**row, "cited": tuple(row["cited"])}) for row in rows]


def _run(row: Any) -> Run:
    values = row._asdict()
    return Run(**{**values, "kind": RunKind(row.kind), "state": RunState(row.state)})
