"""How people know the bot on whose behalf a model is asked."""

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.bots import service as bots
from kunak.features.language_models.schemas import Spender


async def name_of_bot(session: AsyncSession, spender: Spender) -> str:
    """`@friend_bot`; empty where none asks."""
    return "" if spender.bot_id is None else f"@{(await bots.get_bot(session, spender.bot_id)).username}"
