"""The vectors of questions: kept, asked for once, and never waited for longer than a search may take."""

import asyncio
import logging
from collections import OrderedDict

from kunak.foundation.errors import ErrorClass, KunakError
from kunak.integrations.circuit_breaker import Circuit, Permit
from kunak.integrations.embeddings.interface import Embedder, Vector

log = logging.getLogger(__name__)


class QueryVectors:
    """Asks `embedder`, which stays its owner's to close; call `close` here before that."""

    def __init__(
        self,
        embedder: Embedder,
        *,
        deadline_s: float = 0.3,
        keep: int = 2000,
        most_at_once: int = 32,
        circuit: Circuit | None = None,
    ) -> None:
        """`keep`: how many vectors stay in memory, the latest used; `most_at_once`: requests under way, over which
        nobody is asked.
        """
        self._embedder = embedder
        self._deadline_s = deadline_s
        self._keep = keep
        self._most_at_once = most_at_once
        self._circuit = circuit or Circuit()
        self._kept: OrderedDict[tuple[str, str], Vector] = OrderedDict()
        self._asked: dict[tuple[str, str], asyncio.Task[Vector | None]] = {}
        self._is_closed = False

    @property
    def model(self) -> str:
        return self._embedder.model

    async def vector_of(self, text: str) -> Vector | None:
        """The vector of a question, or None: it did not come in time, or the provider fails and is left alone.

        Late, it is kept all the same, for whoever asks next. Nothing is raised but cancellation.
        """
        key = (self._embedder.model, text.strip())
        if not key[1]:
            return None
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        task = self._asked.get(key) or self._begin(key)
        if task is None:
            return None
        # `wait` leaves the task alone when we run out of time or are cancelled: others may be waiting for it.
        await asyncio.wait({task}, timeout=self._deadline_s)
        return task.result() if task.done() and not task.cancelled() else None

    async def close(self) -> None:
        """Give up what is still on its way."""
        self._is_closed = True
        asked = list(self._asked.values())
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)

    def _begin(self, key: tuple[str, str]) -> "asyncio.Task[Vector | None] | None":
        is_full = self._is_closed or len(self._asked) >= self._most_at_once
        permit = None if is_full else self._circuit.admit()
        if permit is None:
            return None
        task = asyncio.create_task(self._ask(key, permit))
        self._asked[key] = task
        task.add_done_callback(lambda _: self._asked.pop(key, None))
        return task

    async def _ask(self, key: tuple[str, str], permit: Permit) -> Vector | None:
        try:
            vector = await self._embedder.embed_query(key[1])
        except KunakError as error:
            self._note_failure(permit, error)
            return None
        finally:
            permit.let_go()
        if permit.succeeded():
            log.info("embeddings: %s answers again", self.model)
        self._remember(key, vector)
        return vector

    def _note_failure(self, permit: Permit, error: KunakError) -> None:
        if permit.failed(error):
            log.warning("embeddings: %s fails and is left alone for a while: %s", self.model, error)
        elif error.error_class is ErrorClass.TERMINAL:
            log.info("embeddings: a question got no vector: %s", error)

    def _remember(self, key: tuple[str, str], vector: Vector) -> None:
        self._kept[key] = vector
        while len(self._kept) > self._keep:
            self._kept.popitem(last=False)
