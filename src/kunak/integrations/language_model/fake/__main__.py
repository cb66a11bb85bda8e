"""The fake as a process of its own: `python -m kunak.integrations.language_model.fake`."""

import argparse
import asyncio

from kunak.integrations.language_model.fake import FakeProvider, Manner


async def serve(port: int, token_s: float) -> None:
    """Until it is interrupted."""
    fake = FakeProvider(manner=Manner(token_s=token_s))
    await fake.start(port=port)
    print(fake.url, flush=True)  # noqa: T201  whoever started it needs the address
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token-seconds", type=float, default=0.0, help="Pause before each token.")
    given = parser.parse_args()
    try:
        asyncio.run(serve(given.port, given.token_seconds))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
