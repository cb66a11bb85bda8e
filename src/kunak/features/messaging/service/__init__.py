"""The message ledger: nothing that came in is lost, nothing is said twice, each chat keeps its order."""

from kunak.features.messaging.service.alerts import end_alert, list_alerts, raise_alert, resume_bot
from kunak.features.messaging.service.deliveries import get_said, say
from kunak.features.messaging.service.failures import RetryPolicy
from kunak.features.messaging.service.ledger import Ledger, LedgerOptions
from kunak.features.messaging.service.previews import claim_preview, forget_preview, keep_preview
from kunak.features.messaging.service.replay import (
    list_messages,
    replay_message,
    replay_next,
    show_message,
    wake_bot,
    wake_idle_chats,
)
from kunak.features.messaging.service.stops import Stops, has_stopped_something

__all__ = [
    "Ledger",
    "LedgerOptions",
    "RetryPolicy",
    "Stops",
    "claim_preview",
    "end_alert",
    "forget_preview",
    "get_said",
    "has_stopped_something",
    "keep_preview",
    "list_alerts",
    "list_messages",
    "raise_alert",
    "replay_message",
    "replay_next",
    "resume_bot",
    "say",
    "show_message",
    "wake_bot",
    "wake_idle_chats",
]
