"""What a failure means: try again and when, stop the bot, or give up."""

import random
from dataclasses import dataclass
from datetime import timedelta

from kunak.features.messaging.schemas import Failure
from kunak.foundation.db.outage import is_outage
from kunak.foundation.errors import ErrorClass, KunakError, RetryableError
from kunak.integrations.telegram.interface import TelegramRefusedError

_LONGEST_TEXT = 300
# Being asked to wait is not failing: such tries weigh less than real ones.
_PATIENCE_WHEN_ASKED_TO_WAIT = 5


@dataclass(frozen=True)
class RetryPolicy:
    """At most `max_attempts` tries, the pause between them doubled each time, with jitter."""

    max_attempts: int = 6
    first_pause: timedelta = timedelta(seconds=1)
    longest_pause: timedelta = timedelta(minutes=5)

    def is_deadly(self, attempt: int, *, interrupted: bool) -> bool:
        """Whether so many workers died over it that no other should take it."""
        return interrupted and attempt > 2 * self.max_attempts


_NOTHING_LEFT_TO_DO = {
    "editMessageText": "message is not modified",
    "editMessageReplyMarkup": "message is not modified",
    "deleteMessage": "message to delete not found",
    "answerCallbackQuery": "query is too old",
    "answerInlineQuery": "query is too old",
}


def is_moot(method: str, error: Exception) -> bool:
    """Whether Telegram refuses a call because nothing is left to do: the text stands there, the person went on."""
    return isinstance(error, TelegramRefusedError) and _NOTHING_LEFT_TO_DO.get(method, "\0") in str(error)


def failure_of(error: Exception, attempt: int, policy: RetryPolicy) -> Failure:
    """How to answer `error` at try number `attempt` (from 1)."""
    words = _words(error)
    error_class = class_of(error)
    if error_class is not ErrorClass.RETRYABLE:
        return Failure(error_class, words)
    asked = error.retry_after if isinstance(error, RetryableError) else None
    if attempt >= policy.max_attempts * (1 if asked is None else _PATIENCE_WHEN_ASKED_TO_WAIT):
        return Failure(ErrorClass.TERMINAL, f"{words} Given up after {attempt} tries.")
    return Failure(ErrorClass.RETRYABLE, words, _pause(attempt, policy) if asked is None else timedelta(seconds=asked))


def class_of(error: Exception) -> ErrorClass:
    """Ours know their class; a database or network that does not answer comes back; anything else is final."""
    if isinstance(error, KunakError):
        return error.error_class
    return ErrorClass.RETRYABLE if is_outage(error) else ErrorClass.TERMINAL


def _pause(attempt: int, policy: RetryPolicy) -> timedelta:
    doubled: timedelta = policy.first_pause * 2 ** min(attempt - 1, 30)
    return min(doubled, policy.longest_pause) * random.uniform(0.5, 1.0)  # noqa: S311  jitter, not a secret


def _words(error: Exception) -> str:
    if isinstance(error, KunakError):
        return str(error)[:_LONGEST_TEXT]
    first_line = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {first_line}"[:_LONGEST_TEXT]
