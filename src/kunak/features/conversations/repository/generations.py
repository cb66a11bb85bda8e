"""How the answers of models came about."""

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.conversations.models import GenerationRow
from kunak.features.conversations.schemas import Generation, ThreadPlace


async def add_generation(session: AsyncSession, place: ThreadPlace, inbox_id: int, made: Generation) -> None:
    values = {name: value for name, value in vars(made).items() if name != "bill"} | {
        "mode": made.mode.value,
        "outcome": made.outcome.value,
        "history": [[each.role, each.text] for each in made.history],
        "passages": list(made.passages),
        "follow_ups": list(made.follow_ups),
    }
    if made.bill is not None:
        values |= {"cost": made.bill.cost, "currency": made.bill.currency, "is_estimated": made.bill.is_estimated}
    session.add(GenerationRow(bot_id=place.bot_id, chat_id=place.chat_id, inbox_id=inbox_id, **values))
    await session.flush()
