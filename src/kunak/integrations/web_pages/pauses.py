"""How long to wait, and on whose word."""

import random
from datetime import UTC
from email.utils import parsedate_to_datetime

from kunak.foundation.clock import now

LONGEST_S = 86_400.0


def read_retry_after(value: str | None) -> float | None:
    """Seconds from the header Retry-After, which holds seconds or a date; at most a day. None when it says nothing."""
    if not value:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:10]), LONGEST_S)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((aware - now()).total_seconds(), 0.0), LONGEST_S)


def back_off(first_s: float, failures: int, longest_s: float) -> float:
    """Seconds to wait after so many failures in a row: doubled each time, with jitter so that nobody comes in step."""
    return min(first_s * 2.0 ** min(failures, 30), longest_s) * random.uniform(0.5, 1.0)  # noqa: S311  no secret
