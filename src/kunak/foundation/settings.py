"""Every setting, read once at start-up from the environment (and `.env` in the working folder)."""

import ipaddress
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, Field, SecretStr, field_validator
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
    qdrant_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("KUNAK_QDRANT_URL", "QDRANT_URL"),
        description="A Qdrant that may search vectors in place of PostgreSQL, such as `http://127.0.0.1:6333`.",
    )
    qdrant_api_key: SecretStr | None = Field(default=None, description="Its key, if it asks for one.")
    redis_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("KUNAK_REDIS_URL", "REDIS_URL"),
        description="A Redis in which processes share what they remember for a while; needs the extra `redis`.",
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description="Keys that encrypt tokens at rest, newest first, comma between; else a file in the data directory.",
    )
    trusted_proxies: str = Field(
        default="127.0.0.1, ::1",
        description="Addresses and networks, comma between, of proxies whose `X-Forwarded-For` is believed.",
    )
    api_rate_per_address: int = Field(default=100, gt=0, description="Requests a minute to the API from one address.")
    api_key: SecretStr | None = Field(
        default=None,
        description="Who knows it may manage sources and ask for vectors over the API, as `Authorization: Bearer KEY`; "
        "unset: nobody may.",
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
    messages_per_minute: int = Field(
        default=20, ge=1, description="Messages and presses of one person that bots answer within a minute."
    )
    admin_chats: str = Field(
        default="", description="Telegram chat ids, comma between, that are told when something needs a person."
    )

    bot_makers: str = Field(
        default="",
        description="Telegram user ids, comma between, that may make bots with a manager bot, besides the admins' own.",
    )

    model_url: str | None = Field(
        default=None,
        description="Where the language model is: the part before `/responses` or `/chat/completions`, mostly ending "
        "in `/v1`; unset, and a key or a name is given: OpenAI.",
    )
    model_key: SecretStr | None = Field(default=None, description="Its key; servers of your own may need none.")
    model_name: str | None = Field(default=None, description="Which model answers, as the provider names it.")
    model_protocol: Literal["responses", "chat"] | None = Field(
        default=None,
        description="How it is asked: Responses API or Chat Completions; unset: `responses` at OpenAI, else `chat`.",
    )
    model_url_2: str | None = Field(default=None, description="A second provider, asked while the first is not well.")
    model_key_2: SecretStr | None = Field(default=None, description="As above, of the second.")
    model_name_2: str | None = Field(default=None, description="As above, of the second.")
    model_protocol_2: Literal["responses", "chat"] | None = Field(default=None, description="As above, of the second.")
    model_url_3: str | None = Field(default=None, description="A third, asked while the first two are not well.")
    model_key_3: SecretStr | None = Field(default=None, description="As above, of the third.")
    model_name_3: str | None = Field(default=None, description="As above, of the third.")
    model_protocol_3: Literal["responses", "chat"] | None = Field(default=None, description="As above, of the third.")
    model_images: Literal["auto", "true", "false"] = Field(
        default="auto",
        description="Whether the models look at pictures; `auto`: it is tried, and a refusal remembered until restart.",
    )
    model_first_token_s: float = Field(
        default=60.0, gt=0, description="How long a model may take until the first piece of its answer."
    )
    model_answer_s: float = Field(default=300.0, gt=0, description="How long a whole answer of a model may take.")
    time_zone: str = Field(
        default="UTC", description="Where the days and months of budgets begin, such as `Europe/Moscow`."
    )

    model_history_tokens: int = Field(
        default=4000,
        ge=200,
        description="How much of a conversation goes with each question, in tokens; what is older is summed up.",
    )
    transcription_url: str | None = Field(
        default=None,
        description="An OpenAI-compatible server that writes down what is said, such as `https://api.openai.com/v1`; "
        "unset: voice messages are not understood.",
    )
    transcription_key: SecretStr | None = Field(default=None, description="The key of that server, if it wants one.")
    transcription_model: str | None = Field(default=None, description="The model to ask it for.")
    transcription_timeout_s: float = Field(
        default=60.0, gt=0, description="How long writing down one recording may take."
    )
    transcription_longest_s: int = Field(
        default=300, gt=0, description="Longer recordings, in seconds, are politely refused."
    )

    embeddings_url: str | None = Field(
        default=None,
        description="An OpenAI-compatible server that makes vectors of texts, such as `https://api.openai.com/v1`. "
        "Unset, and without a local model: search goes by words.",
    )
    embeddings_key: SecretStr | None = Field(default=None, description="The key of that server, if it wants one.")
    embeddings_model: str | None = Field(default=None, description="The model to ask it for.")
    embeddings_local: str | None = Field(
        default=None,
        description="In place of a server, a model in our own process (extra `local`): its name, or a folder with it.",
    )
    embeddings_dimensions: int | None = Field(
        default=None, ge=8, le=4000, description="Ask for vectors of this length; unset: the model's own."
    )
    embeddings_query_prefix: str = Field(
        default="", description="What the model wants before a question, such as `query: `."
    )
    embeddings_passage_prefix: str = Field(
        default="", description="What the model wants before a passage, such as `passage: `."
    )
    embeddings_timeout_s: float = Field(default=30.0, gt=0, description="How long one request for vectors may take.")
    embeddings_concurrency: int = Field(default=4, ge=1, description="Requests for vectors on their way at once.")
    embeddings_batch: int = Field(default=32, ge=1, description="Texts in one request for vectors, at most.")
    embeddings_text_characters: int = Field(
        default=8000, ge=100, description="Of a longer text, only this beginning is made a vector."
    )
    embeddings_wait_s: float = Field(
        default=0.8, gt=0, description="How long a question waits for its vector before it is searched by words alone."
    )
    vector_index: Literal["hnsw", "ivfflat"] = Field(
        default="hnsw", description="Index over many vectors: `hnsw` finds more, `ivfflat` is built faster."
    )
    vector_index_memory_mb: int = Field(
        default=2000, ge=64, description="Memory that building the index may take; PostgreSQL's, in megabytes."
    )

    rerank_url: str | None = Field(
        default=None, description="A server that puts the best results in order; unset, and no local one: none does."
    )
    rerank_key: SecretStr | None = Field(default=None, description="The key of that server, if it wants one.")
    rerank_model: str | None = Field(default=None, description="The model to ask it for; `tei` servers have one only.")
    rerank_style: Literal["cohere", "jina", "tei"] = Field(
        default="jina", description="Whose protocol that server speaks: vLLM's is `jina`."
    )
    rerank_local: str | None = Field(
        default=None,
        description="In place of a server, a cross-encoder in our own process (extra `local`): its name, or a folder.",
    )
    rerank_timeout_s: float = Field(default=5.0, gt=0, description="How long one request to it may take.")
    rerank_wait_s: float = Field(
        default=1.0, gt=0, description="How long an answer waits for the reranker before the order stands as it is."
    )
    rerank_text_characters: int = Field(
        default=4000, ge=100, description="Of a longer text, only this beginning is scored."
    )

    max_attempts: int = Field(default=6, ge=1, description="Tries before a message or a delivery is given up.")
    retry_base_s: float = Field(default=1.0, gt=0, description="First pause between tries; doubled each time.")
    retry_max_s: float = Field(default=300.0, gt=0, description="Longest pause between tries.")
    lease_s: float = Field(default=30.0, gt=0, description="How long a worker's claim outlives the worker.")
    reorder_grace_s: float = Field(
        default=0.3, ge=0, description="How long an update waits for an earlier one that has not arrived."
    )
    burst_s: float = Field(
        default=1.0,
        ge=0,
        le=30,
        description="What a person writes within so many seconds, and an album, is answered together; 0: each message "
        "by itself.",
    )
    keep_messages_days: int = Field(
        default=180,
        ge=1,
        description="How long messages that were done with stay in the ledger, and in the memory of bots.",
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
    telegram_api_id: int | None = Field(
        default=None, gt=0, description="For reading channels by an account: the `api_id` that my.telegram.org gives."
    )
    telegram_api_hash: SecretStr | None = Field(default=None, description="The `api_hash` that goes with it.")
    telegram_mtproto_host: str | None = Field(
        default=None, description="An MTProto server of your own; unset: Telegram's data centres."
    )
    telegram_mtproto_port: int = Field(default=443, ge=1, le=65535, description="The port of that server.")
    telegram_mtproto_dc: int = Field(default=2, ge=1, description="The number of its data centre.")
    telegram_mtproto_key: str | None = Field(
        default=None, description="Its public RSA key, in PEM form, or a file with it; several may follow one another."
    )
    telegram_mtproto_transport: Literal["full", "abridged", "intermediate", "obfuscated"] | None = Field(
        default=None,
        description="How packets are cut on the wire: `full`, `abridged`, `intermediate` or `obfuscated`; unset: the "
        "first that a server of your own answers on, `full` with Telegram's.",
    )
    # Each holds a connection of the twenty there are, and another one while it asks a host.
    ingest_concurrency: int = Field(
        default=4, ge=1, le=8, description="Sources that one process reads at the same time."
    )

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, given: str) -> str:
        try:
            ZoneInfo(given)
        except (KeyError, ValueError, OSError):  # not there, not a name, a folder
            raise ValueError("there is no such time zone") from None
        return given

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, given: str) -> str:
        """Not `*`: with that anybody could say that they are somebody else."""
        for each in filter(None, (part.strip() for part in given.split(","))):
            ipaddress.ip_network(each, strict=False)
        return given
