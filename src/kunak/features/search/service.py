"""The front door of search: put things in, take them out, find passages, answer questions."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.answer import ask
from kunak.features.search.fold import fold, fold_for_search
from kunak.features.search.make_questions import make_questions
from kunak.features.search.render import render_found, render_json, render_plain
from kunak.features.search.repository import index as repository
from kunak.features.search.repository import lexicon, rebuilding, texts
from kunak.features.search.retrieve import search
from kunak.features.search.schemas import Entry
from kunak.features.search.split import split_passages, split_sentences
from kunak.features.search.suggest import suggest
from kunak.features.understanding.service import understand

__all__ = [
    "ask",
    "count_counted",
    "finish_rebuilding",
    "get_rebuilt_to",
    "index",
    "is_empty",
    "list_texts",
    "make_questions",
    "rebuild",
    "refresh_lexicon",
    "remove",
    "render_found",
    "render_json",
    "render_plain",
    "search",
    "split_sentences",
    "suggest",
    "understand",
]

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


async def is_empty(session: AsyncSession) -> bool:
    """Whether there is nothing to be found at all."""
    return await repository.is_empty(session)


async def count_counted(session: AsyncSession) -> int:
    """How many passages there were when words were last counted."""
    return await lexicon.get_corpus_entries(session)


async def list_texts(session: AsyncSession, references: Sequence[str]) -> dict[str, list[str]]:
    """The passages of each thing that people know by one of `references`; what is not in the index is left out.

    Reads the whole index, however few are asked for: ask for many at once.
    """
    return await texts.list_texts(session, references)


async def get_rebuilt_to(session: AsyncSession, kind: str) -> int:
    """The last thing of this kind that a rebuilding has made anew; 0 at its start. Others who rebuild wait here."""
    await rebuilding.lock_rebuilding(session)
    return await rebuilding.get_done_to(session, kind)


async def rebuild(session: AsyncSession, kind: str, entries: Sequence[Entry]) -> None:
    """The next things of a rebuilding, in the order of their ids; remembered with them, in the caller's transaction."""
    await index(session, kind, entries)
    await rebuilding.keep_done_to(session, kind, entries[-1].thing_id)


async def finish_rebuilding(session: AsyncSession, kind: str) -> None:
    """Everything of this kind is made anew: count its words, and let the next rebuilding start from the beginning."""
    await rebuilding.forget_rebuilding(session, kind)
    await lexicon.lock_lexicon(session)
    await lexicon.rebuild_lexicon(session)


async def refresh_lexicon(session: AsyncSession) -> bool:
    """Count word frequencies anew when the index has grown or shrunk by a twentieth; tells whether it did."""
    await lexicon.lock_lexicon(session)
    counted, present = await lexicon.get_growth(session)
    if abs(present - counted) <= _GROWTH * counted:
        return False
    await lexicon.rebuild_lexicon(session)
    return True


def _passages(entry: Entry) -> list[repository.Passage]:
    folded_title = fold_for_search(fold(entry.title))
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
            source=entry.source,
            place=entry.place,
            price=entry.price,
            category=entry.category,
            folded_title=folded_title,
            folded_text=fold_for_search(fold(text)),
        )
        for number, text in enumerate(split_passages(entry.text))
    ]
