"""Admins hear in time that a model they use will be shut down: 60, 14 and 3 days before, and when it is gone."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.language_models.schemas import Sunset
from kunak.features.messaging.service import raise_alert

STAGES = (60, 14, 3, 0)
"""Days before; each speaks once, also when it was missed on the day itself."""
_ONCE = timedelta(days=90)
"""Longer than the earliest stage lasts."""


def stage_of(day: date, today: date) -> int | None:
    """The stage that `today` belongs to; None while there is time."""
    left = (day - today).days
    return min((stage for stage in STAGES if left <= stage), default=None)


async def alert_of_sunsets(session: AsyncSession, sunsets: Sequence[Sunset], *, today: date) -> int:
    """Raise what is due; how many alerts spoke."""
    spoken = 0
    for sunset in sunsets:
        stage = stage_of(sunset.day, today)
        if stage is not None:
            key = f"model-sunset:{sunset.provider}:{sunset.model}:{sunset.day}:{stage}"
            spoken += await raise_alert(session, key, _words(sunset, today), window=_ONCE)
    return spoken


def _words(sunset: Sunset, today: date) -> str:
    left = (sunset.day - today).days
    when = f"in {left} days, on {sunset.day}" if left > 1 else "tomorrow" if left == 1 else f"since {sunset.day}"
    does = "will be shut down" if left > 0 else "is shut down"
    ways = ["Name another one in the settings (KUNAK_MODEL_NAME)."] if sunset.is_set else []
    ways += [f"Choose another one for {', '.join(sunset.bots)} (`kunak bot model`)."] if sunset.bots else []
    return f"The language model {sunset.model} of {sunset.provider} {does} {when}. {' '.join(ways)}"
