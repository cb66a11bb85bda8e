"""What the bots called, in order: the measuring aid of tests and benchmarks."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from kunak.integrations.telegram.sandbox.refusals import JsonObject


@dataclass(frozen=True)
class CallRecord:
    """One call. `result` is what it returned, `error` what it was refused with; `at` is unix time in seconds."""

    number: int
    bot_id: int
    method: str
    params: JsonObject
    result: object
    error: str | None
    at: float

    @property
    def chat_id(self) -> int | None:
        given = str(self.params.get("chat_id", ""))
        return int(given) if given.lstrip("-").isdecimal() else None


Condition = Callable[[CallRecord], bool]


@dataclass
class CallLog:
    """The last calls of all bots; `limit` bounds them."""

    limit: int
    records: deque[CallRecord] = field(init=False)
    last_number: int = 0
    _waiting: list[tuple[Condition, asyncio.Future[CallRecord]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.records = deque(maxlen=self.limit)

    def add(
        self, bot_id: int, method: str, params: JsonObject, *, result: object, error: str | None, at: float
    ) -> CallRecord:
        self.last_number += 1
        record = CallRecord(self.last_number, bot_id, method, params, result, error, at)
        self.records.append(record)
        if self._waiting:
            self._wake(record)
        return record

    async def wait_for(self, condition: Condition, *, after: int = 0, timeout_s: float = 200.0) -> CallRecord:
        """The first call numbered above `after` that meets the condition, past or to come.

        Raises TimeoutError when none comes in time.
        """
        for record in self.records:
            if record.number > after and condition(record):
                return record
        future: asyncio.Future[CallRecord] = asyncio.get_running_loop().create_future()
        entry = (condition, future)
        self._waiting.append(entry)
        try:
            return await asyncio.wait_for(future, timeout_s)
        finally:
            self._waiting.remove(entry)

    def _wake(self, record: CallRecord) -> None:
        for condition, future in self._waiting:
            if not future.done() and condition(record):
                future.set_result(record)
