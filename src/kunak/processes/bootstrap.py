"""Where everything is wired: settings in, working parts out. Tests wire the same place, with parts of their own."""

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from kunak.features.bots.schemas import Makers
from kunak.features.bots.service import Directory, Doors
from kunak.features.language_models.schemas import Bookkeeping
from kunak.features.messaging.schemas import Limits
from kunak.features.messaging.service import Ledger, LedgerOptions, RetryPolicy, end_alert, raise_alert
from kunak.foundation.crypto import SecretBox, load_or_create_key
from kunak.foundation.data_dir import prepare_data_dir
from kunak.foundation.db.engine import Sessions, create_engine, create_reading_sessions, create_sessions
from kunak.foundation.errors import InvalidInputError
from kunak.foundation.settings import Settings
from kunak.integrations.language_model.providers import OnBlocked, OnMended, Providers
from kunak.integrations.telegram.client import HttpTelegramClient
from kunak.integrations.telegram.interface import TelegramClient
from kunak.processes.equipment import Equipped, open_equipment
from kunak.processes.language_model import bookkeeping, open_providers
from kunak.processes.shared import Shared, open_shared

# A send must be over before its lease is: else another worker would take it for dead and send again.
_SEND_WITHIN = 0.7
KEY_FILE = "secret.key"


@dataclass(frozen=True)
class Kunak:
    """The parts that processes share."""

    settings: Settings
    database_url: str
    engine: AsyncEngine
    sessions: Sessions
    reading: Sessions
    """For what only reads."""
    equipped: Equipped
    shared: Shared
    telegram: TelegramClient
    ledger: Ledger
    directory: Directory
    models: Providers | None = None
    """The language models, when some are configured."""

    def with_sandbox(self, base: str) -> "Kunak":
        """The same, where the sandbox runs and its Bot API is at `base`."""
        doors = dataclasses.replace(self.directory.doors, sandbox_base=base)
        return dataclasses.replace(self, directory=Directory(self.sessions, doors))

    @property
    def dsn(self) -> str:
        """The database's address for drivers without SQLAlchemy."""
        return make_url(self.database_url).set(drivername="postgresql").render_as_string(hide_password=False)

    @property
    def books(self) -> Bookkeeping:
        """By which what models cost is counted."""
        return bookkeeping(self.settings)

    @property
    def admin_chats(self) -> list[int]:
        """
        Raises:
            InvalidInputError: KUNAK_ADMIN_CHATS is not a list of numbers.
        """
        return _read_ids("KUNAK_ADMIN_CHATS", self.settings.admin_chats)

    @property
    def makers(self) -> Makers:
        """Who may make bots; in a sandbox that only this machine reaches everybody.

        Raises:
            InvalidInputError: KUNAK_BOT_MAKERS is not a list of numbers.
        """
        people = frozenset([*self.admin_chats, *_read_ids("KUNAK_BOT_MAKERS", self.settings.bot_makers)])
        return Makers(people, in_sandbox=not self.settings.sandbox_hosts.strip())


def _read_ids(setting: str, given: str) -> list[int]:
    try:
        return [int(each) for each in given.split(",") if each.strip()]
    except ValueError as error:
        raise InvalidInputError(f"{setting} must be ids (numbers), comma between.") from error


@asynccontextmanager
async def open_kunak(
    settings: Settings,
    *,
    database_url: str,
    sandbox_base: str | None = None,
    telegram: TelegramClient | None = None,
) -> AsyncIterator[Kunak]:
    """Everything wired to the (migrated) database at `database_url`; closed at the end.

    `sandbox_base`: where the sandbox's Bot API is, when it runs.
    """
    engine = create_engine(database_url)
    sessions = create_sessions(engine)
    client = telegram or HttpTelegramClient(
        timeout_s=min(settings.telegram_timeout_s, settings.lease_s * _SEND_WITHIN), connections=200
    )
    doors = Doors(open_secret_box(settings), settings.telegram_api_base, sandbox_base)
    models = open_providers(settings, on_blocked=_alert_with(sessions), on_mended=_end_alert_with(sessions))
    reading = create_reading_sessions(engine)
    shared = open_shared(settings, reading)
    try:
        async with open_equipment(settings, sessions) as equipped:
            yield Kunak(
                settings,
                database_url,
                engine,
                sessions,
                reading,
                equipped,
                shared,
                client,
                Ledger(sessions, ledger_options(settings)),
                Directory(sessions, doors),
                models,
            )
    finally:
        if models is not None:
            await models.close()
        await client.close()
        await shared.close()
        await engine.dispose()


def _alert_with(sessions: Sessions) -> OnBlocked:
    """Tells the admins of a provider that needs a person."""

    async def alert(name: str, words: str) -> None:
        sentence = f"{words.rstrip(' .')}. It is tried again every few minutes; until it works, it is not waited for."
        async with sessions.begin() as session:
            await raise_alert(session, f"model-blocked:{name}", sentence)

    return alert


def _end_alert_with(sessions: Sessions) -> OnMended:
    """Tells the admins that a provider they heard of is well again: once, however many processes see it."""

    async def end(name: str) -> None:
        async with sessions.begin() as session:
            await end_alert(session, f"model-blocked:{name}", f"The language model of {name} answers again.")

    return end


def open_secret_box(settings: Settings) -> SecretBox:
    """The keys in KUNAK_SECRET_KEY, else the one in the data directory, made when it is not there yet.

    Raises:
        InvalidInputError: a key is not one.
    """
    if settings.secret_key is not None:
        return SecretBox([key.strip() for key in settings.secret_key.get_secret_value().split(",") if key.strip()])
    path = prepare_data_dir(settings.data_dir) / KEY_FILE
    return SecretBox([load_or_create_key(path)], found_in=str(path))


def ledger_options(settings: Settings) -> LedgerOptions:
    return LedgerOptions(
        lease_for=timedelta(seconds=settings.lease_s),
        grace_s=settings.reorder_grace_s,
        burst_s=settings.burst_s,
        limits=Limits(
            per_bot=settings.telegram_rate_per_bot,
            per_chat=settings.telegram_rate_per_chat,
            per_group=settings.telegram_rate_per_group,
        ),
        retries=RetryPolicy(
            max_attempts=settings.max_attempts,
            first_pause=timedelta(seconds=settings.retry_base_s),
            longest_pause=timedelta(seconds=settings.retry_max_s),
        ),
    )
