"""Every setting, read once at start-up from the environment (and `.env` in the working folder)."""

from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an installation may choose. Names in the environment: the field in capitals behind `KUNAK_`."""

    model_config = SettingsConfigDict(
        env_prefix="KUNAK_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    data_dir: Path = Field(default=Path("data"), description="Where the embedded database, keys and files live.")
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=3000, ge=0, le=65535, description="Port of `kunak up`; 0 takes a free one.")
    public_url: str | None = Field(
        default=None, description="HTTPS address under which Telegram reaches us; needed for webhooks."
    )
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("KUNAK_DATABASE_URL", "DATABASE_URL"),
        description="A PostgreSQL of your own in place of the embedded one.",
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description="Keys that encrypt tokens at rest, newest first, comma between; else a file in the data directory.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="How much is logged.")
    log_format: Literal["console", "json"] = Field(default="console", description="For people or for machines.")

    sandbox: bool | None = Field(
        default=None, description="Run the sandbox Telegram: yes, no, or (unset) when there is no real bot."
    )
    sandbox_hosts: str = Field(
        default="",
        description="Names, comma between, under which others may open the sandbox; unset: this machine only.",
    )
    telegram_api_base: str = Field(
        default="https://api.telegram.org", description="The Bot API server that bots speak to."
    )
    telegram_rate_per_bot: float = Field(default=30.0, gt=0, description="Messages a second one bot may send.")
    telegram_rate_per_chat: float = Field(default=1.0, gt=0, description="Messages a second into one chat.")
    telegram_rate_per_group: int = Field(default=20, gt=0, description="Messages a minute into one group.")
    telegram_timeout_s: float = Field(default=20.0, gt=0, description="How long one call to Telegram may take.")
    admin_chats: str = Field(
        default="", description="Telegram chat ids, comma between, that are told when something needs a person."
    )

    max_attempts: int = Field(default=6, ge=1, description="Tries before a message or a delivery is given up.")
    retry_base_s: float = Field(default=1.0, gt=0, description="First pause between tries; doubled each time.")
    retry_max_s: float = Field(default=300.0, gt=0, description="Longest pause between tries.")
    lease_s: float = Field(default=30.0, gt=0, description="How long a worker's claim outlives the worker.")
    reorder_grace_s: float = Field(
        default=0.3, ge=0, description="How long an update waits for an earlier one that has not arrived."
    )
    keep_messages_days: int = Field(
        default=180, ge=1, description="How long messages that were done with stay in the ledger."
    )
    worker_concurrency: int = Field(
        default=64, ge=2, description="Jobs of one queue that a worker process runs at once."
    )

    fetch_contact: str | None = Field(
        default=None, description="An address where owners of sites reach you; it goes with every request to them."
    )
    fetch_allow_private: str = Field(
        default="",
        description="Hosts and ranges (10.0.0.0/8), comma between, that are fetched though they are not on the public "
        "internet.",
    )
    fetch_timeout_s: float = Field(default=30.0, gt=0, description="How long fetching one page may take.")
    fetch_max_mb: float = Field(default=32.0, gt=0, description="The largest page or feed that is fetched, unpacked.")
    fetch_pause_s: float = Field(default=1.0, ge=0, description="Pause between two requests to one host.")
    telegram_preview_base: str = Field(
        default="https://t.me", description="Where channels have their public previews (`/s/NAME`)."
    )
    ingest_concurrency: int = Field(
        default=4, ge=1, le=64, description="Sources that one process reads at the same time."
    )
