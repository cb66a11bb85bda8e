"""Telegram's limits, as plain arithmetic."""

from kunak.features.messaging.repository.outbox import FreeChat, OutboxHead
from kunak.features.messaging.schemas import Limits

_MINUTE_S = 60.0


def counts_as_message(method: str) -> bool:
    """Whether Telegram counts the call among the messages it limits; edits and answers to buttons are free."""
    return method.startswith(("send", "copy", "forward")) and not method.endswith("Action")


def chat_wait(head: OutboxHead, chat: FreeChat, limits: Limits) -> float:
    """Seconds until `head` may be sent as far as its own chat is concerned."""
    if not counts_as_message(head.method):
        return max(0.0, head.retry_in)
    waits = [0.0, head.retry_in, chat.next_send_in]
    if len(chat.recent_ages) >= limits.per_group:
        waits.append(_MINUTE_S - chat.recent_ages[-limits.per_group])
    return max(waits)
