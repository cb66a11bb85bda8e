"""A town whose vectors are copied into Qdrant: the real client, over real HTTP, to a server that may fail."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from tests.features.search.meanings import Meanings, Vector, embed
from tests.features.search.town import entry, put

from kunak.features.search import service
from kunak.features.search.schemas import CopyProgress, CopyState
from kunak.foundation.db.engine import Sessions
from kunak.integrations.vector_index.fake import FakeQdrant
from kunak.integrations.vector_index.interface import Collection, Conditions, VectorIndex


class Many(Meanings):
    """Every text means something of its own."""

    async def embed_query(self, text: str) -> Vector:
        digest = hashlib.sha256(text.encode()).digest()[: self.size]
        numbers = [byte - 127.5 for byte in digest]
        length = sum(each * each for each in numbers) ** 0.5
        return [each / length for each in numbers]


@dataclass
class Copied:
    """The town, and where its vectors are copied to."""

    sessions: Sessions
    server: FakeQdrant
    index: VectorIndex
    embedder: Meanings

    async def add(self, numbers: Sequence[int], words: str = "новость", **more: object) -> None:
        await put(self.sessions, [entry(number, f"{words} {number}", "", **more) for number in numbers])
        await embed(self.sessions, self.embedder)

    async def remove(self, numbers: Sequence[int]) -> None:
        async with self.sessions.begin() as session:
            await service.remove(session, "document", numbers)

    async def follow(self) -> None:
        """Until there is nothing more to be done at once."""
        while await service.follow(self.sessions, self.index):
            pass

    async def state(self) -> CopyState | None:
        copies = await self.progress()
        return copies[0].state if copies else None

    async def progress(self) -> list[CopyProgress]:
        return await service.list_progress(self.sessions)

    async def forget_leases(self) -> None:
        """As if the time of dead workers were over."""
        async with self.sessions.begin() as session:
            await session.execute(text("UPDATE vector_copies SET leased_until = now() - interval '1 s'"))

    async def truth(self, where: str = "true") -> set[int]:
        """The entries that have a vector of the current model, in PostgreSQL."""
        async with self.sessions() as session:
            rows = await session.scalars(
                text(f"""
                    SELECT entry_id FROM search_vectors JOIN embedding_models ON embedding_models.id = model_id
                    JOIN search_entries ON search_entries.id = entry_id WHERE is_current AND {where}
                """)  # noqa: S608  words of this test
            )
            return set(rows)

    async def copy(self, conditions: Conditions | None = None) -> set[int]:
        """The entries that are in Qdrant."""
        asked = await self.embedder.embed_query("?")
        found = await self.index.nearest(
            await self.collection(), asked, limit=10_000, conditions=conditions or Conditions()
        )
        return {near.entry_id for near in found}

    async def collection(self) -> Collection:
        async with self.sessions() as session:
            row = (await session.execute(text("SELECT model, dimensions, owner FROM vector_copies"))).one()
        return Collection(*row)

    async def is_whole(self) -> bool:
        """Whether Qdrant holds what PostgreSQL holds, under the same fields and in the same direction."""
        if await self.copy() != await self.truth():
            return False
        cheap, old = Conditions(price_to=100), Conditions(sources=("old",))
        return await self.copy(cheap) == await self.truth("price <= 100") and await self.copy(old) == await self.truth(
            "source = 'old'"
        )
