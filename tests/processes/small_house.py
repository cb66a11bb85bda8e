"""`kunak` with three tiny apps in place of the real ones, so that the house around them can be tested alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from kunak.cli import main, serving
from kunak.foundation.settings import Settings
from kunak.processes.assembly import Part, Parts


@asynccontextmanager
async def open_parts(settings: Settings, database_url: str, address: str) -> AsyncIterator[Parts]:
    pool = await asyncpg.create_pool(database_url, min_size=1, max_size=2)

    async def api(scope: Scope, receive: Receive, send: Send) -> None:
        answer = await pool.fetchval("SELECT 'the database answers'")
        await PlainTextResponse(answer)(scope, receive, send)

    async def bot(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/bot/forever":
            await asyncio.Event().wait()
        await PlainTextResponse("bot")(scope, receive, send)

    async def background(stop: asyncio.Event) -> None:
        await stop.wait()

    yield Parts(api=api, bot=bot, web=_named("web"), background=[background])
    await pool.close()


@asynccontextmanager
async def open_part(name: str, settings: Settings, database_url: str) -> AsyncIterator[Part]:
    yield Part(app=_named(name))


def _named(name: str) -> ASGIApp:
    return PlainTextResponse(name)


if __name__ == "__main__":
    serving.PARTS = serving.PART = "small_house"
    main()
