"""The sandbox's addresses. Works at the root and under any prefix.

Bot API: `/bot<token>/<method>` and `/file/bot<token>/<path>`.
The person's side is under `/api`; `user_side` describes it.
"""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from kunak.integrations.telegram.sandbox.bot_api import CallEndpoint, FileEndpoint
from kunak.integrations.telegram.sandbox.guard import HostGuard
from kunak.integrations.telegram.sandbox.user_side import user_side_routes
from kunak.integrations.telegram.sandbox.world import World


def build_app(world: World, allowed_hosts: frozenset[str], *, is_public: bool) -> Starlette:
    return Starlette(
        routes=[
            Route("/bot{token}/{method}", CallEndpoint(world)),
            Route("/file/bot{token}/{path:path}", FileEndpoint(world)),
            Mount("/api", routes=user_side_routes(world, is_public=is_public)),
        ],
        middleware=[Middleware(HostGuard, allowed_hosts=allowed_hosts, is_public=is_public)],
    )
