"""What would be read at an address, without keeping any of it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from kunak.features.ingestion.fetch import Outside
from kunak.features.ingestion.recognise import is_file
from kunak.features.ingestion.schemas import NewSource, Preview, SiteMode, SourceKind, Wish

MOST_POSTS = 1000
_KINDS: dict[str, tuple[SourceKind, SiteMode | None]] = {
    "feed": (SourceKind.RSS, None),
    "telegram": (SourceKind.TELEGRAM, None),
    "telegram-account": (SourceKind.TELEGRAM_ACCOUNT, None),
    **{mode.value: (SourceKind.SITE, mode) for mode in SiteMode},
}
KINDS = tuple(_KINDS)
"""What a person may say that an address is."""


async def preview(
    written: str,
    outside: Outside,
    *,
    wish: Wish = Wish(),  # noqa: B008  frozen
    with_files: bool = False,
) -> Preview:
    """The source that the address (or the path of a file) means, and its newest posts, `MOST_POSTS` at most.

    `with_files`: whoever asks may read the files of this machine.

    Raises:
        KunakError: nothing can be read there; the sentence says why.
    """
    # Imported here: kunak.features.ingestion.fetch says why.
    from kunak.features.ingestion.fetch.probe import probe_address, probe_file  # noqa: PLC0415  heavy

    if with_files and is_file(written):
        return await outside.call(probe_file, Path(written), MOST_POSTS)
    kind, mode = _KINDS[wish.kind] if wish.kind else (None, None)
    return await probe_address(written, outside, kind=kind, mode=mode, heed_robots=not wish.ignore_robots)


def as_wished(seen: Preview, wish: Wish) -> NewSource:
    """The source that was seen, to be read as a person wishes."""
    options = seen.source.options
    return replace(
        seen.source,
        title=wish.title or seen.source.title,
        every=None if wish.every_minutes is None else timedelta(minutes=wish.every_minutes),
        keep_days=wish.keep_days,
        options=options if wish.backfill is None else replace(options, backfill=wish.backfill),
    )
