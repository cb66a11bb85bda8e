"""What people think of the answers of models."""

from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, literal_column, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.conversations.models import GenerationRow, VoteRow
from kunak.features.conversations.schemas import Answered, Tally, Vote

_KEEP_FOLLOWED = text("""
UPDATE generations SET followed = array_append(followed, CAST(:number AS integer))
 WHERE id = :id AND NOT CAST(:number AS integer) = ANY (followed)
""")


async def get_answered(session: AsyncSession, key: UUID, *, bot_id: int, chat_id: int) -> Answered | None:
    """An answer given in this very chat; None when it is forgotten, or another's."""
    row = await session.scalar(
        select(GenerationRow).where(
            GenerationRow.key == key, GenerationRow.bot_id == bot_id, GenerationRow.chat_id == chat_id
        )
    )
    return None if row is None else Answered(row.id, row.inbox_id, row.question, row.follow_ups, row.followed)


async def count_votes(session: AsyncSession, generation_id: int, *, besides: int) -> Tally:
    """Of everybody but the person `besides`."""
    others = (VoteRow.generation_id == generation_id, VoteRow.person_id != besides)
    ups, downs = (
        await session.execute(select(_count(VoteRow.is_up.is_(True)), _count(VoteRow.is_up.is_(False))).where(*others))
    ).one()
    return Tally(ups, downs)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(literal_column("1")).filter(condition)


async def put_vote(session: AsyncSession, generation_id: int, person_id: int, *, is_up: bool) -> None:
    """In place of what the person thought before. Of an answer that is forgotten by now nothing is kept."""
    alive = await session.scalar(
        select(GenerationRow.id).where(GenerationRow.id == generation_id).with_for_update(key_share=True, read=True)
    )
    if alive is None:
        return
    said = {"is_up": is_up, "voted_at": func.now()}
    put = insert(VoteRow).values(generation_id=generation_id, person_id=person_id, **said)
    await session.execute(put.on_conflict_do_update(index_elements=["generation_id", "person_id"], set_=said))


async def keep_followed(session: AsyncSession, generation_id: int, number: int) -> None:
    """Question `number` below this answer was asked."""
    await session.execute(_KEEP_FOLLOWED, {"id": generation_id, "number": number})


async def list_votes_of(session: AsyncSession, bot_id: int, person_id: int) -> list[Vote]:
    """What a person thinks of answers of this bot, wherever they were given; the latest first."""
    own = (
        select(VoteRow.person_id, VoteRow.is_up, VoteRow.voted_at, GenerationRow.question)
        .join(GenerationRow, GenerationRow.id == VoteRow.generation_id)
        .where(VoteRow.person_id == person_id, GenerationRow.bot_id == bot_id)
        .order_by(VoteRow.voted_at.desc())
    )
    return [Vote(*row) for row in (await session.execute(own)).all()]


async def forget_votes_of(session: AsyncSession, bot_id: int, person_id: int) -> None:
    of_bot = select(GenerationRow.id).where(GenerationRow.bot_id == bot_id)
    await session.execute(delete(VoteRow).where(VoteRow.person_id == person_id, VoteRow.generation_id.in_(of_bot)))
