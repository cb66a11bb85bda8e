"""Sources that are one row of posts: feeds, channels, files."""

from collections.abc import Callable
from contextlib import aclosing

from kunak.features.ingestion.fetch import Outside, read_steps
from kunak.features.ingestion.read_on.keep import Keeper
from kunak.features.ingestion.schemas import Step

_MOST_AT_ONCE = 200
"""Posts in one transaction."""


async def follow_steps(keeper: Keeper, outside: Outside, is_stopped: Callable[[], bool]) -> bool:
    """Read and keep step by step; False when it was stopped before the end."""
    async with aclosing(read_steps(keeper.source, outside)) as steps:
        async for step in steps:
            await _keep(keeper, step)
            if is_stopped():
                return False
    return True


async def _keep(keeper: Keeper, step: Step) -> None:
    """A long step in pieces: the cursor moves with the last of them, so that what is broken off is read again."""
    posts = step.posts
    while len(posts) > _MOST_AT_ONCE:
        await keeper.keep(posts[:_MOST_AT_ONCE], keeper.source.cursor)
        posts = posts[_MOST_AT_ONCE:]
    await keeper.keep(posts, step.cursor, gone=step.gone, notes=step.notes)
