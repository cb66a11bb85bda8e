"""The front door of search: put things in, take them out, find passages, answer questions."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search import repository
from kunak.features.search.answer import ask
from kunak.features.search.fold import fold
from kunak.features.search.render import render_json, render_plain
from kunak.features.search.retrieve import search
from kunak.features.search.schemas import Entry
from kunak.features.search.split import split_passages
from kunak.features.understanding.service import understand

__all__ = ["ask", "index", "refresh_lexicon", "remove", "render_json", "render_plain", "search", "understand"]

_GROWTH = 0.05
"""Part of the index that may be new before word frequencies are counted anew."""


async def index(session: AsyncSession, kind: str, entries: Sequence[Entry]) -> None:
    """Make `entries` findable, in the caller's transaction; what the index knew of these things is replaced."""
    await repository.remove_things(session, kind, [entry.thing_id for entry in entries])
    passages = [passage for entry in entries for passage in _passages(entry)]
    await repository.add_passages(session, kind, passages)


async def remove(session: AsyncSession, kind: str, thing_ids: Sequence[int]) -> None:
    """Forget these things, in the caller's transaction."""
    await repository.remove_things(session, kind, thing_ids)


async def refresh_lexicon(session: AsyncSession) -> bool:
    """Count word frequencies anew when the index has grown or shrunk by a twentieth; tells whether it did."""
    await repository.lock_lexicon(session)
    counted, present = await repository.get_growth(session)
    if abs(present - counted) <= _GROWTH * counted:
        return False
    await repository.rebuild_lexicon(session)
    return True


def _passages(entry: Entry) -> list[repository.Passage]:
    folded_title = fold(entry.title)
    return [
        repository.Passage(
            thing_id=entry.thing_id,
            passage=number,
            reference=entry.reference,
            title=entry.title,
            text=text,
            language=entry.language,
            url=entry.url,
            published_at=entry.published_at,
            folded_title=folded_title,
            folded_text=fold(text),
        )
        for number, text in enumerate(split_passages(entry.text))
    ]
