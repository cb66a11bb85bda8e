"""Documents are compared with others, and search shows what came of it: one entry for copies, one story for an event.

It happens in the transaction that keeps the documents. So there is no moment at which search shows copies, nothing is
left to be done after a crash, and the state after a commit is the same whatever order documents came in.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.ingestion.dedup import fold_copies
from kunak.features.ingestion.leaders import Change
from kunak.features.ingestion.link_stories import link_stories
from kunak.features.ingestion.repository import documents, entries
from kunak.features.ingestion.repository import traits as repository
from kunak.features.ingestion.repository.traits import Traits
from kunak.features.ingestion.same_event import CROWD, read_telling, tell_the_same
from kunak.features.ingestion.same_text import NEAR, bands, read_wording, say_the_same, simhash
from kunak.features.ingestion.schemas import Sameness
from kunak.features.search import service as search
from kunak.features.search.schemas import Retelling

KIND = "document"
"""Of the things in search."""
_WHOLE = 1_000_000


def compare_texts(one: tuple[str, str], other: tuple[str, str]) -> Sameness:
    """Two texts, each with its title, as they would be compared if two sources published them at one moment."""
    mine, others = read_wording(*one), read_wording(*other)
    differing = (simhash(mine) ^ simhash(others)).bit_count()
    is_copy = differing <= NEAR and say_the_same(mine, others)
    return Sameness(is_copy, is_copy or tell_the_same(read_telling(*one), read_telling(*other)) is not None)


async def show(session: AsyncSession, fresh: Sequence[int]) -> None:
    """Make documents, new or changed ones, findable, and see to all that this concerns.

    The caller holds the lock of `lock_comparing`.
    """
    if fresh:
        await put_traits(session, fresh)
        await _compare(session, fresh, gone=(), left=set())


async def remove(session: AsyncSession, ids: Sequence[int]) -> None:
    """Remove documents and their entries; others take the places of those that stood for them.

    The caller holds the lock of `lock_comparing`.
    """
    if ids:
        left = await repository.list_leaders(session, ids)
        await documents.remove_documents(session, ids)
        await search.remove(session, KIND, ids)
        await _compare(session, (), gone=ids, left=left)


async def _compare(session: AsyncSession, fresh: Sequence[int], *, gone: Sequence[int], left: set[int]) -> None:
    """`left`: those that lost a follower already."""
    folded = await fold_copies(session, fresh, await repository.list_copied(session, [*fresh, *gone]))
    copies = await repository.list_are_copies(session, {*fresh, *folded})
    left = left | await repository.unlink(session, copies)
    orphans = await repository.list_linked(session, [*fresh, *gone, *copies])
    kept = ({*fresh} | folded.keys()) - copies
    linked = await link_stories(session, kept, set(orphans) - copies)
    concerned = {*fresh, *left} | _concerned(folded) | _concerned(linked)
    await _tell_search(session, concerned, new=kept)


def _concerned(changes: Mapping[int, Change]) -> set[int]:
    leaders = {each for change in changes.values() for each in (change.before, change.now)}
    return {*changes, *(leader for leader in leaders if leader is not None)}


async def _tell_search(session: AsyncSession, concerned: Collection[int], *, new: Collection[int]) -> None:
    """`new`: of what is concerned those that search does not know, or knows as they were."""
    stories = await entries.list_stories(session, concerned)
    await search.index(session, KIND, await entries.list_these(session, new))
    await search.remove(session, KIND, [each for each in concerned if each not in stories])
    known = stories.keys() - set(new)
    copies = await entries.list_copies(session, known)
    told = [Retelling(each, stories[each], copies.get(each, ())) for each in sorted(known)]
    await search.retell(session, KIND, told)


async def put_traits(session: AsyncSession, ids: Sequence[int]) -> None:
    texts = await repository.list_texts(session, ids, most=_WHOLE)
    await repository.put_traits(session, [_read_traits(id_, *told) for id_, told in texts.items()], most=CROWD)


def _read_traits(document_id: int, title: str, text: str) -> Traits:
    wording = read_wording(title, text)
    hashed = simhash(wording)
    return Traits(document_id, hashed, bands(hashed, wording), read_telling(title, text).marks)
