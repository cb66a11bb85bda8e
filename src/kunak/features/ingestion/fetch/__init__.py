"""Sources as they are outside: what is new in them since the cursor, step by step."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from kunak.features.ingestion.schemas import Source, SourceKind, Step
from kunak.features.telegram_account.schemas import OpenAccount
from kunak.foundation.errors import InvalidInputError
from kunak.foundation.helper import Call, call_in_thread
from kunak.integrations.web_pages.interface import WebPages


@dataclass(frozen=True)
class Outside:
    """What sources are reached by."""

    web: WebPages
    telegram_base: str = "https://t.me"
    """Where channels have their public previews."""
    call: Call = call_in_thread
    """How the libraries are called that take apart what strangers wrote."""
    open_account: OpenAccount | None = None
    """The Telegram account, where there can be one."""


def load_readers() -> None:
    """Import what takes sources apart. It takes a second or two: for a thread, before the first reading."""
    from kunak.features.ingestion.fetch import account, channel, feed, file, site  # noqa: F401, PLC0415  to have them loaded


def read_steps(source: Source, outside: Outside) -> AsyncGenerator[Step, None]:
    """What the source holds beyond its cursor. Each step's cursor goes on where that step ended.

    Steps raise what the web and the formats raise: `KunakError`s with a sentence for people.

    Raises:
        InvalidInputError: sources of this kind are not read in steps.
    """
    # Imported here: the libraries that take documents apart cost whoever does not read sources too much memory.
    match source.kind:
        case SourceKind.RSS:
            from kunak.features.ingestion.fetch.feed import read_feed_steps  # noqa: PLC0415  see above

            return read_feed_steps(source, outside)
        case SourceKind.TELEGRAM:
            from kunak.features.ingestion.fetch.channel import read_channel_steps  # noqa: PLC0415  see above

            return read_channel_steps(source, outside)
        case SourceKind.TELEGRAM_ACCOUNT:
            from kunak.features.ingestion.fetch.account import read_account_steps  # noqa: PLC0415  see above

            return read_account_steps(source, outside)
        case SourceKind.TELEGRAM_EXPORT | SourceKind.JSONL:
            from kunak.features.ingestion.fetch.file import read_file_steps  # noqa: PLC0415  see above

            return read_file_steps(source)
    raise InvalidInputError(f"A source of the kind {source.kind} is not read in steps.")
