"""What would be read at an address, without keeping any of it."""

import asyncio
from pathlib import Path

from kunak.features.ingestion.fetch import Outside
from kunak.features.ingestion.recognise import is_file
from kunak.features.ingestion.schemas import Preview, SiteMode, SourceKind

MOST_POSTS = 1000


async def preview(
    written: str,
    outside: Outside,
    *,
    kind: SourceKind | None = None,
    mode: SiteMode | None = None,
    heed_robots: bool = True,
    with_files: bool = False,
) -> Preview:
    """The source that the address (or the path of a file) means, and its newest posts, `MOST_POSTS` at most.

    `kind` and `mode`: what a person knows better; otherwise it is found out. `with_files`: whoever asks may read the
    files of this machine.

    Raises:
        KunakError: nothing can be read there; the sentence says why.
    """
    # Imported here: kunak.features.ingestion.fetch says why.
    from kunak.features.ingestion.fetch.probe import probe_address, probe_file  # noqa: PLC0415  heavy

    if with_files and is_file(written):
        return await asyncio.to_thread(probe_file, Path(written), MOST_POSTS)
    return await probe_address(written, outside, kind=kind, mode=mode, heed_robots=heed_robots)
