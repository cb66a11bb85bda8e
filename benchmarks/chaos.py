"""Does Kunak lose, repeat or disorder anything while its processes and its database are killed?

python benchmarks/chaos.py --updates 2000 --chats 200 --kills 8 --seed 1 --delivery webhook [--model] --json

Questions come in through the sandbox, which drops, delays, repeats and reorders; the bot process, the worker and
PostgreSQL (an embedded one, in a folder of its own) are killed with -9 at random places and started again. With
`--model` a fake language model streams the answers, so that they are killed while they are being written. Then:

lost                  questions that were never answered
duplicates            answers sent again that no lost answer of Telegram explains
in_flight_at_kills    sends that were under way when something was killed: the most `duplicates` there may be
after_lost_answers    answers sent again because Telegram's answer to the first got lost (the sandbox drops them)
counted               repetitions the ledger itself counted as possible; never fewer than there were
out_of_order          answers that overtook an earlier question of their chat
model_asked           how often the fake model was asked: of those killed in the middle, again
arrived_too_late      answers that could keep no order: their question came when a later one's grace was over
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

if __name__ == "__main__":  # run as a file, its neighbours are not on the path yet
    sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.chaos_children import Children, Database, database, free_port, serving
from benchmarks.chaos_judge import judge
from benchmarks.chaos_process import Orders
from benchmarks.chaos_town import Town, break_things

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import SANDBOX, Identity, UpdatesBy
from kunak.features.ingestion import service as ingestion
from kunak.features.search import service as search
from kunak.integrations.language_model.fake import FakeProvider, Manner
from kunak.integrations.telegram.sandbox.sandbox import Sandbox
from kunak.processes.bootstrap import open_kunak

_MOST_UNANSWERED = 150
_TOKEN_S = 0.1
_QUIET_S = 200.0  # without an answer for so long, something is stuck
Victim = Literal["bot", "worker", "postgres"]
_VICTIMS: tuple[Victim, ...] = ("bot", "worker", "postgres")


@dataclass(frozen=True)
class Plan:
    """How much is to happen. The same seed asks the same questions and kills at the same places."""

    updates: int = 2000
    chats: int = 200
    kills: int = 8
    seed: int = 1
    delivery: UpdatesBy = UpdatesBy.WEBHOOK
    lease_s: float = 3.0
    per_bot: float = 200.0
    model: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of it; the words are explained at the top of this file."""

    updates: int
    kills: int
    answered: int
    lost: int
    duplicates: int
    in_flight_at_kills: int
    after_lost_answers: int
    counted: int
    out_of_order: int
    arrived_too_late: int
    killed: dict[str, int]
    model_asked: int
    seconds: float
    seed: int

    @property
    def is_good(self) -> bool:
        repeated = self.duplicates + self.after_lost_answers
        return (
            self.lost == self.out_of_order == 0
            and self.duplicates <= self.in_flight_at_kills
            and (repeated <= self.counted)
        )


async def run_chaos(plan: Plan, folder: Path) -> Outcome:
    """Let it all happen; `folder` must be open to others (the embedded server does not run as root)."""
    started = time.monotonic()
    chance = random.Random(plan.seed)  # noqa: S311  chance that can be repeated, not a secret
    sandbox = Sandbox(webhook_retry_base_s=0.1, webhook_timeout_s=10, seed=plan.seed)
    fake = FakeProvider(manner=Manner(token_s=_TOKEN_S))
    async with database(folder / "data") as data, serving(sandbox.app) as base, fake:
        model_url = fake.url if plan.model else None
        orders = Orders(data.url, str(folder / "keys"), base, free_port(), plan.lease_s, plan.per_bot, model_url)
        bot = sandbox.create_bot("chaos_bot", "Кунак")
        town = Town.found(sandbox, bot, chats=plan.chats, questions=plan.updates, chance=chance)
        await _furnish(orders, town, plan.delivery)
        async with _children(orders) as children:
            await sandbox.wait_for_call(bot, "setWebhook" if plan.delivery is UpdatesBy.WEBHOOK else "getUpdates")
            in_flight, killed = await _ask_and_kill(plan, town, data, children, chance)
            sandbox.mend()
            await _wait_until_done(town, data)
        verdict = await judge(town, data.url)
        await sandbox.close()
    return Outcome(
        updates=plan.updates,
        kills=plan.kills,
        in_flight_at_kills=in_flight,
        killed=dict(killed),
        model_asked=fake.calls,
        seconds=round(time.monotonic() - started, 1),
        seed=plan.seed,
        **asdict(verdict),
    )


async def _furnish(orders: Orders, town: Town, delivery: UpdatesBy) -> None:
    async with open_kunak(
        orders.settings(), database_url=orders.database_url, sandbox_base=orders.sandbox_base
    ) as kunak:
        async with kunak.sessions.begin() as session:
            await ingestion.store(session, [question.document() for question in town.questions])
            await search.refresh_lexicon(session)
        async with kunak.sessions.begin() as session:
            await bots.save_bot(
                session,
                kunak.directory.doors,
                town.bot.token,
                Identity(town.bot.id, town.bot.username, town.bot.name),
                updates_by=delivery,
                api_base=SANDBOX,
                actor="chaos",
            )


@asynccontextmanager
async def _children(orders: Orders) -> AsyncIterator[Children]:
    children = Children(orders)
    await children.start("bot")
    await children.start("worker")
    try:
        yield children
    finally:
        await children.end()


async def _ask_and_kill(
    plan: Plan, town: Town, data: Database, children: Children, chance: random.Random
) -> tuple[int, Counter[str]]:
    """Ask everything, killing at random places in between; sends under way at the kills, and what was killed."""
    victims = [*_VICTIMS, *chance.choices(_VICTIMS, k=max(0, plan.kills - len(_VICTIMS)))][: plan.kills]
    chance.shuffle(victims)
    places = sorted(chance.sample(range(plan.updates // 10, plan.updates), plan.kills))
    kills = dict(zip(places, victims, strict=True))
    break_things(town.sandbox)
    in_flight, killed = 0, Counter[str]()
    for number, question in enumerate(town.questions):
        town.ask(question)
        await town.wait_until_answered(number - _MOST_UNANSWERED, within_s=_QUIET_S)
        if number in kills:
            in_flight += await _kill(kills[number], data, children)
            killed[kills[number]] += 1
    return in_flight, killed


async def _kill(victim: Victim, data: Database, children: Children) -> int:
    """Kill it with -9 and start it again; how many sends were under way in that moment."""
    if victim == "bot":
        await children.kill("bot")
        await children.start("bot")
        return 0
    async with children.frozen("worker"):
        await data.settle()
        in_flight = await data.count("SELECT count(*) FROM outbox WHERE state = 'SENDING'")
        if victim == "worker":
            await children.kill("worker")
    if victim == "worker":
        await children.start("worker")
    else:
        await data.kill()
    return in_flight


async def _wait_until_done(town: Town, data: Database) -> None:
    """Until everything is answered, then until the ledger has nothing left to do."""
    await town.wait_until_answered(len(town.questions), within_s=_QUIET_S)
    waiting = (
        "SELECT (SELECT count(*) FROM inbox WHERE state IN ('RECEIVED', 'PROCESSING', 'FAILED'))"
        " + (SELECT count(*) FROM outbox WHERE state IN ('PENDING', 'SENDING', 'FAILED'))"
    )
    async with asyncio.timeout(_QUIET_S):
        while await data.count(waiting):  # noqa: ASYNC110  the ledger tells nobody when it is idle
            await asyncio.sleep(0.2)
    town.look()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--updates", type=int, default=Plan.updates)
    parser.add_argument("--chats", type=int, default=Plan.chats)
    parser.add_argument("--kills", type=int, default=Plan.kills)
    parser.add_argument("--seed", type=int, default=Plan.seed)
    parser.add_argument("--delivery", type=UpdatesBy, choices=list(UpdatesBy), default=Plan.delivery)
    parser.add_argument("--lease-s", type=float, default=Plan.lease_s, help="how long a claim outlives its worker")
    parser.add_argument("--per-bot", type=float, default=Plan.per_bot, help="messages a second")
    parser.add_argument("--model", action="store_true", help="a fake language model streams the answers")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    given = vars(parser.parse_args())
    as_json = given.pop("json")
    with tempfile.TemporaryDirectory(prefix="kunak-chaos-") as folder:
        Path(folder).chmod(0o711)
        outcome = asyncio.run(run_chaos(Plan(**given), Path(folder)))
    print(json.dumps(asdict(outcome), indent=None if as_json else 2))
    sys.exit(0 if outcome.is_good else 1)


if __name__ == "__main__":
    main()
