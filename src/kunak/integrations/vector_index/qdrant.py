"""Qdrant, by its own client, over REST."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import ceil
from typing import TypeGuard

import httpx
from qdrant_client import AsyncQdrantClient, models
from urllib3.util import parse_url

from kunak.foundation.errors import ConflictError, InvalidInputError
from kunak.integrations.vector_index.interface import (
    NO_CONDITIONS,
    Collection,
    Conditions,
    IndexRefusedError,
    IndexUnavailableError,
    Near,
    Point,
)
from kunak.integrations.vector_index.qdrant_errors import own_errors
from kunak.integrations.vector_index.qdrant_shapes import FIELDS, check_vector, collection_name, to_batch, to_filter

_BATCH = 128
"""Points of one call: 2.5 MB of JSON at a thousand dimensions; Qdrant refuses a body over 32 MB."""
_HNSW = models.HnswConfigDiff(m=16, ef_construct=128)
_BEAM = 128
"""How many candidates a search keeps at least (ef); less finds less."""
_CONNECTIONS = httpx.Limits(max_connections=50, max_keepalive_connections=10)


@dataclass(frozen=True)
class QdrantAccess:
    """Where Qdrant is, and how long it may take."""

    url: str
    api_key: str | None = field(default=None, repr=False)
    search_within_s: float = 1.0
    """A search: somebody waits for it, and can be answered without it."""
    work_within_s: float = 30.0
    """Everything else."""


class QdrantIndex:
    """See `VectorIndex`."""

    def __init__(self, client: AsyncQdrantClient, access: QdrantAccess) -> None:
        self._client = client
        self._access = access

    async def check(self) -> None:
        async with self._asking(self._access.search_within_s):
            await self._client.collection_exists("kunak")

    async def prepare(self, collection: Collection) -> None:
        """Fields are indexed before the first point comes: Qdrant builds its graph around the indexes it has."""
        if not await self._exists(collection):
            await self._create(collection)
        info = await self._describe(collection)
        _check_fits(collection, info)
        for name, kind in FIELDS.items():
            if name not in info.payload_schema:
                async with self._asking():
                    done = await self._client.create_payload_index(
                        collection_name(collection), field_name=name, field_schema=kind, wait=True
                    )
                _check_done(done)

    async def upsert(self, collection: Collection, points: Sequence[Point]) -> None:
        for start in range(0, len(points), _BATCH):
            batch = to_batch(collection, points[start : start + _BATCH])
            async with self._asking():
                done = await self._client.upsert(collection_name(collection), points=batch, wait=True)
            _check_done(done)

    async def remove(self, collection: Collection, entry_ids: Sequence[int]) -> None:
        if not entry_ids:
            return
        selector = models.PointIdsList(points=list(entry_ids))
        async with self._asking():
            done = await self._client.delete(collection_name(collection), points_selector=selector, wait=True)
        _check_done(done)

    async def nearest(
        self, collection: Collection, vector: Sequence[float], *, limit: int, conditions: Conditions = NO_CONDITIONS
    ) -> list[Near]:
        query = check_vector(collection, vector)
        async with self._asking(self._access.search_within_s):
            answer = await self._client.query_points(
                collection_name(collection),
                query=query,
                query_filter=to_filter(conditions),
                search_params=models.SearchParams(hnsw_ef=max(_BEAM, limit)),
                limit=limit,
                with_payload=False,
                with_vectors=False,
            )
        near = [Near(point.id, point.score) for point in answer.points if _is_ours(point.id)]
        return sorted(near, key=lambda each: (-each.similarity, each.entry_id))

    async def count(self, collection: Collection) -> int:
        async with self._asking():
            return (await self._client.count(collection_name(collection), exact=True)).count

    async def is_settled(self, collection: Collection) -> bool:
        """Grey is settled too: what a restart left to be tidied, until the next change."""
        status = (await self._describe(collection)).status
        return status in (models.CollectionStatus.GREEN, models.CollectionStatus.GREY)

    async def discard(self, collection: Collection) -> None:
        async with self._asking():
            await self._client.delete_collection(collection_name(collection))

    async def close(self) -> None:
        await self._client.close()

    async def _exists(self, collection: Collection) -> bool:
        async with self._asking():
            return await self._client.collection_exists(collection_name(collection))

    async def _describe(self, collection: Collection) -> models.CollectionInfo:
        async with self._asking():
            return await self._client.get_collection(collection_name(collection))

    async def _create(self, collection: Collection) -> None:
        """Half-precision, like the vectors it is fed from: half the memory."""
        vectors = models.VectorParams(
            size=collection.dimensions, distance=models.Distance.COSINE, datatype=models.Datatype.FLOAT16
        )
        try:
            async with self._asking():
                await self._client.create_collection(
                    collection_name(collection), vectors_config=vectors, hnsw_config=_HNSW
                )
        except IndexRefusedError:
            # Another process may have been first.
            if not await self._exists(collection):
                raise

    @asynccontextmanager
    async def _asking(self, within_s: float | None = None) -> AsyncIterator[None]:
        within_s = within_s or self._access.work_within_s
        try:
            with own_errors(self._access.url, self._access.api_key):
                async with asyncio.timeout(within_s):
                    yield
        except TimeoutError:
            raise IndexUnavailableError(f"Qdrant at {self._access.url} did not answer within {within_s:g} s.") from None


def open_qdrant(access: QdrantAccess) -> QdrantIndex:
    """Nothing is asked of the server yet.

    Raises:
        InvalidInputError: the address is none.
    """
    _check_address(access.url)
    client = AsyncQdrantClient(
        url=access.url,
        timeout=ceil(access.work_within_s),
        limits=_CONNECTIONS,  # its own choice for this machine is a new connection for every call
        # As a header: given as its key, the client warns of plain http, which is what one has inside a private network.
        headers={"api-key": access.api_key} if access.api_key else None,
        check_compatibility=False,  # asks in a thread of its own, and warns when the server is away
        trust_env=False,
    )
    return QdrantIndex(client, access)


def _check_address(url: str) -> None:
    try:
        parsed = parse_url(url)
    except ValueError:
        parsed = parse_url("")
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.auth or parsed.query:
        raise InvalidInputError(
            "QDRANT_URL must be like http://127.0.0.1:6333; the key goes into KUNAK_QDRANT_API_KEY."
        )


def _check_fits(collection: Collection, info: models.CollectionInfo) -> None:
    vectors = info.config.params.vectors
    fits = isinstance(vectors, models.VectorParams) and (vectors.size, vectors.distance) == (
        collection.dimensions,
        models.Distance.COSINE,
    )
    if not fits:
        raise ConflictError(
            f"The collection {collection_name(collection)} in Qdrant is not as we make it; delete it there."
        )


def _check_done(result: models.UpdateResult) -> None:
    """The server may stop waiting and leave the work in its queue: then it is not known to be done."""
    if result.status is not models.UpdateStatus.COMPLETED:
        raise IndexUnavailableError(f"Qdrant took the change, but has not made it yet ({result.status}).")


def _is_ours(point_id: object) -> TypeGuard[int]:
    """Ids of entries are those of a PostgreSQL column; a name, or a larger number, somebody else has put there."""
    return isinstance(point_id, int) and point_id in range(1, 2**63)
