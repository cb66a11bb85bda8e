"""Telegram's limits, as plain arithmetic."""

from kunak.features.messaging.repository.outbox import FreeChat, OutboxHead
from kunak.features.messaging.schemas import Limits

_MINUTE_S = 60.0


def counts_as_message(method: str) -> bool:
    """Whether Telegram counts the call among the messages it limits; edits and answers to buttons are free."""
    return method.startswith(("send", "copy", "forward")) and not method.endswith("Action")


def weighs(head: OutboxHead) -> bool:
    """Whether this delivery does. An edit that says an answer, in place of a message of its own, is paced like one."""
    return counts_as_message(head.method) or head.instead is not None


def chat_wait(head: OutboxHead, chat: FreeChat, limits: Limits) -> float:
    """Seconds until `head` may be sent as far as its own chat is concerned."""
    if not weighs(head):
        return max(0.0, head.retry_in)
    waits = [0.0, head.retry_in, chat.next_send_in]
    if len(chat.recent_ages) >= limits.per_group:
        waits.append(_MINUTE_S - chat.recent_ages[-limits.per_group])
    return max(waits)
