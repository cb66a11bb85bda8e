"""Which price a text names. Years, telephone numbers, models, sizes and ages are no prices."""

import re

from kunak.features.understanding.filters import price_patterns as patterns
from kunak.features.understanding.schemas import Price

_ENOUGH = 500
"""From here on a bare number behind «до» is roubles; in English texts, where it may be dollars, from the next."""
_ENOUGH_ABROAD = 100
_ENOUGH_ALONE = 3000
_ENOUGH_THOUSANDS = 1000
_ENOUGH_WITH_K = 10_000


def find_price(folded: str, written: str) -> Price | None:
    """The first price, ranges before borders, borders before single ones."""
    text = patterns.PHONE.sub(lambda found: "#" * len(found[0]), folded)
    if not patterns.SOME_NUMBER.search(text):
        return None
    for pattern in (
        patterns.BETWEEN,
        patterns.DASHED,
        patterns.AT_MOST,
        patterns.AT_LEAST,
        patterns.NAMED,
        patterns.BARE,
    ):
        for found in pattern.finditer(text):
            if price := _read(found, text, written):
                return price
    return _alone(text, written)


def _alone(text: str, written: str) -> Price | None:
    for found in patterns.ALONE.finditer(text):
        value = int(found["both"].replace(" ", ""))
        if value >= _ENOUGH_ALONE and not patterns.MILEAGE.search(text[: found.start()]):
            return Price(value, value, "RUB", written[found.start("both") : found.end("both")])
    return None


def without_phones(folded: str) -> str:
    """`folded` with a mark in place of telephone numbers."""
    return patterns.PHONE.sub(" #phone ", folded)


def _read(found: re.Match[str], text: str, written: str) -> Price | None:
    amounts = [name for name in ("low", "high", "both") if name in found.re.groupindex]
    scale, currency = _shared(found, amounts[-1], "scale"), _currency(found, amounts)
    if patterns.MEASURE.match(text, found.end()) or patterns.MILEAGE.search(text[: found.start()]):
        return None
    values = {name: _value(found, name, scale if name == "low" else "") for name in amounts}
    if not all(_is_price(found, name, values[name], text, money=bool(currency), scale=scale) for name in amounts):
        return None
    if len(amounts) > 1 and values["low"] > values["high"]:
        return None
    both = values.get("both")
    return Price(
        values.get("low", both),
        values.get("high", both),
        currency or "RUB",
        written[found.start() : found.end()].strip(),
    )


def _shared(found: re.Match[str], name: str, part: str) -> str:
    return found[f"{name}_{part}"] or ""


def _value(found: re.Match[str], name: str, shared_scale: str) -> int:
    word_scale = found[f"{name}_wordscale"] or ""
    if not found[name]:
        number = patterns.WORD_NUMBERS.get(found[f"{name}_word"], 1)
        return int(number * (500_000 if word_scale == "полмиллиона" else _times(word_scale)))
    digits = re.sub(r"[ \u00a0']", "", found[name])
    digits = re.sub(r"[.,](?=\d{3}(?!\d))", "", digits).replace(",", ".")
    return int(float(digits[:12]) * _times(_shared(found, name, "scale") or shared_scale))


def _times(scale: str) -> int:
    if not scale:
        return 1
    return (
        next(
            (
                times
                for beginning, times in patterns.TIMES.items()
                if len(beginning) > 1 and scale.startswith(beginning)
            ),
            0,
        )
        or patterns.TIMES[scale[0]]
    )


def _currency(found: re.Match[str], amounts: list[str]) -> str | None:
    for name in amounts:
        mark = found[f"{name}_before"] or found[f"{name}_currency"]
        if mark:
            return patterns.CODES.get(mark[:2], "RUB")
        if "р" in (found[f"{name}_scale"] or "").replace("косар", ""):
            return "RUB"
    return None


def _is_price(found: re.Match[str], name: str, value: int, text: str, *, money: bool, scale: str) -> bool:
    """Money is named, or a border in thousands is; a bare number needs a border and the size of a price."""
    if value <= 0:
        return False
    if money:
        return True
    scale = scale or found[f"{name}_wordscale"] or ""
    ends_there = bool(patterns.AFTER_PRICE.match(text, found.end()))
    if found.re in (patterns.BARE, patterns.DASHED):
        # «4к» is a screen, «2к» are rooms; «3 тыс» is money.
        return bool(scale) and ends_there and value >= (_ENOUGH_THOUSANDS if len(scale) > 1 else _ENOUGH_WITH_K)
    if scale:
        return value >= _ENOUGH_THOUSANDS and (found.re is not patterns.NAMED or ends_there)
    is_year = 1900 <= value < 2100 and value % 100 != 0  # noqa: PLR2004  years of our time
    enough = _ENOUGH if patterns.CYRILLIC.search(text) else _ENOUGH_ABROAD
    return value >= enough and not is_year and bool(patterns.AFTER_BARE.match(text, found.end()))
