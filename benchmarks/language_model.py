"""What do our clients of language models cost, beside the official library?

python benchmarks/language_model.py [--streams 200] [--json]

Asks the fake, which runs as a process of its own, and prints JSON. `import`: seconds and megabytes of importing what is
needed and making a client, each in a new process (ours beside aiohttp, which every process has). `token_us`: processor
time for a streamed token, `together` when events arrive as fast as they can be read, `apart` when each comes by itself.
`streams`: so many answers at once, of 20 tokens a second each, and which part of one core they took.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any

from kunak.integrations.language_model.access import ModelProtocol, ProviderAccess
from kunak.integrations.language_model.connect import connect
from kunak.integrations.language_model.interface import Message, Request, complete
from kunak.integrations.language_model.providers import Provider, Providers

TOKENS = 1000
WORDS = " ".join(f"word{number}" for number in range(TOKENS))
PACE_S = 0.05
_IMPORTING = """
import sys, time
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6
exec(sys.argv[1])
before, began = resident(), time.perf_counter()
exec(sys.argv[2])
print(round(time.perf_counter() - began, 2), round(resident() - before))
"""
_OURS = "from kunak.integrations.language_model.connect import connect"
_LIBRARY = "import openai; client = openai.AsyncOpenAI(api_key='x'); client.responses, client.chat.completions"
Ask = Callable[[], Awaitable[Any]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=200, help="answers at once")
    parser.add_argument("--json", action="store_true", help="the only form there is; accepted for likeness")
    options = parser.parse_args()
    figures: dict[str, Any] = {"import": {"ours": importing("import aiohttp", _OURS)}, "token_us": {}}
    asks: dict[str, Callable[[str, ModelProtocol], AbstractAsyncContextManager[Ask]]] = {"ours": ask_ours}
    if has_library():
        figures["import"]["openai"] = importing("", _LIBRARY)
        asks["openai"] = ask_library
    for manner, pause, rounds in (("together", 0.0, 5), ("apart", 0.001, 1)):
        with running_fake(pause) as url:
            figures["token_us"][manner] = {
                f"{name}, {protocol}": asyncio.run(measure(ask(url, protocol), rounds))
                for name, ask in asks.items()
                for protocol in ModelProtocol
            }
    with running_fake(PACE_S) as url:
        figures["streams"] = asyncio.run(measure_streams(url, options.streams))
    print(json.dumps(figures, indent=2))


def has_library() -> bool:
    return subprocess.run([sys.executable, "-c", "import openai"], capture_output=True, check=False).returncode == 0


def importing(first: str, what: str) -> dict[str, float]:
    """The best of three."""
    command = [sys.executable, "-c", _IMPORTING, first, what]
    said = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(3)]  # noqa: S603  our own words
    seconds, megabytes = min(tuple(float(each) for each in line.split()) for line in said)
    return {"s": seconds, "mb": megabytes}


@contextmanager
def running_fake(pause_s: float) -> Iterator[str]:
    command = [sys.executable, "-m", "kunak.integrations.language_model.fake", "--token-seconds", str(pause_s)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  our own words
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def providers_of(url: str, protocol: ModelProtocol) -> Providers:
    access = ProviderAccess("fake", url, "fake-1", protocol)
    return Providers([Provider(access, connect(access))])


@asynccontextmanager
async def ask_ours(url: str, protocol: ModelProtocol) -> AsyncIterator[Ask]:
    providers = providers_of(url, protocol)

    async def ask() -> None:
        answer = await complete(providers, Request((Message.user(WORDS),)))
        assert len(answer.text.split()) > TOKENS

    yield ask
    await providers.close()


@asynccontextmanager
async def ask_library(url: str, protocol: ModelProtocol) -> AsyncIterator[Ask]:
    import openai

    client = openai.AsyncOpenAI(api_key="x", base_url=url, max_retries=0)
    asked: Any = [{"role": "user", "content": WORDS}]

    async def ask() -> None:
        if protocol is ModelProtocol.CHAT:
            chunks = await client.chat.completions.create(model="fake-1", messages=asked, stream=True)
            pieces = [chunk.choices[0].delta.content async for chunk in chunks if chunk.choices]
        else:
            events = await client.responses.create(model="fake-1", input=asked, stream=True, store=False)
            pieces = [event.delta async for event in events if event.type == "response.output_text.delta"]
        assert len("".join(piece or "" for piece in pieces).split()) > TOKENS

    yield ask
    await client.close()


async def measure(asking: AbstractAsyncContextManager[Ask], rounds: int) -> float:
    async with asking as ask:
        await ask()
        began = time.process_time()
        for _ in range(rounds):
            await ask()
        return round((time.process_time() - began) / rounds / TOKENS * 1e6, 1)


async def measure_streams(url: str, streams: int) -> dict[str, float]:
    providers = providers_of(url, ModelProtocol.RESPONSES)
    request = Request((Message.user(" ".join(WORDS.split()[:100])),))
    began, worked = time.perf_counter(), time.process_time()
    answers = await asyncio.gather(*(complete(providers, request) for _ in range(streams)))
    took, worked = time.perf_counter() - began, time.process_time() - worked
    tokens = sum(answer.finished.usage.output for answer in answers if answer.finished.usage)
    await providers.close()
    return {"at_once": streams, "seconds": round(took, 1), "core": round(worked / took, 2), "tokens": tokens}


if __name__ == "__main__":
    main()
