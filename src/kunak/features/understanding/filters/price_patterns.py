"""How people write money, in both languages, and what only looks like it."""

import re

_DIGITS = r"\d{1,3}(?:[ \u00a0.,']\d{3})+(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)"
TIMES = dict.fromkeys(("тыс", "тыщ", "тр", "т.р", "т р", "т", "к", "k", "thousand"), 1000) | dict.fromkeys(
    ("млн", "миллион", "лям", "million", "mln", "mil", "m"), 10**6
)
_SCALE = r"тыс(?:яч[аиу]?|\.)?|тыщ[аиу]?|т\.?\s?р(?:уб)?\.?|т(?=\s*(?:руб|р\b|$))|к(?:осар\w*)?|k|лям(?:а|ов)?|млн\.?|миллион(?:а|ов)?|thousand|million|mln|mil|m"
_CURRENCY = r"₽|руб(?:л\w*|\.)?|р(?:\.|(?=\W|$))|rub(?:les?)?|roubles?|\$|usd|доллар\w*|долл\.?|баксов|бакса|dollars?|bucks|€|eur|евро|euros?"
WORD_NUMBERS = {
    "полтора": 1.5, "полутора": 1.5, "двух": 2, "два": 2, "две": 2, "трех": 3, "три": 3, "четырех": 4, "четыре": 4, "пяти": 5, "пять": 5,
    "шести": 6, "семи": 7, "восьми": 8, "девяти": 9, "десяти": 10, "десять": 10, "пятнадцати": 15, "пятнадцать": 15, "двадцати": 20,
    "двадцать": 20, "тридцати": 30, "тридцать": 30, "сорока": 40, "сорок": 40, "пятидесяти": 50, "пятьдесят": 50, "ста": 100, "сто": 100,
    "двухсот": 200, "двести": 200, "трехсот": 300, "триста": 300, "пятисот": 500, "пятьсот": 500, "one": 1, "two": 2, "three": 3, "five": 5,
    "ten": 10, "twenty": 20, "fifty": 50, "a hundred": 100, "hundred": 100,
}  # fmt: skip
_WORD_NUMBER = "|".join(sorted(WORD_NUMBERS, key=len, reverse=True))


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

BETWEEN = re.compile(
    rf"(?<!\w)(?:от|с|from|between|между|начиная\s+с)\s*:?\s*{_amount('low')}\s*(?:до|по|to|and|и|-|–|—)\s*{_amount('high')}"
)
DASHED = re.compile(rf"(?<![\w.,-]){_amount('low')}\s?(?:-|–|—|\.\.\.?)\s?{_amount('high')}")
AT_MOST = re.compile(rf"(?<!\w){_MOST}\s*:?\s*{_amount('high')}")
AT_LEAST = re.compile(rf"(?<!\w){_LEAST}\s*:?\s*{_amount('low')}")
NAMED = re.compile(rf"(?<!\w){_ABOUT}\s*[:-]?\s*{_amount('both')}")
BARE = re.compile(rf"(?<![\w.,+-]){_amount('both')}")
# «диван 5000», «продаю диван, 5000, самовывоз»
ALONE = re.compile(
    r"(?:(?<=[а-я)])\s|(?<=[,;:])\s?)(?P<both>[1-9]\d?\d?(?: \d{3})* \d00|[1-9]\d{1,4}00)\s?(?=$|[,;.!])"
)

PHONE = re.compile(
    r"(?<![\w+])(?:\+\d|8)[\s(\-–]{0,3}\d{3}[\s)\-–]{0,3}\d{3}[\s\-–]?\d{2}[\s\-–]?\d{2}(?!\d)|(?<!\d)9\d{9}(?!\d)"
)
# What is counted, measured or dated after a number.
MEASURE = re.compile(
    r"\s*-?\s*(?:ти|го|й|я|е|х|ми)?\s*(?:лет\w*|год\w*|г\.?(?!\w)|гг|км|километр\w*|метр\w*|м2|м²|м(?!\w)|кв(?!\w)|кг(?!\w)|кило\w*|гр(?:амм\w*)?(?!\w)|литр\w*|л(?!\w)|л\.?с|сил|штук\w*|шт(?!\w)|человек\w*|чел|людей|"
    r"мин\w*|час\w*|дн\w*|ден\w*|сут\w*|недел\w*|мес(?:яц\w*)?|сот(?:ок|ка|ки)?(?!\w)|(?:га|гб|тб|gb|tb|мб|мм|см)(?!\w)|дюйм\w*|комн\w*|эта[жп]\w*|мест\w*|%|процент\w*|градус\w*|°|"
    r"январ|феврал|март|апрел|ма[йя]|июн|июл|август|сентябр|октябр|ноябр|декабр|жител\w*|размер\w*|ватт\w*|вт(?!\w)|в(?:ольт|т)|mah|утр|вечер|ночи|дня|класс|век|"
    r"years?|yrs?|old|km|miles?|meters?|metres?|m2|sqm|sq|kg|lit(?:er|re)s?|pieces?|pcs|people|persons?|min(?:ute)?s?|hours?|days?|weeks?|months?|rooms?|bed\w*|floors?|percent|degrees?|inch\w*|"
    r"am(?!\w)|pm(?!\w)|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|seats?|guests?|residents|acres?|hp|gigs?)|\s*[:/]\d|-\d"
)
MILEAGE = re.compile(r"(?:пробег\w*|mileage|год\w*|г\.|возраст\w*|age|рост\w*|вес\w*|размер\w*)\s*(?:\w+\s*){0,1}$")
# After a bare «25 тысяч»: what may follow a price; «25 тысяч жителей» is none.
AFTER_PRICE = re.compile(
    r"\s*(?:$|[,.;:!?()]|(?:в|за|на|с|и|или|торг\w*|без|можно|срочно|нал\w*|тел\w*|звон\w*|писать|per|a|in|with|or|obo|negotiable)\b)"
)
# After a bare number behind «до» or «за»: the end, a mark, or a word that is no measure.
AFTER_BARE = re.compile(r"\s*(?:$|[,.;:!?()]|[а-яa-z#])")
SOME_NUMBER = re.compile(r"\d|тысяч|миллион|млн|лям|thousand|million")
CYRILLIC = re.compile("[а-я]")
CODES = dict.fromkeys(("$", "us", "до", "ба", "bu", "do"), "USD") | dict.fromkeys(("€", "eu", "ев"), "EUR")
"""Currencies by the beginnings of their names; all others are roubles."""
