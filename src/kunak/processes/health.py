"""Is the process alive, can it work, and what does it count?"""

import asyncio

from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kunak.foundation.observability.metrics import render_metrics
from kunak.processes.bootstrap import Kunak

_PATIENCE_S = 2.0


def health_routes(kunak: Kunak) -> list[Route]:
    """`/healthz` (the process runs), `/readyz` (the database answers), `/metrics` (Prometheus)."""

    async def readyz(_: Request) -> Response:
        try:
            async with asyncio.timeout(_PATIENCE_S), kunak.sessions() as session:
                await session.execute(text("SELECT 1"))
        except Exception as error:  # noqa: BLE001  whatever it is, we are not ready
            return JSONResponse({"ready": False, "database": type(error).__name__}, status_code=503)
        return JSONResponse({"ready": True})

    return [Route("/healthz", _healthz), Route("/readyz", readyz), Route("/metrics", _metrics)]


async def _healthz(_: Request) -> Response:
    return JSONResponse({"alive": True})


async def _metrics(_: Request) -> Response:
    body, content_type = render_metrics()
    return Response(body, headers={"Content-Type": content_type})
