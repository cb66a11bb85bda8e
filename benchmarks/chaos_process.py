"""One process of Kunak that is there to be killed: `chaos_process.py bot|worker` with its orders as JSON on stdin."""

import asyncio
import json
import logging
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from kunak.foundation.settings import Settings
from kunak.processes import bot, worker
from kunak.processes.bootstrap import Kunak, open_kunak
from kunak.processes.lifetime import Lifetime, run_to_the_end
from kunak.processes.one_port import listen, serve

Role = Literal["bot", "worker"]


@dataclass(frozen=True)
class Orders:
    """How Kunak is set up, the same in every process. `port`: where the bot process takes webhooks."""

    database_url: str
    data_dir: str
    sandbox_base: str
    port: int
    lease_s: float
    per_bot: float
    model_url: str | None = None
    """Where a fake language model is, when answers are to be put into words."""

    def settings(self) -> Settings:
        return Settings(
            data_dir=Path(self.data_dir),
            public_url=f"http://127.0.0.1:{self.port}",
            lease_s=self.lease_s,
            retry_base_s=0.2,
            retry_max_s=2.0,
            burst_s=0.0,  # each question is looked for by itself
            telegram_rate_per_bot=self.per_bot,
            telegram_rate_per_chat=self.per_bot,
            messages_per_minute=100_000,
            telegram_rate_per_group=1_000_000,
            model_url=self.model_url,
            model_name="fake-1" if self.model_url else None,
        )

    def to_json(self) -> str:
        return json.dumps(asdict(self))


async def run(role: Role, orders: Orders, lifetime: Lifetime) -> None:
    with lifetime.serving():
        async with open_kunak(
            orders.settings(), database_url=orders.database_url, sandbox_base=orders.sandbox_base
        ) as kunak:
            await (_run_bot(kunak, orders.port, lifetime.stop) if role == "bot" else worker.run(kunak, lifetime.stop))


async def _run_bot(kunak: Kunak, port: int, stop: asyncio.Event) -> None:
    await asyncio.gather(
        bot.run(kunak, stop),
        serve(bot.create_app(kunak), listen("127.0.0.1", port), stop, trusted_proxies="127.0.0.1"),
    )


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format=f"%(asctime)s {sys.argv[1]} %(name)s: %(message)s")
    role: Role = "bot" if sys.argv[1] == "bot" else "worker"
    orders = Orders(**json.loads(sys.stdin.readline()))
    run_to_the_end(lambda lifetime: run(role, orders, lifetime))


if __name__ == "__main__":
    main()
