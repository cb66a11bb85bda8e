"""The processes, opened together for `kunak up`."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from starlette.routing import BaseRoute, Mount

from kunak.features.bots import service as bots
from kunak.foundation.settings import Settings
from kunak.integrations.telegram.sandbox.page.routes import chat_page_routes
from kunak.processes import api, bot, ingest, sandbox, web, worker
from kunak.processes.assembly import Background, Parts
from kunak.processes.bootstrap import open_kunak
from kunak.processes.sandbox_address import PATH


@asynccontextmanager
async def open_parts(settings: Settings, database_url: str, address: str) -> AsyncIterator[Parts]:
    """All parts, wired. `address`: where a browser on this machine finds them."""
    settings = settings.model_copy(update={"public_url": settings.public_url or address})
    async with AsyncExitStack() as stack:
        kunak = await stack.enter_async_context(open_kunak(settings, database_url=database_url))
        async with kunak.sessions() as session:
            wanted = sandbox.is_wanted(settings, await bots.list_bots(session))
        pages = web.create_pages()
        routes: list[BaseRoute] | None = None
        if wanted:
            kunak = kunak.with_sandbox(f"{address}{PATH}")
        background: list[Background] = [partial(each, kunak) for each in (bot.run, worker.run, ingest.run)]
        if wanted:
            opened = await stack.enter_async_context(sandbox.open_sandbox(kunak))
            page = chat_page_routes(pages, api_url=f"{PATH}/api", path=PATH)
            routes = [*page, Mount(PATH, opened.app)]
            background.append(partial(sandbox.run, opened))
        yield Parts(
            api=api.create_app(kunak),
            bot=bot.create_app(kunak),
            web=web.create_app(kunak, sandbox=routes, pages=pages),
            background=background,
            sandbox=PATH if wanted else None,
        )
