"""The verdict on a chaos: what the sandbox received, held against what the ledger says."""

from dataclasses import dataclass
from datetime import timedelta

from benchmarks.chaos_town import Town
from sqlalchemy import text

from kunak.foundation.db.engine import create_engine

# Every question with its place in the order of updates, how often the answer to one of its sends got lost, and how
# often the ledger thought that it might be sending again.
_QUESTIONS = text(r"""
    SELECT substring(i.payload -> 'message' ->> 'text' FROM '[a-z]{12}$') AS word, i.update_id, i.received_at,
           (SELECT count(*) FROM message_transitions t JOIN outbox o ON o.id = t.message_id
             WHERE t.box = 'outbox' AND o.inbox_id = i.id AND t.error_text LIKE 'The answer of%got lost%') AS lost,
           (SELECT coalesce(sum(o.interrupted), 0) FROM outbox o WHERE o.inbox_id = i.id) AS counted
      FROM inbox i WHERE i.kind = 'message' AND i.payload -> 'message' ->> 'text' ~ '[a-z]{12}$'
     ORDER BY i.update_id
""")

_GRACE = timedelta(seconds=0.3)  # as in the settings


@dataclass(frozen=True)
class Verdict:
    """As in `Outcome`."""

    answered: int
    lost: int
    duplicates: int
    after_lost_answers: int
    counted: int
    out_of_order: int
    arrived_too_late: int


async def judge(town: Town, database_url: str) -> Verdict:
    engine = create_engine(database_url)
    async with engine.connect() as connection:
        rows = (await connection.execute(_QUESTIONS)).all()
    await engine.dispose()
    asked = [row.word for row in rows]
    repeated = {word: count - 1 for word, count in town.answers.items() if count > 1}
    lost_answers = {row.word: row.lost for row in rows}
    explained = {word: min(count, lost_answers[word]) for word, count in repeated.items()}
    received = {row.word: row.received_at for row in rows}
    overtaken = town.overtaken(asked)
    too_late = [word for word, by in overtaken.items() if received[word] > received[by] + _GRACE]
    return Verdict(
        answered=len(town.first_answers),
        lost=len(town.questions) - len(town.first_answers),
        duplicates=sum(repeated.values()) - sum(explained.values()),
        after_lost_answers=sum(explained.values()),
        counted=sum(int(row.counted) for row in rows),
        out_of_order=len(overtaken) - len(too_late),
        arrived_too_late=len(too_late),
    )
