"""A small town to search in."""

from collections.abc import Iterable, Sequence

from kunak.features.search import service
from kunak.features.search.schemas import Entry, Filters, Found
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.detect import detect_language


def entry(thing_id: int, words: str, title: str = "", **more: object) -> Entry:
    return Entry(thing_id, f"doc-{thing_id}", title, words, detect_language(words), **more)  # type: ignore[arg-type]  # by name


async def put(sessions: Sessions, entries: Sequence[Entry], kind: str = "document") -> None:
    async with sessions.begin() as session:
        await service.index(session, kind, entries)
    async with sessions.begin() as session:
        await service.refresh_lexicon(session)


async def put_texts(sessions: Sessions, texts: Iterable[str]) -> None:
    await put(sessions, [entry(number, words) for number, words in enumerate(texts, start=1)])


async def search(sessions: Sessions, question: str, filters: Filters | None = None, *, limit: int = 10) -> Found:
    async with sessions() as session:
        return await service.search(session, question, limit=limit, filters=filters or Filters())


async def find(sessions: Sessions, question: str, filters: Filters | None = None, *, limit: int = 10) -> list[str]:
    """The references of what is found."""
    return [hit.reference for hit in (await search(sessions, question, filters, limit=limit)).hits]
