"""Answers that people voted on."""

from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.conversations.models import GenerationRow, PromptVersionRow, VoteRow
from kunak.features.conversations.schemas import Feedback, Generation, GenerationMode, Outcome, Tally, ThreadMessage


async def list_feedback(
    session: AsyncSession, *, bot_id: int | None = None, only_down: bool = False, limit: int
) -> list[Feedback]:
    """The answers voted on last; with `only_down` those that somebody did not like."""
    query = _voted_on()
    if bot_id is not None:
        query = query.where(GenerationRow.bot_id == bot_id)
    if only_down:
        query = query.having(func.bool_or(~VoteRow.is_up))
    latest = query.order_by(func.max(VoteRow.voted_at).desc(), GenerationRow.id.desc()).limit(limit)
    return [_to_feedback(*row) for row in (await session.execute(latest)).all()]


async def get_feedback(session: AsyncSession, generation_id: int) -> Feedback | None:
    """An answer that somebody voted on; None when there is no such."""
    row = (await session.execute(_voted_on().where(GenerationRow.id == generation_id))).one_or_none()
    return None if row is None else _to_feedback(*row)


def _voted_on() -> Select[GenerationRow, PromptVersionRow, Any, Any]:
    ups = func.sum(case((VoteRow.is_up, 1), else_=0))
    downs = func.sum(case((VoteRow.is_up, 0), else_=1))
    return (
        select(GenerationRow, PromptVersionRow, ups, downs)
        .join(VoteRow, VoteRow.generation_id == GenerationRow.id)
        .join(PromptVersionRow, PromptVersionRow.id == GenerationRow.prompt_version_id)
        .group_by(GenerationRow.id, PromptVersionRow.id)
    )


def _to_feedback(row: GenerationRow, prompt: PromptVersionRow, ups: int, downs: int) -> Feedback:
    return Feedback(
        id=row.id,
        bot_id=row.bot_id,
        chat_id=row.chat_id,
        at=row.created_at,
        tally=Tally(ups, downs),
        generation=_to_generation(row),
        prompt_number=prompt.number,
        prompt_is_shipped=prompt.bot_id is None,
        prompt=prompt.text,
    )


def _to_generation(row: GenerationRow) -> Generation:
    return Generation(
        mode=GenerationMode(row.mode),
        outcome=Outcome(row.outcome),
        question=row.question,
        history=[ThreadMessage(role, text) for role, text in row.history],  # type: ignore[arg-type]  # as it was written
        passages=row.passages,
        prompt_version_id=row.prompt_version_id,
        rules=row.rules,
        text=row.text,
        provider=row.provider,
        model=row.model,
        tokens_in=row.tokens_in,
        tokens_cached=row.tokens_cached,
        tokens_out=row.tokens_out,
        seconds=row.seconds,
        key=row.key,
        follow_ups=row.follow_ups,
    )
