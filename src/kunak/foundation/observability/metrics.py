"""What is counted. Names are listed in docs/metrics.md; a test holds the two together."""

import time

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest

UPDATES = Counter("kunak_updates_total", "Updates received from Telegram.", ["outcome"])
TURNS = Counter("kunak_turns_total", "Turns ended, by state.", ["state"])
DELIVERIES = Counter("kunak_deliveries_total", "Deliveries ended, by state.", ["state"])
MAYBE_TWICE = Counter(
    "kunak_deliveries_maybe_twice_total",
    "Messages sent again because it was not known whether an earlier try had reached Telegram.",
)
ANSWER_SECONDS = Histogram(
    "kunak_answer_seconds",
    "From an update's arrival until its answer stands in the outbox.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
READINGS = Counter("kunak_source_readings_total", "Readings of sources, by how they ended.", ["kind", "outcome"])
DOCUMENTS = Counter(
    "kunak_documents_total", "Documents that came in from sources, by what became of them.", ["kind", "outcome"]
)
FLEETING = Counter(
    "kunak_fleeting_total", "Inline queries, by what became of them: answered, overtaken, late or failed.", ["outcome"]
)
ALERTS = Counter("kunak_alerts_total", "Alerts raised to admins.")
VECTOR_INDEX_FAILURES = Counter(
    "kunak_vector_index_failures_total", "Times Qdrant was asked what is near, and could not tell."
)
MODEL_CALLS = Counter(
    "kunak_model_calls_total", "Requests to language models, by how they ended.", ["provider", "model", "outcome"]
)
MODEL_TOKENS = Counter(
    "kunak_model_tokens_total",
    "Tokens of language models: input (of it cached), output (of it reasoning).",
    ["provider", "model", "kind"],
)
MODEL_FIRST_TOKEN_SECONDS = Histogram(
    "kunak_model_first_token_seconds",
    "From a request to a language model until the first piece of its answer.",
    ["provider", "model"],
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
MODEL_SECONDS = Histogram(
    "kunak_model_seconds",
    "From a request to a language model until its answer is whole.",
    ["provider", "model"],
    buckets=(0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300),
)


class ModelCall:
    """One request to a language model, from its beginning to the first end it is given."""

    def __init__(self, provider: str, model: str) -> None:
        self._labels = (provider, model)
        self._began = time.monotonic()
        self._answered = self._ended = False

    def token(self) -> None:
        if not self._answered:
            self._answered = True
            MODEL_FIRST_TOKEN_SECONDS.labels(*self._labels).observe(time.monotonic() - self._began)

    def end(self, outcome: str) -> None:
        """`outcome`: `ok`, `stopped`, or what went wrong. Only the first counts."""
        if self._ended:
            return
        self._ended = True
        MODEL_CALLS.labels(*self._labels, outcome).inc()
        if outcome == "ok":
            MODEL_SECONDS.labels(*self._labels).observe(time.monotonic() - self._began)

    def count(self, **tokens: int) -> None:
        """Tokens by kind."""
        for kind, number in tokens.items():
            MODEL_TOKENS.labels(*self._labels, kind).inc(number)


def render_metrics() -> tuple[bytes, str]:
    """All metrics in Prometheus' text format, and its content type."""
    return generate_latest(), CONTENT_TYPE_LATEST
