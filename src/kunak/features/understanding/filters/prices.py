"""Which price a text names. Years, telephone numbers, models, sizes and ages are no prices."""

import re

from kunak.features.understanding.schemas import Price

_DIGITS = r"\d{1,3}(?:[ \u00a0.,']\d{3})+(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)"
_TIMES = {
    "тыс": 1000,
    "тыщ": 1000,
    "тр": 1000,
    "т.р": 1000,
    "т р": 1000,
    "т": 1000,
    "к": 1000,
    "k": 1000,
    "кос": 1000,
    "thousand": 1000,
}
_TIMES |= {
    "млн": 10**6,
    "миллион": 10**6,
    "лям": 10**6,
    "million": 10**6,
    "mln": 10**6,
    "mil": 10**6,
    "m": 10**6,
    "м": 10**6,
}
_SCALE = r"тыс(?:яч[аиу]?|\.)?|тыщ[аиу]?|т\.?\s?р(?:уб)?\.?|т(?=\s*(?:руб|р\b|$))|к(?:осар\w*)?|k|лям(?:а|ов)?|млн\.?|миллион(?:а|ов)?|thousand|million|mln|mil|m"
_CURRENCY = r"₽|руб(?:л\w*|\.)?|р(?:\.|(?=\W|$))|rub(?:les?)?|roubles?|\$|usd|доллар\w*|долл\.?|баксов|бакса|dollars?|bucks|€|eur|евро|euros?"
_WORD_NUMBERS = {
    "полтора": 1.5, "полутора": 1.5, "двух": 2, "два": 2, "две": 2, "трех": 3, "три": 3, "четырех": 4, "четыре": 4, "пяти": 5, "пять": 5,
    "шести": 6, "семи": 7, "восьми": 8, "девяти": 9, "десяти": 10, "десять": 10, "пятнадцати": 15, "пятнадцать": 15, "двадцати": 20,
    "двадцать": 20, "тридцати": 30, "тридцать": 30, "сорока": 40, "сорок": 40, "пятидесяти": 50, "пятьдесят": 50, "ста": 100, "сто": 100,
    "двухсот": 200, "двести": 200, "трехсот": 300, "триста": 300, "пятисот": 500, "пятьсот": 500, "one": 1, "two": 2, "three": 3, "five": 5,
    "ten": 10, "twenty": 20, "fifty": 50, "a hundred": 100, "hundred": 100,
}  # fmt: skip
_WORD_NUMBER = "|".join(sorted(_WORD_NUMBERS, key=len, reverse=True))


def _amount(name: str) -> str:
    return (
        rf"(?P<{name}_before>[$€₽])?\s?(?:(?P<{name}>{_DIGITS})\s?(?:(?P<{name}_scale>{_SCALE})(?![\w]))?"
        rf"|(?P<{name}_word>(?:{_WORD_NUMBER})(?=\s+(?:тыс|милл|млн|лям|thousand|million|руб|долл|dollars))|(?=тысяч[иу]?\b|миллиона?\b|полмиллиона))"
        rf"\s*(?P<{name}_wordscale>тысяч[иу]?|миллион(?:а|ов)?|млн|лям(?:а|ов)?|полмиллиона|thousand|million)?(?!\w))"
        rf"(?:\s?(?P<{name}_currency>{_CURRENCY})(?!\w))?"
    )


_MOST = r"(?:не\s+(?:дороже|больше|более|выше|свыше)(?:\s+чем)?|до|дешевле|меньше|максимум|макс\.?|в\s+пределах|бюджет(?:ом)?(?:\s+до)?|under|below|up\s+to|less\s+than|at\s+most|max(?:imum)?|cheaper\s+than|no\s+more\s+than|not\s+more\s+than|budget(?:\s+of)?(?:\s+is)?|within)"
_LEAST = r"(?:не\s+(?:дешевле|меньше|менее|ниже)|от|дороже|больше|свыше|выше|более|минимум|мин\.?|начиная\s+с|over|above|from|at\s+least|more\s+than|min(?:imum)?|starting\s+(?:at|from))"
_ABOUT = r"(?:за|по|цена|ценой|стоимость\w*|стоит|в\s+районе|около|примерно|где-то|плачу|оплата|зарплата|зп|з/п|оклад|for|at|price|around|about|salary|pay)"

_BETWEEN = re.compile(
    rf"(?<!\w)(?:от|с|from|between|между|начиная\s+с)\s*:?\s*{_amount('low')}\s*(?:до|по|to|and|и|-|–|—)\s*{_amount('high')}"
)
_DASHED = re.compile(rf"(?<![\w.,-]){_amount('low')}\s?(?:-|–|—|\.\.\.?)\s?{_amount('high')}")
_AT_MOST = re.compile(rf"(?<!\w){_MOST}\s*:?\s*{_amount('high')}")
_AT_LEAST = re.compile(rf"(?<!\w){_LEAST}\s*:?\s*{_amount('low')}")
_NAMED = re.compile(rf"(?<!\w){_ABOUT}\s*[:-]?\s*{_amount('both')}")
_BARE = re.compile(rf"(?<![\w.,+-]){_amount('both')}")
# «диван 5000», «продаю диван, 5000, самовывоз»
_ALONE = re.compile(
    r"(?:(?<=[а-я)])\s|(?<=[,;:])\s?)(?P<both>[1-9]\d?\d?(?: \d{3})* \d00|[1-9]\d{1,4}00)\s?(?=$|[,;.!])"
)

_PHONE = re.compile(
    r"(?<![\w+])(?:\+\d|8)[\s(\-–]{0,3}\d{3}[\s)\-–]{0,3}\d{3}[\s\-–]?\d{2}[\s\-–]?\d{2}(?!\d)|(?<!\d)9\d{9}(?!\d)"
)
# What is counted, measured or dated after a number.
_MEASURE = re.compile(
    r"\s*-?\s*(?:ти|го|й|я|е|х|ми)?\s*(?:лет\w*|год\w*|г\.?(?!\w)|гг|км|километр\w*|метр\w*|м2|м²|м(?!\w)|кв(?!\w)|кг(?!\w)|кило\w*|гр(?:амм\w*)?(?!\w)|литр\w*|л(?!\w)|л\.?с|сил|штук\w*|шт(?!\w)|человек\w*|чел|людей|"
    r"мин\w*|час\w*|дн\w*|ден\w*|сут\w*|недел\w*|мес(?:яц\w*)?|сот(?:ок|ка|ки)?(?!\w)|(?:га|гб|тб|gb|tb|мб|мм|см)(?!\w)|дюйм\w*|комн\w*|эта[жп]\w*|мест\w*|%|процент\w*|градус\w*|°|"
    r"январ|феврал|март|апрел|ма[йя]|июн|июл|август|сентябр|октябр|ноябр|декабр|жител\w*|размер\w*|ватт\w*|вт(?!\w)|в(?:ольт|т)|mah|утр|вечер|ночи|дня|класс|век|"
    r"years?|yrs?|old|km|miles?|meters?|metres?|m2|sqm|sq|kg|lit(?:er|re)s?|pieces?|pcs|people|persons?|min(?:ute)?s?|hours?|days?|weeks?|months?|rooms?|bed\w*|floors?|percent|degrees?|inch\w*|"
    r"am(?!\w)|pm(?!\w)|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|seats?|guests?|residents|acres?|hp|gigs?)|\s*[:/]\d|-\d"
)
_MILEAGE = re.compile(r"(?:пробег\w*|mileage|год\w*|г\.|возраст\w*|age|рост\w*|вес\w*|размер\w*)\s*(?:\w+\s*){0,1}$")
# After a bare «25 тысяч»: what may follow a price; «25 тысяч жителей» is none.
_AFTER_PRICE = re.compile(
    r"\s*(?:$|[,.;:!?()]|(?:в|за|на|с|и|или|торг\w*|без|можно|срочно|нал\w*|тел\w*|звон\w*|писать|per|a|in|with|or|obo|negotiable)\b)"
)
_ENOUGH = 500
_ENOUGH_ABROAD = 100
_ENOUGH_ALONE = 3000
_ENOUGH_THOUSANDS = 1000
_ENOUGH_WITH_K = 10_000
_SOME_NUMBER = re.compile(r"\d|тысяч|миллион|млн|лям|thousand|million")


def find_price(folded: str, written: str) -> Price | None:
    """The first price, ranges before borders, borders before single ones."""
    text = _PHONE.sub(lambda found: "#" * len(found[0]), folded)
    if not _SOME_NUMBER.search(text):
        return None
    for pattern in (_BETWEEN, _DASHED, _AT_MOST, _AT_LEAST, _NAMED, _BARE):
        for found in pattern.finditer(text):
            if price := _read(found, text, written):
                return price
    return _alone(text, written)


def _alone(text: str, written: str) -> Price | None:
    for found in _ALONE.finditer(text):
        value = int(found["both"].replace(" ", ""))
        if value >= _ENOUGH_ALONE and not _MILEAGE.search(text[: found.start()]):
            return Price(value, value, "RUB", written[found.start("both") : found.end("both")])
    return None


def without_phones(folded: str) -> str:
    """`folded` with a mark in place of telephone numbers."""
    return _PHONE.sub(" #phone ", folded)


def _read(found: re.Match[str], text: str, written: str) -> Price | None:
    amounts = [name for name in ("low", "high", "both") if name in found.re.groupindex]
    scale, currency = _shared(found, amounts[-1], "scale"), _currency(found, amounts)
    if _MEASURE.match(text, found.end()) or _MILEAGE.search(text[: found.start()]):
        return None
    values = {name: _value(found, name, scale if name == "low" else "") for name in amounts}
    if not all(_is_price(found, name, values[name], currency or scale, text) for name in amounts):
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
        number = _WORD_NUMBERS.get(found[f"{name}_word"], 1)
        return int(number * (500_000 if word_scale == "полмиллиона" else _times(word_scale)))
    digits = re.sub(r"[ \u00a0']", "", found[name])
    digits = re.sub(r"[.,](?=\d{3}(?!\d))", "", digits).replace(",", ".")
    return int(float(digits[:12]) * _times(_shared(found, name, "scale") or shared_scale))


def _times(scale: str) -> int:
    if not scale:
        return 1
    return (
        next((times for beginning, times in _TIMES.items() if len(beginning) > 1 and scale.startswith(beginning)), 0)
        or _TIMES[scale[0]]
    )


def _currency(found: re.Match[str], amounts: list[str]) -> str | None:
    for name in amounts:
        mark = found[f"{name}_before"] or found[f"{name}_currency"]
        if mark:
            return _CODES.get(mark[:2], "RUB")
        if "р" in (found[f"{name}_scale"] or "").replace("косар", ""):
            return "RUB"
    return None


_CODES = {"$": "USD", "us": "USD", "до": "USD", "ба": "USD", "bu": "USD", "€": "EUR", "eu": "EUR", "ев": "EUR"} | {
    "do": "USD"
}


def _is_price(found: re.Match[str], name: str, value: int, unit: str, text: str) -> bool:
    """Money is named, or a border in thousands is; a bare number needs a border and the size of a price."""
    if value <= 0:
        return False
    if _currency(found, [name]) or unit.isupper():
        return True
    scale = unit or found[f"{name}_wordscale"] or ""
    ends_there = bool(_AFTER_PRICE.match(text, found.end()))
    if found.re in (_BARE, _DASHED):
        # «4к» is a screen, «2к» are rooms; «3 тыс» is money.
        return bool(scale) and ends_there and value >= (_ENOUGH_THOUSANDS if len(scale) > 1 else _ENOUGH_WITH_K)
    if scale:
        return value >= _ENOUGH_THOUSANDS and (found.re is not _NAMED or ends_there)
    is_year = 1900 <= value < 2100 and value % 100 != 0  # noqa: PLR2004  years of our time
    enough = _ENOUGH if _CYRILLIC.search(text) else _ENOUGH_ABROAD
    return value >= enough and not is_year and bool(_AFTER_BARE.match(text, found.end()))


_AFTER_BARE = re.compile(r"\s*(?:$|[,.;:!?()]|[а-яa-z#])")
_CYRILLIC = re.compile("[а-я]")
