"""A Qdrant for tests: its REST calls that we make, over real HTTP, with faults on demand.

What becomes of points is decided by an engine: by default the one inside Qdrant's own client.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

import orjson
from aiohttp import web
from pydantic import BaseModel, ValidationError
from qdrant_client import AsyncQdrantClient, models

_LARGEST_BODY = 32 * 1024 * 1024  # Qdrant's own limit


class Engine(Protocol):
    """Keeps points and finds them. What it refuses it refuses with a ValueError."""

    async def create(self, name: str, vectors: models.VectorParams) -> None: ...
    async def add_field(self, name: str, field: str, kind: models.PayloadSchemaType) -> None: ...
    async def upsert(self, name: str, points: models.Batch) -> None: ...
    async def remove(self, name: str, ids: list[int]) -> None: ...
    async def query(self, name: str, request: models.QueryRequest) -> list[tuple[int, float]]: ...
    async def count(self, name: str) -> int: ...
    async def drop(self, name: str) -> None: ...
    async def close(self) -> None: ...


class ClientEngine:
    """The engine in the client: every vector is looked at, so that what it finds is exact."""

    def __init__(self) -> None:
        self._client = AsyncQdrantClient(":memory:")

    async def create(self, name: str, vectors: models.VectorParams) -> None:
        await self._client.create_collection(name, vectors_config=vectors)

    async def add_field(self, name: str, field: str, kind: models.PayloadSchemaType) -> None:
        """It has no need of them."""

    async def upsert(self, name: str, points: models.Batch) -> None:
        await self._client.upsert(name, points=points)

    async def remove(self, name: str, ids: list[int]) -> None:
        await self._client.delete(name, points_selector=models.PointIdsList(points=list(ids)))

    async def query(self, name: str, request: models.QueryRequest) -> list[tuple[int, float]]:
        answer = await self._client.query_points(
            name, query=request.query, query_filter=request.filter, limit=request.limit or 10, with_payload=False
        )
        return [(int(point.id), point.score) for point in answer.points]

    async def count(self, name: str) -> int:
        return (await self._client.count(name)).count

    async def drop(self, name: str) -> None:
        await self._client.delete_collection(name)

    async def close(self) -> None:
        await self._client.close()


@dataclass(frozen=True)
class Says:
    """A fault: this answer, and nothing is done."""

    status: int
    body: str = '{"status": {"error": "as told"}, "time": 0.0}'
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Hangs:
    """A fault: there is no answer as long as the server runs, and nothing is done."""


@dataclass(frozen=True)
class Breaks:
    """A fault: the connection breaks without an answer, before or after the work."""

    after: bool = False


Fault = Says | Hangs | Breaks
Shape = TypeVar("Shape", bound=BaseModel)


@dataclass
class _Collection:
    vectors: models.VectorParams
    fields: dict[str, models.PayloadSchemaType] = field(default_factory=dict)


class _RefusedError(Exception):
    def __init__(self, status: HTTPStatus, words: str) -> None:
        super().__init__(words)
        self.status = status


class FakeQdrant:
    """The server.

    `faults` strike the next calls, one each; None lets one go well. `calls` were made (`PUT /collections/x/points`).
    """

    def __init__(self, engine: Engine, api_key: str | None = None) -> None:
        self.url = ""
        self.faults: deque[Fault | None] = deque()
        self.calls: list[str] = []
        self.settled = True
        self.waits_for_changes = True
        """Else a change is only promised, as by a server that is asked to wait and gives up waiting."""
        self._engine = engine
        self._api_key = api_key
        self._collections: dict[str, _Collection] = {}
        self._stopping = asyncio.Event()
        self._called = asyncio.Condition()

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator["FakeQdrant"]:
        """May stop and start again; it keeps what it has. The engine is closed by who opened it."""
        self._stopping.clear()
        runner = web.AppRunner(self._app(), shutdown_timeout=0.1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", port)
            await site.start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield self
        finally:
            self._stopping.set()
            await runner.cleanup()

    async def wait_for_calls(self, number: int) -> None:
        """Until so many have come."""
        async with self._called:
            await self._called.wait_for(lambda: len(self.calls) >= number)

    async def lose_everything(self) -> None:
        """As when somebody deletes the server's folder."""
        for name in list(self._collections):
            await self._engine.drop(name)
            del self._collections[name]

    def vectors_of(self, name: str) -> models.VectorParams:
        return self._collections[name].vectors

    def fields_of(self, name: str) -> set[str]:
        """Those that are indexed."""
        return set(self._collections[name].fields)

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=_LARGEST_BODY)
        one = "/collections/{name}"
        for method, path, handler in (
            ("GET", f"{one}/exists", self._exists),
            ("GET", one, self._describe),
            ("PUT", one, self._create),
            ("DELETE", one, self._drop),
            ("PUT", f"{one}/index", self._add_field),
            ("PUT", f"{one}/points", self._upsert),
            ("POST", f"{one}/points/delete", self._remove),
            ("POST", f"{one}/points/query", self._query),
            ("POST", f"{one}/points/count", self._count),
        ):
            app.router.add_route(method, path, self._answering(handler))
        return app

    def _answering(
        self, handler: Callable[[web.Request], Awaitable[Any]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            async with self._called:
                self.calls.append(f"{request.method} {request.path}")
                self._called.notify_all()
            fault = self.faults.popleft() if self.faults else None
            if isinstance(fault, Hangs):
                await self._stopping.wait()
            if isinstance(fault, Says):
                return web.Response(status=fault.status, text=fault.body, headers=fault.headers)
            response = _cut(request) if fault == Breaks() else await self._respond(request, handler)
            return _cut(request) if fault == Breaks(after=True) else response

        return answer

    async def _respond(self, request: web.Request, handler: Callable[[web.Request], Awaitable[Any]]) -> web.Response:
        if self._api_key is not None and request.headers.get("api-key") != self._api_key:
            return web.Response(status=401, text="Must provide an API key or an Authorization bearer token")
        try:
            return _json(HTTPStatus.OK, {"result": await handler(request), "status": "ok", "time": 0.001})
        except _RefusedError as error:
            return _json(error.status, {"status": {"error": str(error)}, "time": 0.0})
        except ValidationError as error:
            words = f"Format error in JSON body: {error.errors()[0]['msg']}"
        except ValueError as error:
            words = f"Wrong input: {error}"
        return _json(HTTPStatus.BAD_REQUEST, {"status": {"error": words}, "time": 0.0})

    def _known(self, request: web.Request) -> str:
        name = request.match_info["name"]
        if name not in self._collections:
            raise _RefusedError(HTTPStatus.NOT_FOUND, f"Not found: Collection `{name}` doesn't exist!")
        return name

    async def _exists(self, request: web.Request) -> Any:
        return {"exists": request.match_info["name"] in self._collections}

    async def _describe(self, request: web.Request) -> Any:
        name = self._known(request)
        status = models.CollectionStatus.GREEN if self.settled else models.CollectionStatus.YELLOW
        return _info(self._collections[name], await self._engine.count(name), status).model_dump(mode="json")

    async def _create(self, request: web.Request) -> Any:
        name = request.match_info["name"]
        asked = await _read(request, models.CreateCollection)
        if name in self._collections:
            raise _RefusedError(HTTPStatus.CONFLICT, f"Wrong input: Collection `{name}` already exists!")
        if not isinstance(asked.vectors, models.VectorParams):
            raise _RefusedError(HTTPStatus.NOT_IMPLEMENTED, "One vector a point is all that is known here.")
        await self._engine.create(name, asked.vectors)
        self._collections[name] = _Collection(asked.vectors)
        return True

    async def _drop(self, request: web.Request) -> Any:
        name = request.match_info["name"]
        if self._collections.pop(name, None) is None:
            return False
        await self._engine.drop(name)
        return True

    async def _add_field(self, request: web.Request) -> Any:
        name, asked = self._known(request), await _read(request, models.CreateFieldIndex)
        kind = models.PayloadSchemaType(asked.field_schema)
        await self._engine.add_field(name, asked.field_name, kind)
        self._collections[name].fields[asked.field_name] = kind
        return self._change(request)

    async def _upsert(self, request: web.Request) -> Any:
        name, asked = self._known(request), await _read(request, models.PointsBatch)
        await self._engine.upsert(name, asked.batch)
        return self._change(request)

    async def _remove(self, request: web.Request) -> Any:
        name, asked = self._known(request), await _read(request, models.PointIdsList)
        await self._engine.remove(name, [int(each) for each in asked.points])
        return self._change(request)

    async def _query(self, request: web.Request) -> Any:
        found = await self._engine.query(self._known(request), await _read(request, models.QueryRequest))
        return {"points": [{"id": number, "version": 0, "score": score} for number, score in found]}

    async def _count(self, request: web.Request) -> Any:
        return {"count": await self._engine.count(self._known(request))}

    def _change(self, request: web.Request) -> Any:
        done = self.waits_for_changes and request.query.get("wait") == "true"
        return {"operation_id": len(self.calls), "status": "completed" if done else "acknowledged"}


async def _read(request: web.Request, shape: type[Shape]) -> Shape:
    return shape.model_validate(orjson.loads(await request.read()))


def _json(status: HTTPStatus, body: Any) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(body), content_type="application/json")


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _info(collection: _Collection, points: int, status: models.CollectionStatus) -> models.CollectionInfo:
    return models.CollectionInfo(
        status=status,
        optimizer_status=models.OptimizersStatusOneOf.OK,
        points_count=points,
        segments_count=1,
        config=models.CollectionConfig(
            params=models.CollectionParams(vectors=collection.vectors),
            hnsw_config=models.HnswConfig(m=16, ef_construct=128, full_scan_threshold=10_000),
            optimizer_config=models.OptimizersConfig(
                deleted_threshold=0.2, vacuum_min_vector_number=1000, default_segment_number=0, flush_interval_sec=5
            ),
        ),
        payload_schema={
            name: models.PayloadIndexInfo(data_type=kind, points=points) for name, kind in collection.fields.items()
        },
    )
