"""A first look at an address or a file: what it is, and what it holds."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

from kunak.features.ingestion.fetch import Outside
from kunak.features.ingestion.fetch.probe_account import probe_with_account
from kunak.features.ingestion.formats.article import read_article
from kunak.features.ingestion.formats.charsets import decode
from kunak.features.ingestion.formats.feed import looks_like_feed, may_be_cut, read_feed
from kunak.features.ingestion.formats.links import find_articles, find_feeds, guess_mode
from kunak.features.ingestion.formats.sitemap import looks_like_sitemap, read_sitemap
from kunak.features.ingestion.formats.telegram_export import looks_like_export, read_export
from kunak.features.ingestion.formats.telegram_preview import looks_like_preview, read_channel_body, read_channel_page
from kunak.features.ingestion.read import read_batches
from kunak.features.ingestion.recognise import recognise
from kunak.features.ingestion.schemas import (
    Contents,
    NewSource,
    Post,
    Preview,
    SiteMode,
    SourceKind,
    SourceOptions,
)
from kunak.foundation.errors import InvalidInputError, KunakError
from kunak.integrations.web_pages.addresses import check_address, host_of
from kunak.integrations.web_pages.interface import FetchOptions, Page

_SAMPLES = 3
"""Articles of a list or a sitemap that are fetched to be shown."""
_LARGEST_FILE = 64 * 2**20
"""Of a saved page or feed; exports and JSON lines are read piece by piece, however large."""
_BEGINNING = 65_536


async def probe_address(
    written: str, outside: Outside, *, kind: SourceKind | None, mode: SiteMode | None, heed_robots: bool
) -> Preview:
    """See `preview`."""
    if kind is SourceKind.TELEGRAM_ACCOUNT:
        return await probe_with_account(written, outside)
    recognised, address = recognise(written)
    options = SourceOptions(mode=mode, heed_robots=heed_robots)
    if recognised is SourceKind.TELEGRAM and kind in {None, SourceKind.TELEGRAM}:
        return await _probe_channel(address, outside, options)
    address = check_address(address if "://" in address else written)
    page = await outside.web.fetch(address, FetchOptions(heed_robots=heed_robots, may_be_cut=may_be_cut))
    if mode is None and kind in {None, SourceKind.RSS}:
        found = await outside.call(_as_feed, page, address, options)
        if found:
            return found
        if link := await outside.call(_feed_of, page):
            return await _probe_linked_feed(link, outside, options)
        if kind is SourceKind.RSS:
            raise InvalidInputError("This is not a feed, and the page names none.")
    return await _probe_site(page, address, outside, options)


async def _probe_channel(name: str, outside: Outside, options: SourceOptions) -> Preview:
    address = f"{outside.telegram_base.rstrip('/')}/s/{name}"
    page = await outside.web.fetch(address, FetchOptions(heed_robots=options.heed_robots))
    found = await outside.call(read_channel_body, page.body, page.content_type)
    if not found.posts:
        raise InvalidInputError(f"The channel @{name} shows no posts.")
    title = found.title or f"@{name}"
    source = NewSource(SourceKind.TELEGRAM, name, title, f"https://t.me/s/{name}", options)
    return Preview(source, Contents(title, found.posts[::-1]))


def _as_feed(page: Page, address: str, options: SourceOptions) -> Preview | None:
    if not looks_like_feed(page.body, page.content_type):
        return None
    contents = read_feed(page.body, page.address, page.content_type, is_cut=page.is_cut)
    return Preview(NewSource(SourceKind.RSS, address, contents.title, address, options), contents)


def _feed_of(page: Page) -> str | None:
    if looks_like_sitemap(page.body):
        return None
    return next(iter(find_feeds(decode(page.body, page.content_type), page.address)), None)


async def _probe_linked_feed(link: str, outside: Outside, options: SourceOptions) -> Preview:
    page = await outside.web.fetch(link, FetchOptions(heed_robots=options.heed_robots, may_be_cut=may_be_cut))
    found = await outside.call(_as_feed, page, link, options)
    if found is None:
        raise InvalidInputError(f"The page names {link} as its feed, but that is none. Say --as page to read the page.")
    note = f"The page names a feed, and that is what will be read: {link}"
    return replace(found, contents=replace(found.contents, notes=(note, *found.contents.notes)))


async def _probe_site(page: Page, address: str, outside: Outside, options: SourceOptions) -> Preview:
    mode = options.mode
    if mode is None:
        mode = await outside.call(_guess_mode, page)
    options = replace(options, mode=mode)
    if mode is SiteMode.PAGE:
        post = await outside.call(read_article, page.body, page.address, page.content_type)
        title = post.title or host_of(address)
        return Preview(NewSource(SourceKind.SITE, address, title, address, options), Contents(title, (post,)))
    links = await outside.call(_links_of, page, mode)
    if not links:
        raise InvalidInputError(f"The {mode} names no articles to read.")
    posts, notes = await _read_samples(links[:_SAMPLES], outside, options)
    count = f"It names {len(links):,} pages; {len(posts)} are shown here."
    contents = Contents(host_of(address), posts, (count, *notes))
    return Preview(NewSource(SourceKind.SITE, address, host_of(address), address, options), contents)


def _guess_mode(page: Page) -> SiteMode:
    if looks_like_sitemap(page.body):
        return SiteMode.SITEMAP
    return guess_mode(decode(page.body, page.content_type), page.address)


def _links_of(page: Page, mode: SiteMode) -> list[str]:
    if mode is SiteMode.LIST:
        return find_articles(decode(page.body, page.content_type), page.address)
    found = read_sitemap(page.body, page.address)
    return [each.address for each in found.pages or found.sitemaps]


async def _read_samples(
    links: list[str], outside: Outside, options: SourceOptions
) -> tuple[tuple[Post, ...], tuple[str, ...]]:
    posts, notes = [], []
    for link in links:
        try:
            page = await outside.web.fetch(link, FetchOptions(heed_robots=options.heed_robots))
            if looks_like_sitemap(page.body):
                notes.append(f"{link} is a sitemap of its own; its pages are read too.")
                continue
            posts.append(await outside.call(read_article, page.body, page.address, page.content_type))
        except KunakError as error:
            notes.append(f"{link}: {error}")
    return tuple(posts), tuple(notes)


def probe_file(path: Path, most: int) -> Preview:
    """What a saved page, feed, export or file of JSON lines holds, `most` posts of it. Blocking; asks no network.

    Raises:
        InvalidInputError: it is none of these, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            beginning = file.read(_BEGINNING)
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror}.") from error
    if not beginning.strip():
        raise InvalidInputError(f"{path} is empty.")
    if _is_lines(path, beginning):
        return _probe_lines(path, most)
    if beginning.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and not looks_like_feed(beginning):
        return _probe_export(path, beginning, most)
    return _probe_markup(path)


def _is_lines(path: Path, beginning: bytes) -> bool:
    return path.name.removesuffix(".gz").endswith((".jsonl", ".ndjson")) or beginning.startswith(b'{"_id"')


def _probe_lines(path: Path, most: int) -> Preview:
    posts, notes = [], []
    for batch in read_batches(path):
        posts += [
            Post(each.external_id, each.text, each.title, each.url, each.published_at) for each in batch.documents
        ]
        notes += [f"Line {line.number}: {line.reason}; it is left out." for line in batch.bad_lines]
        if len(posts) >= most:
            notes.append(f"The first {most:,} are shown.")
            break
    source = NewSource(SourceKind.JSONL, str(path.resolve()), path.name, str(path.resolve()))
    return Preview(source, Contents(path.name, tuple(posts[:most]), tuple(notes[:20])))


def _probe_export(path: Path, beginning: bytes, most: int) -> Preview:
    if not looks_like_export(beginning.decode("utf-8", "replace")):
        raise InvalidInputError(f"{path} is JSON, but neither a feed nor an export of Telegram Desktop.")
    posts: list[Post] = []
    notes = []
    with path.open("rb") as file:
        try:
            posts.extend(islice(read_export(file), most))
        except InvalidInputError as error:
            notes.append(str(error))
    if len(posts) == most:
        notes.append(f"The first {most:,} are shown.")
    chats = list(dict.fromkeys(post.chat for post in posts if post.chat))
    title = chats[0] if len(chats) == 1 else "Telegram"
    source = NewSource(SourceKind.TELEGRAM_EXPORT, str(path.resolve()), title, str(path.resolve()))
    return Preview(source, Contents(title, tuple(posts), tuple(notes)))


def _probe_markup(path: Path) -> Preview:
    if path.stat().st_size > _LARGEST_FILE:
        raise InvalidInputError(f"{path} is larger than {_LARGEST_FILE // 2**20} MB.")
    body = path.read_bytes()
    address = path.resolve().as_uri()
    if looks_like_feed(body):
        contents = read_feed(body, address)
        return Preview(NewSource(SourceKind.RSS, address, contents.title, address), contents)
    markup = decode(body)
    if looks_like_preview(markup):
        page = read_channel_page(markup)
        title = page.title or path.name
        return Preview(NewSource(SourceKind.TELEGRAM, address, title, address), Contents(title, page.posts))
    if looks_like_sitemap(body):
        pages = read_sitemap(body, address)
        posts = tuple(Post(each.address, "", url=each.address, time=each.changed_at) for each in pages.pages)
        options = SourceOptions(mode=SiteMode.SITEMAP)
        return Preview(NewSource(SourceKind.SITE, address, path.name, address, options), Contents(path.name, posts))
    post = read_article(body, address)
    options = SourceOptions(mode=SiteMode.PAGE)
    return Preview(NewSource(SourceKind.SITE, address, post.title, address, options), Contents(post.title, (post,)))
