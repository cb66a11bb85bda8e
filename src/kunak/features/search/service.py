"""The front door of search: put things in, take them out, find passages, answer questions."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.answer import answer_question, ask, find
from kunak.features.search.check import check_embedder
from kunak.features.search.digest import digest
from kunak.features.search.embed import Report as EmbeddingReport
from kunak.features.search.embed import embed_awaited
from kunak.features.search.fold import fold, fold_for_search
from kunak.features.search.follow import ask_to_follow, begin_copy, follow, leave_copies, list_progress
from kunak.features.search.gaps import keep_or_resolve
from kunak.features.search.keep_vector_index import VectorIndexOptions, keep_vector_index
from kunak.features.search.make_questions import make_questions
from kunak.features.search.near import NearInCopy
from kunak.features.search.query import read_query
from kunak.features.search.remember import remember
from kunak.features.search.render import render_found, render_json, render_plain
from kunak.features.search.repository import filtering, lexicon, rebuilding, telling, texts, vectors
from kunak.features.search.repository import index as repository
from kunak.features.search.repository.gaps import list_gaps
from kunak.features.search.retrieve import list_nearest, search
from kunak.features.search.schemas import EmbedEntries, Entry, Filters, Retelling, VectorState
from kunak.features.search.split import split_passages, split_sentences
from kunak.features.search.suggest import suggest
from kunak.features.understanding.service import understand
from kunak.foundation.jobs.queue import enqueue

__all__ = [
    "EmbeddingReport",
    "NearInCopy",
    "VectorIndexOptions",
    "answer_question",
    "ask",
    "begin_copy",
    "check_embedder",
    "count",
    "count_counted",
    "digest",
    "embed_awaited",
    "find",
    "finish_rebuilding",
    "follow",
    "forget_former_models",
    "get_rebuilt_to",
    "index",
    "is_empty",
    "keep_or_resolve",
    "keep_vector_index",
    "leave_copies",
    "list_gaps",
    "list_nearest",
    "list_progress",
    "list_texts",
    "make_questions",
    "read_meaning",
    "rebuild",
    "refresh_lexicon",
    "remember",
    "remove",
    "render_found",
    "render_json",
    "render_plain",
    "retell",
    "search",
    "split_sentences",
    "suggest",
    "understand",
]

_GROWTH = 0.05
"""Part of the index that may be new before word frequencies are counted anew."""


async def index(session: AsyncSession, kind: str, entries: Sequence[Entry]) -> None:
    """Make `entries` findable, in the caller's transaction; what the index knew of these things is replaced."""
    if not entries:  # an index that stays as it is keeps what was found in it
        return
    if await repository.put_passages(session, kind, {entry.thing_id: _passages(entry) for entry in entries}):
        await enqueue(session, [EmbedEntries()], once=True)
    await telling.put_further(session, kind, {entry.thing_id: entry.also for entry in entries})
    await ask_to_follow(session)


async def retell(session: AsyncSession, kind: str, told: Sequence[Retelling]) -> None:
    """Things that stay as they are belong to these stories from now on, in the caller's transaction."""
    if not told:
        return
    await telling.put_stories(session, kind, {each.thing_id: each.story_id for each in told})
    await telling.put_further(session, kind, {each.thing_id: each.also for each in told})
    await ask_to_follow(session)


async def remove(session: AsyncSession, kind: str, thing_ids: Sequence[int]) -> None:
    """Forget these things, in the caller's transaction."""
    if not thing_ids:
        return
    await repository.remove_things(session, kind, thing_ids)
    await telling.put_further(session, kind, dict.fromkeys(thing_ids, ()))
    await ask_to_follow(session)


def read_meaning(question: str) -> str:
    """What of a question is made a vector of: all but its operators."""
    return read_query(question).meant


async def is_empty(session: AsyncSession) -> bool:
    """Whether there is nothing to be found at all."""
    return await repository.is_empty(session)


async def count(session: AsyncSession, filters: Filters, *, most: int) -> int:
    """How many passages pass the filters, of which one must be given; `most` at most."""
    return await filtering.count_entries(session, filters, most=most)


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


async def get_vector_state(session: AsyncSession) -> VectorState | None:
    """How far the vectors of the current model have come, and whether they help; None without a model."""
    return await vectors.get_state(session)


async def is_check_due(session: AsyncSession) -> bool:
    """Whether all vectors are made, and more than twice as many as when the embedder was last checked."""
    return await vectors.is_check_due(session)


async def forget_former_models(session: AsyncSession) -> list[str]:
    """Forget the vectors of every model but the current one; the names of those models."""
    return await vectors.forget_former(session)


async def stop_embedding(session: AsyncSession) -> None:
    """There is no embedder any more: new entries get no vectors; those that are there stay for a later one."""
    await vectors.unset_current(session)


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
            story_id=entry.story_id,
            folded_title=folded_title,
            folded_text=fold_for_search(fold(text)),
        )
        for number, text in enumerate(split_passages(entry.text))
    ]
