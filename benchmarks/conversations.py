"""What do we add to an answer that a model streams?

python benchmarks/conversations.py [--streams 200] --json

The bot process and a worker run here; Telegram (the sandbox), the people and the fake model in another process, an
embedded PostgreSQL in a third. Questions are answered from a passage that search finds.

first_draft_ms    from the model's first token to the draft that Telegram has, median
final_ms          from the model's last token to the message that Telegram has, median
streams_per_core  answers of 20 tokens a second that one core could carry at once, by the processor time that
                  `--streams` of them at once took here; asking, searching, drafts and delivering included
queries_per_turn  SQL statements of a turn, from the update to the delivered answer, without those of the job queue
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # run as a file, its neighbours are not on the path yet
    sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.conversations_town import Run
from sqlalchemy import event

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import SANDBOX, Identity, UpdatesBy
from kunak.features.ingestion import service as ingestion
from kunak.features.ingestion.schemas import NewDocument, SourceKind, SourceName
from kunak.features.search import service as search
from kunak.foundation.settings import Settings
from kunak.processes import bot as bot_process
from kunak.processes import worker as worker_process
from kunak.processes.bootstrap import Kunak, open_kunak
from kunak.processes.database import open_database

_TOWN = Path(__file__).with_name("conversations_town.py")
_ROAD = "Перевал закрыт из-за схода лавины. Дорогу откроют после восемнадцати часов, если снег прекратится."
_ALONE = Run(rounds=15, people=1, tokens=100, token_s=0.01)
_WARM_UP = Run(rounds=2, people=2, tokens=100, token_s=0.01)
_TOKENS, _TOKEN_S = 300, 0.05


@asynccontextmanager
async def town() -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(_TOWN)), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()  # the end of its orders is the end of the town
        await asyncio.wait_for(process.wait(), 30)


async def hear(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    said: dict[str, Any] = json.loads(await process.stdout.readline())
    return said


async def order(process: asyncio.subprocess.Process, run: Run) -> dict[str, Any]:
    assert process.stdin is not None
    process.stdin.write(f"{json.dumps(asdict(run))}\n".encode())
    return await hear(process)


def settings_for(data_dir: Path, model_url: str, streams: int) -> Settings:
    """Telegram's limits are lifted: they are not what is measured."""
    return Settings(
        data_dir=data_dir,
        telegram_rate_per_bot=100_000.0,
        telegram_rate_per_chat=100_000.0,
        messages_per_minute=100_000,
        worker_concurrency=max(64, streams + 20),
        model_url=model_url,
        model_name="fake-1",
        model_protocol="responses",
        log_level="WARNING",
    )


async def furnish(kunak: Kunak, told: dict[str, Any]) -> None:
    """A document to answer from, and a bot."""
    herald = SourceName(SourceKind.JSONL, "town", "Вестник долины")
    async with kunak.sessions.begin() as session:
        await ingestion.store(session, [NewDocument(herald, "road", "Перевал закрыт", _ROAD, None, None)])
        await search.refresh_lexicon(session)
    identity = Identity(told["id"], "talker_bot", "Кунак")
    async with kunak.sessions.begin() as session:
        await bots.save_bot(
            session,
            kunak.directory.doors,
            told["token"],
            identity,
            updates_by=UpdatesBy.POLLING,
            api_base=SANDBOX,
            actor="benchmark",
        )


@contextmanager
def counting(kunak: Kunak) -> Iterator[list[str]]:
    """The statements that are run within the block."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(kunak.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(kunak.engine.sync_engine, "before_cursor_execute", note)


async def measure(kunak: Kunak, process: asyncio.subprocess.Process, streams: int) -> dict[str, Any]:
    await order(process, _WARM_UP)
    with counting(kunak) as statements:
        alone = await order(process, _ALONE)
    began, worked = time.perf_counter(), time.process_time()
    await order(process, Run(rounds=1, people=streams, tokens=_TOKENS, token_s=_TOKEN_S))
    took, worked = time.perf_counter() - began, time.process_time() - worked
    return {
        "first_draft_ms": alone["first_draft_ms"],
        "final_ms": alone["final_ms"],
        "streams_per_core": round(streams * (_TOKENS * _TOKEN_S) / worked),
        "queries_per_turn": round(len(statements) / _ALONE.rounds, 1),
        "streams": {"at_once": streams, "seconds": round(took, 1), "of_which_should_be": _TOKENS * _TOKEN_S},
    }


async def run(streams: int, folder: Path) -> dict[str, Any]:
    async with town() as process:
        told = await hear(process)
        settings = settings_for(folder / "data", told["model"], streams)
        async with (
            open_database(settings) as database,
            open_kunak(settings, database_url=database.url, sandbox_base=told["base"]) as kunak,
        ):
            await furnish(kunak, told)
            stop = asyncio.Event()
            working = [asyncio.create_task(each.run(kunak, stop)) for each in (bot_process, worker_process)]
            figures = await measure(kunak, process, streams)
            stop.set()
            await asyncio.gather(*working)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=200, help="answers at once")
    parser.add_argument("--json", action="store_true", help="one line")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kunak-conversations-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        figures = asyncio.run(run(options.streams, Path(folder)))
    if options.json:
        del figures["streams"]
    print(json.dumps(figures, indent=None if options.json else 2))


if __name__ == "__main__":
    main()
