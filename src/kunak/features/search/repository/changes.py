"""The query that says which state the index is in."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_GET_STATE = text("SELECT CAST(coalesce(sum(stamp), 0) AS text) FROM search_changes")


async def get_state(session: AsyncSession) -> str:
    """Another one after every committed change of the index, and the same one as long as there is none.

    Whoever has read it and then searches finds what the index held then, or something newer.
    """
    return str((await session.execute(_GET_STATE)).scalar_one())
