"""The languages that people chose."""

from collections.abc import Sequence

from sqlalchemy import ARRAY, BigInteger, bindparam, delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.conversations.models import LanguageRow
from kunak.foundation.language.languages import Language

Person = tuple[int, int]
"""A bot, and the person who speaks with it."""

_LIST = text("""
    SELECT bot_id, person_id, language FROM person_languages
      JOIN (SELECT DISTINCT * FROM unnest(:bots, :people) AS t(bot_id, person_id)) asked USING (bot_id, person_id)
""").bindparams(bindparam("bots", type_=ARRAY(BigInteger)), bindparam("people", type_=ARRAY(BigInteger)))


async def list_chosen(session: AsyncSession, people: Sequence[Person]) -> list[Language | None]:
    """For each of them, in their order; None for who chose nothing."""
    bots, persons = zip(*people, strict=True)
    rows = await session.execute(_LIST, {"bots": list(bots), "people": list(persons)})
    chosen = {(row.bot_id, row.person_id): Language(row.language) for row in rows}
    return [chosen.get(each) for each in people]


async def save_language(session: AsyncSession, bot_id: int, person_id: int, language: Language) -> None:
    save = insert(LanguageRow).values(bot_id=bot_id, person_id=person_id, language=language.value)
    again = save.on_conflict_do_update(index_elements=["bot_id", "person_id"], set_={"language": language.value})
    await session.execute(again)


async def forget_language(session: AsyncSession, bot_id: int, person_id: int) -> None:
    await session.execute(delete(LanguageRow).where(LanguageRow.bot_id == bot_id, LanguageRow.person_id == person_id))
