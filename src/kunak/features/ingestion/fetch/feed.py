"""Feeds: one page with everything, asked for only when it has changed."""

from collections.abc import AsyncGenerator

from kunak.features.ingestion.fetch import Outside
from kunak.features.ingestion.formats.feed import may_be_cut, read_feed
from kunak.features.ingestion.schemas import Source, Step
from kunak.integrations.web_pages.interface import FetchOptions, Validators


async def read_feed_steps(source: Source, outside: Outside) -> AsyncGenerator[Step, None]:
    """One step with all that the feed holds; none when the server says that nothing has changed."""
    known = Validators(source.cursor.get("etag"), source.cursor.get("modified"))
    options = FetchOptions(known, heed_robots=source.options.heed_robots, may_be_cut=may_be_cut)
    page = await outside.web.fetch(source.address or "", options)
    if page.is_unchanged:
        return
    contents = await outside.call(read_feed, page.body, page.address, page.content_type, is_cut=page.is_cut)
    cursor = {"etag": page.validators.etag, "modified": page.validators.modified}
    yield Step(cursor, contents.posts, notes=contents.notes)
