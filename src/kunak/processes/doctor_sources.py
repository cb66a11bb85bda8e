"""How sources are, for `kunak doctor`."""

from kunak.features.ingestion import service as ingestion
from kunak.features.ingestion.schemas import Health
from kunak.foundation.db.engine import create_engine, create_sessions
from kunak.foundation.db.migrate import current_revision, newest_revision
from kunak.processes.findings import Finding, State

_NAMED = 3


async def examine_sources(url: str) -> list[Finding]:
    """Nothing for a database without tables yet, or without a source."""
    engine = create_engine(url, pool_size=1, name="kunak-doctor")
    try:
        if await current_revision(engine) != newest_revision():
            return []
        async with create_sessions(engine)() as session:
            health = await ingestion.get_health(session)
    finally:
        await engine.dispose()
    if not health.active and not health.paused:
        return []
    state = State.NOTE if health.failing or health.behind else State.OK
    return [Finding("Sources", state, _say_health(health))]


def _say_health(health: Health) -> str:
    said = [f"{health.active}" + (f" and {health.paused} paused" if health.paused else "")]
    if health.failing:
        named = [f"{each.title} since {each.since:%Y-%m-%d %H:%M} UTC ({each.error})" for each in health.failing]
        others = len(named) - _NAMED
        more = f" and {others} more, see `kunak source list`" if others > 0 else ""
        said.append(f"{len(named)} cannot be read: {', '.join(named[:_NAMED])}{more}")
    if health.behind:
        minutes = round(health.behind_by.total_seconds() / 60)
        said.append(
            f"{health.behind} should have been read by now, one of them {minutes} minutes ago: "
            "does `kunak up` or `kunak run ingest` run?"
        )
    return "; ".join(said)
