"""The other side of `conversations.py`: Telegram (the sandbox), the people who ask, and the fake model, in one process.

A line of JSON on stdin is one run, the answer to it a line on stdout. What is compared was read from one clock.
"""

import asyncio
import json
import statistics
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # run as a file, its neighbours are not on the path yet
    sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.chaos_children import serving

from kunak.integrations.language_model.fake import FakeProvider, Manner
from kunak.integrations.telegram.sandbox.call_log import CallRecord
from kunak.integrations.telegram.sandbox.sandbox import Sandbox
from kunak.integrations.telegram.sandbox.state import SandboxBot

QUESTION = "Когда откроют дорогу через перевал?"
_SENTENCE = "Дорогу через **перевал** откроют после `18:00`, если не пойдёт снег [1]."
_LONGEST_S = 90.0


@dataclass(frozen=True)
class Run:
    """So often so many people ask at once; an answer has so many tokens, one every `token_s` seconds."""

    rounds: int
    people: int
    tokens: int
    token_s: float


@dataclass(frozen=True)
class Seen:
    """Median milliseconds from a first token to the draft, from a last one to the message; seconds of it all."""

    first_draft_ms: float
    final_ms: float
    seconds: float
    drafts: int


@dataclass
class Clock(FakeProvider):
    """The fake, which also remembers when words went out."""

    said_at: list[float] = field(default_factory=list)

    def _frame(self, name: str, document: dict[str, Any] | str) -> bytes:
        if isinstance(document, dict) and document.get("type") == "response.output_text.delta":
            self.said_at.append(time.time())
        return super()._frame(name, document)


@dataclass
class Town:
    """Everybody there."""

    sandbox: Sandbox
    bot: SandboxBot
    fake: Clock

    async def run(self, run: Run) -> Seen:
        self.fake.manner = Manner(token_s=run.token_s)
        begun, first = time.time(), self.sandbox.world.calls.last_number
        lags = [await self._round(run) for _ in range(run.rounds)]
        drafts = [each for each in self.sandbox.calls(self.bot, "sendMessageDraft") if each.number > first]
        to_draft, to_message = (statistics.median(each) for each in zip(*lags, strict=True))
        return Seen(round(to_draft, 1), round(to_message, 1), round(time.time() - begun, 2), len(drafts))

    async def _round(self, run: Run) -> tuple[float, float]:
        words = len(_SENTENCE.split())
        self.fake.say(*[" ".join([_SENTENCE] * (run.tokens // words))] * run.people)
        self.fake.said_at.clear()
        before = self.sandbox.world.calls.last_number
        people = [self.sandbox.create_person(f"Житель {number}", language_code="ru") for number in range(run.people)]
        for person in people:
            self.sandbox.write_to(self.bot, person, QUESTION)
        ended = [await self._wait("sendMessage", person.id, before) for person in people][-1]
        drafted = await self._wait("sendMessageDraft", people[0].id, before)
        return (drafted.at - self.fake.said_at[0]) * 1000, (ended.at - self.fake.said_at[-1]) * 1000

    async def _wait(self, method: str, chat_id: int, after: int) -> CallRecord:
        return await self.sandbox.wait_for_call(
            self.bot, method, after=after, where=lambda call: call.params["chat_id"] == chat_id, timeout_s=_LONGEST_S
        )


async def main() -> None:
    sandbox = Sandbox(call_limit=100_000)
    async with Clock() as fake, serving(sandbox.app) as base:
        town = Town(sandbox, sandbox.create_bot("talker_bot", "Кунак"), fake)
        _say({"base": base, "token": town.bot.token, "id": town.bot.id, "model": fake.url})
        while line := await asyncio.to_thread(sys.stdin.readline):
            _say(asdict(await town.run(Run(**json.loads(line)))))
        await sandbox.close()


def _say(told: dict[str, Any]) -> None:
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
