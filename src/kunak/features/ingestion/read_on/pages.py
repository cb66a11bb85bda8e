"""Sites: the pages they name are known in a table, and read one by one when they are due."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.ingestion.fetch import Outside
from kunak.features.ingestion.read_on.keep import Keeper
from kunak.features.ingestion.repository import pages as repository
from kunak.features.ingestion.repository.pages import PageRow
from kunak.features.ingestion.schemas import Post, SiteMode
from kunak.foundation.clock import now
from kunak.foundation.errors import KunakError
from kunak.integrations.web_pages.interface import PageGoneError, PageUnavailableError, Validators

if TYPE_CHECKING:
    from kunak.features.ingestion.fetch.site import ReadPage

_MOST_AT_ONCE = 100
"""Pages in one reading: other sources are to have their turn too."""
_MOST_SILENT = 2
"""Pages in a row without an answer, after which the site as a whole is taken to be away."""
_SOONEST, _LATEST = timedelta(days=1), timedelta(days=30)
_AFTER_SILENCE = timedelta(hours=1)
_AFTER_REFUSAL = timedelta(days=7)
_WORD = re.compile(r"\w+")
_ALIKE = 0.5
"""Part of the words of two texts that both have."""


async def follow_site(keeper: Keeper, outside: Outside, is_stopped: Callable[[], bool]) -> bool:
    """Find pages, then read those that are due; False when it was stopped before the end."""
    from kunak.features.ingestion.fetch.site import discover  # noqa: PLC0415  heavy: see kunak.features.ingestion.fetch

    found = await discover(keeper.source, outside)

    async def know(session: AsyncSession) -> None:
        await repository.add_pages(session, keeper.source.id, found.pages)
        if keeper.source.options.mode is SiteMode.PAGE:
            await repository.make_page_due(session, keeper.source.id, found.pages[0][0])

    await keeper.keep((), found.cursor, notes=found.notes, also=know)
    silent = 0
    for _ in range(_MOST_AT_ONCE):
        if is_stopped():
            return False
        async with keeper.sessions() as session:
            due = await repository.list_due_pages(session, keeper.source.id, limit=1)
        if not due:
            return True
        silent = await _follow_page(keeper, outside, due[0], silent)
    keeper.has_more = True
    return True


async def _follow_page(keeper: Keeper, outside: Outside, row: PageRow, silent: int) -> int:
    """Read one page; returns how many in a row gave no answer."""
    from kunak.features.ingestion.fetch.site import read_page  # noqa: PLC0415  heavy: see kunak.features.ingestion.fetch

    try:
        read = await read_page(row.address, Validators(row.etag, row.modified), keeper.source, outside)
    except KunakError as error:
        await _fail_page(keeper, row, error)
        silent = silent + 1 if isinstance(error, PageUnavailableError) else 0
        if keeper.source.options.mode is SiteMode.PAGE or silent >= _MOST_SILENT:
            raise
        return silent
    await _keep_page(keeper, row, read)
    return 0


async def _keep_page(keeper: Keeper, row: PageRow, read: "ReadPage") -> None:
    post = await _named_apart(keeper, row, read.post) if read.post else None
    external_id = post.id if post else row.external_id
    moved = await _left_alone(keeper, row) if row.external_id != external_id else []
    keep = partial(
        repository.keep_page,
        source_id=keeper.source.id,
        address=row.address,
        external_id=external_id,
        etag=read.validators.etag,
        modified=read.validators.modified,
        due_in=_next_look(row),
    )
    await keeper.keep([post] if post else [], keeper.source.cursor, gone=moved, also=keep)


async def _named_apart(keeper: Keeper, row: PageRow, post: Post) -> Post:
    """Under the page's own address, when what it calls itself is another page with another text."""
    async with keeper.sessions() as session:
        other = await repository.get_shared_text(session, keeper.source.id, row.address, post.id)
    return post if other is None or _is_alike(post.text, other) else replace(post, id=row.address, url=row.address)


def _is_alike(one: str, other: str) -> bool:
    """By their words; two addresses of one article seldom show quite the same of it."""
    words, others = set(_WORD.findall(one)), set(_WORD.findall(other))
    return len(words & others) >= _ALIKE * len(words | others)


async def _left_alone(keeper: Keeper, row: PageRow) -> list[str]:
    """The document the page was, if no other page is it, too."""
    if not row.external_id:
        return []
    async with keeper.sessions() as session:
        is_shared = await repository.is_shared(session, keeper.source.id, row.address, row.external_id)
    return [] if is_shared else [row.external_id]


async def _fail_page(keeper: Keeper, row: PageRow, error: KunakError) -> None:
    is_gone = isinstance(error, PageGoneError)
    due_in = _AFTER_SILENCE * (row.failures + 1) if isinstance(error, PageUnavailableError) else _AFTER_REFUSAL
    gone = await _left_alone(keeper, row) if is_gone else []
    fail = partial(
        repository.fail_page,
        source_id=keeper.source.id,
        address=row.address,
        error=str(error)[:1000],
        due_in=min(due_in, _LATEST),
        is_gone=is_gone,
    )
    await keeper.keep((), keeper.source.cursor, gone=gone, failed=1, also=fail)


def _next_look(row: PageRow) -> timedelta:
    """Pages change less the older they are: twice as long as since the last look."""
    since = now() - row.read_at if row.read_at else timedelta()
    return min(max(since * 2, _SOONEST), _LATEST)
