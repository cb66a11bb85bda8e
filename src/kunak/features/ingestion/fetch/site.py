"""Sites: which pages there are, by a list or a sitemap, and what stands on one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kunak.features.ingestion.fetch import Outside
from kunak.features.ingestion.formats.article import read_article
from kunak.features.ingestion.formats.links import find_articles_in
from kunak.features.ingestion.formats.sitemap import Listed, Sitemap, read_sitemap
from kunak.features.ingestion.schemas import Post, SiteMode, Source
from kunak.foundation.errors import KunakError
from kunak.integrations.web_pages.addresses import host_of
from kunak.integrations.web_pages.interface import FetchOptions, Validators

MOST_PAGES = 5000
"""Of one site, the ones that changed last."""
_MOST_SITEMAPS = 50
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Discovered:
    """The pages a site says it has, with the times of their last changes, and the cursor behind them."""

    pages: tuple[tuple[str, datetime | None], ...]
    cursor: dict[str, Any]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadPage:
    """A page of a site; no post when it has not changed."""

    post: Post | None
    validators: Validators


async def discover(source: Source, outside: Outside) -> Discovered:
    """What the list or the sitemap names; nothing when it has not changed.

    Raises:
        KunakError: the list or the sitemap cannot be had, or is none.
    """
    match source.options.mode:
        case SiteMode.LIST:
            return await _discover_list(source, outside)
        case SiteMode.SITEMAP:
            return await _discover_sitemaps(source, outside)
    return Discovered(((source.address or "", None),), {})


async def read_page(address: str, known: Validators, source: Source, outside: Outside) -> ReadPage:
    """
    Raises:
        KunakError: the page cannot be had, or holds no text.
    """
    page = await outside.web.fetch(address, FetchOptions(known, heed_robots=source.options.heed_robots))
    if page.is_unchanged:
        return ReadPage(None, page.validators)
    post = await outside.call(read_article, page.body, page.address, page.content_type)
    return ReadPage(post, page.validators)


async def _discover_list(source: Source, outside: Outside) -> Discovered:
    address = source.address or ""
    page = await outside.web.fetch(address, _options(source.cursor, address, source))
    if page.is_unchanged:
        return Discovered((), source.cursor)
    links = await outside.call(find_articles_in, page.body, page.content_type, page.address)
    notes = () if links else ("The page lists no articles any more: no link on it reads like a headline.",)
    return Discovered(tuple((link, None) for link in links), _cursor({address: page.validators}), notes)


async def _discover_sitemaps(source: Source, outside: Outside) -> Discovered:
    waiting, seen = [Listed(source.address or "", None)], set[str]()
    pages: dict[str, datetime | None] = {}
    validators: dict[str, Validators] = {}
    notes: list[str] = []
    while waiting and len(seen) < _MOST_SITEMAPS:
        each = waiting.pop(0)
        if each.address in seen:
            continue
        seen.add(each.address)
        try:
            found = await _read_sitemap(each.address, source, outside, validators)
        except KunakError as error:
            if each.address == source.address:
                raise
            notes.append(f"{each.address}: {error}")
            continue
        waiting += sorted(found.sitemaps, key=_changed_at, reverse=True)
        pages |= {page.address: page.changed_at for page in found.pages if _is_own(page.address, source)}
    if waiting:
        notes.append(f"The index names more than {_MOST_SITEMAPS} sitemaps; the ones that changed last were read.")
    if len(pages) > MOST_PAGES:
        notes.append(f"The sitemap names {len(pages):,} pages; the {MOST_PAGES:,} that changed last are read.")
    newest = sorted(pages.items(), key=lambda each: each[1] or _LONG_AGO, reverse=True)[:MOST_PAGES]
    return Discovered(tuple(newest), _cursor(validators), tuple(notes[:10]))


async def _read_sitemap(address: str, source: Source, outside: Outside, validators: dict[str, Validators]) -> Sitemap:
    page = await outside.web.fetch(address, _options(source.cursor, address, source))
    validators[address] = page.validators
    if page.is_unchanged:
        return Sitemap((), ())
    found = await outside.call(read_sitemap, page.body, page.address)
    if found.sitemaps:
        del validators[address]  # an index that has not changed may name sitemaps that have
    return found


def _changed_at(listed: Listed) -> datetime:
    return listed.changed_at or _LONG_AGO


def _is_own(address: str, source: Source) -> bool:
    return host_of(address).removeprefix("www.") == host_of(source.address or "").removeprefix("www.")


def _options(cursor: Mapping[str, Any], address: str, source: Source) -> FetchOptions:
    etag, modified = cursor.get("lists", {}).get(address, (None, None))
    return FetchOptions(Validators(etag, modified), heed_robots=source.options.heed_robots)


def _cursor(validators: Mapping[str, Validators]) -> dict[str, Any]:
    return {"lists": {address: [each.etag, each.modified] for address, each in validators.items()}}
