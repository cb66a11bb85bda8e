"""The engine of the Qdrant server itself (Rust, HNSW, payload indexes), as published for use inside a process."""

from pathlib import Path
from typing import cast

import qdrant_edge as edge
from qdrant_client import models


class EdgeEngine:
    """A shard a collection, each in a folder of its own. Everything blocks; a test's collections are small."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shards: dict[str, edge.EdgeShard] = {}
        self._made = 0

    async def create(self, name: str, vectors: models.VectorParams) -> None:
        self._made += 1
        # A graph from the first point on: else so small a collection would be searched without one.
        config = edge.EdgeConfig(
            vectors=edge.EdgeVectorParams(
                size=vectors.size, distance=edge.Distance.Cosine, datatype=edge.VectorStorageDatatype.Float16
            ),
            hnsw_config=edge.HnswIndexConfig(m=16, ef_construct=128, full_scan_threshold=1),
            optimizers=edge.EdgeOptimizersConfig(indexing_threshold=1),
        )
        self._shards[name] = edge.EdgeShard.create(str(self._folder / str(self._made)), config)

    async def add_field(self, name: str, field: str, kind: models.PayloadSchemaType) -> None:
        kinds = {
            models.PayloadSchemaType.KEYWORD: edge.PayloadSchemaType.Keyword,
            models.PayloadSchemaType.DATETIME: edge.PayloadSchemaType.Datetime,
            models.PayloadSchemaType.INTEGER: edge.PayloadSchemaType.Integer,
        }
        self._shards[name].update(edge.UpdateOperation.create_field_index(field, kinds[kind]))

    async def upsert(self, name: str, points: models.Batch) -> None:
        vectors = cast("list[list[float]]", points.vectors)
        given = [
            edge.Point(number, vector, payload)
            for number, vector, payload in zip(points.ids, vectors, points.payloads or [], strict=True)
        ]
        self._update(name, edge.UpdateOperation.upsert_points(given))

    async def remove(self, name: str, ids: list[int]) -> None:
        self._update(name, edge.UpdateOperation.delete_points(list(ids)))

    async def query(self, name: str, request: models.QueryRequest) -> list[tuple[int, float]]:
        assert isinstance(request.query, models.NearestQuery)
        asked = edge.QueryRequest(
            query=edge.Query.Nearest(cast("list[float]", request.query.nearest)),
            filter=_filter(request.filter),
            limit=request.limit or 10,
            params=edge.SearchParams(hnsw_ef=request.params.hnsw_ef if request.params else None),
        )
        try:
            return [(int(point.id), point.score) for point in self._shards[name].query(asked)]
        except Exception as error:  # its binding raises nothing narrower
            raise ValueError(str(error)) from error

    async def count(self, name: str) -> int:
        return self._shards[name].count(edge.CountRequest(exact=True))

    async def build_graphs(self) -> int:
        """Now; returns how many vectors are in them."""
        for shard in self._shards.values():
            shard.optimize()
        return sum(shard.info().indexed_vectors_count for shard in self._shards.values())

    async def drop(self, name: str) -> None:
        self._shards.pop(name).close()

    async def close(self) -> None:
        for name in list(self._shards):
            await self.drop(name)

    def _update(self, name: str, operation: edge.UpdateOperation) -> None:
        try:
            self._shards[name].update(operation)
        except Exception as error:  # as above
            raise ValueError(str(error)) from error


def _filter(given: models.Filter | None) -> edge.Filter | None:
    if given is None:
        return None
    assert isinstance(given.must, list)
    return edge.Filter(must=[_condition(each) for each in given.must])


def _condition(given: models.Condition) -> edge.FieldCondition:
    assert isinstance(given, models.FieldCondition)
    if isinstance(given.match, models.MatchAny):
        return edge.FieldCondition(given.key, match=edge.MatchAny(given.match.any))
    if isinstance(given.range, models.DatetimeRange):
        moments = given.range.model_dump(mode="json")
        return edge.FieldCondition(given.key, range=edge.RangeDateTime(gte=moments["gte"], lt=moments["lt"]))
    assert isinstance(given.range, models.Range)
    return edge.FieldCondition(given.key, range=edge.RangeFloat(gte=given.range.gte, lte=given.range.lte))
