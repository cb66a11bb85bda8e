"""What is counted. Names are listed in docs/metrics.md; a test holds the two together."""

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
ALERTS = Counter("kunak_alerts_total", "Alerts raised to admins.")


def render_metrics() -> tuple[bytes, str]:
    """All metrics in Prometheus' text format, and its content type."""
    return generate_latest(), CONTENT_TYPE_LATEST
