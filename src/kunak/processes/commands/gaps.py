"""`kunak search gaps`: the questions that nothing was found for."""

from collections.abc import Sequence
from typing import Any

from kunak.features.search import service as search
from kunak.features.search.schemas import Gap
from kunak.foundation.db.engine import Sessions


async def list_gaps(sessions: Sessions, *, limit: int, with_resolved: bool) -> Sequence[Gap]:
    """The most asked first."""
    async with sessions() as session:
        return await search.list_gaps(session, limit=limit, with_resolved=with_resolved)


def describe(gaps: Sequence[Gap]) -> str:
    """A line for each: how often it was asked, when last, and the question."""
    if not gaps:
        return "No question was left without an answer."
    return "\n".join(map(_line, gaps))


def _line(gap: Gap) -> str:
    resolved = "  (resolved)" if gap.resolved_at else ""
    return f"{gap.times:>6}  {gap.last_asked_at:%Y-%m-%d}  {_in_one_line(gap.question)}{resolved}"


def _in_one_line(question: str) -> str:
    return "".join(each if each.isprintable() else " " for each in question)


def to_json(gap: Gap) -> dict[str, Any]:
    return {
        "question": gap.question,
        "language": gap.language,
        "times": gap.times,
        "first_asked_at": gap.first_asked_at.isoformat(),
        "last_asked_at": gap.last_asked_at.isoformat(),
        "resolved_at": gap.resolved_at and gap.resolved_at.isoformat(),
    }
