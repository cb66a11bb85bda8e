"""How long a server asks us to wait, in the many ways servers say it."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LONGEST_S = 24 * 3600.0
_SPAN = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>ms|h|m|s)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_COUNTED = ("requests", "tokens")


def read_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds from `now` (aware) until the next try makes sense; None when the server does not say. At most a day."""
    said = _number(headers.get("retry-after-ms"), 0.001)
    if said is None:
        said = _retry_after(headers.get("retry-after"), now)
    if said is None:
        said = _until_reset(headers)
    return None if said is None else min(max(said, 0.0), _LONGEST_S)


def _retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds, or a date of HTTP."""
    if value is None or (seconds := _number(value, 1.0)) is not None:
        return seconds if value else None
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    return (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds()


def _until_reset(headers: Mapping[str, str]) -> float | None:
    """`x-ratelimit-reset-…`: of what is used up the longest; when nothing says it is, the shortest."""
    spent: list[float] = []
    known: list[float] = []
    for what in _COUNTED:
        if (wait := _span(headers.get(f"x-ratelimit-reset-{what}"))) is not None:
            known.append(wait)
            if headers.get(f"x-ratelimit-remaining-{what}") == "0":
                spent.append(wait)
    return max(spent, default=min(known, default=None))


def _span(value: str | None) -> float | None:
    """`6m0s`, `1.5s`, `20ms`, or seconds."""
    if not value or (seconds := _number(value, 1.0)) is not None:
        return seconds if value else None
    found = list(_SPAN.finditer(value))
    if "".join(each.group() for each in found) != value:
        return None
    return sum(float(each["number"]) * _UNITS[each["unit"]] for each in found)


def _number(value: str | None, unit: float) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number * unit if math.isfinite(number) else None
