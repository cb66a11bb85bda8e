"""Which shelf of the board a text speaks of, by its words."""

import re
from functools import cache
from importlib.resources import files

from kunak.features.understanding.schemas import Category, Price

_WORD = re.compile(r"[а-яa-z][а-яa-z0-9]*(?:-[а-яa-z]+)?")
_RENT = re.compile(
    r"\b(?:сн[яи]\w*|сда[юемс]\w*|сдать|сдат\w*|сдаю\w*|аренд\w*|посуточн\w*|посутк\w*|на сутки|на длительн\w*|помесячно|в месяц|прожива\w*|rent\w*|let|lease|sublet|tenants?|per month|a month|long.term|short.term)\b"
)
_SALE = re.compile(
    r"\b(?:куп\w+|покупк\w*|прода\w*|ипотек\w*|маткапитал\w*|новострой\w*|собственн\w*|buy\w*|sell\w*|(?:for|on) sale|mortgage|purchase)\b"
)
_MONTHLY_AT_MOST = 300_000
# Whoever mends, washes or carries a thing offers a service, not the thing.
_SERVICE = re.compile(
    r"\b(?:ремонт\w*|почин\w*|чин(?:ю|ит|ить)|настро\w*|установ\w*|подключ\w*|перевез\w*|перевоз\w*|химчистк\w*|прочист\w*|постро\w*|сантехник\w*|электрик\w*|мастер\w*|репетитор\w*|repair\w*|fix\w*|plumber|electrician|install\w*|tutor\w*|clean(?:ing)?)\b"
)
_JOB = re.compile(
    r"\b(?:работ[аеуы]|работой|работать|ваканси\w*|подработк\w*|зарплат\w*|зп|оклад|требу[ею]тся|требуеться|нужны сотрудники|на работу|устро\w+|job|jobs|work|vacanc\w+|hiring|salary|wage|employ\w*)\b"
)


def find_category(folded: str, price: Price | None) -> Category | None:
    """The shelf most words belong to, the earlier word winning a tie; verbs tell jobs and services from things."""
    if _JOB.search(folded):
        return Category.JOBS
    if _SERVICE.search(folded) and not re.search(
        r"\b(?:с|под|после|без|требует|нужен) ремонт|косметическ\w+ ремонт|евроремонт", folded
    ):
        return Category.SERVICES
    counts: dict[Category, int] = {}
    for word in _WORD.findall(folded):
        if found := _shelf(word):
            counts[found] = counts.get(found, 0) + 1
    if not counts:
        return None
    best = max(counts, key=lambda each: counts[each])
    return _deal(folded, price) if best is Category.HOUSING else best


def has_category(word: str) -> bool:
    return _shelf(word) is not None


def _deal(folded: str, price: Price | None) -> Category:
    if _RENT.search(folded):
        return Category.HOUSING_RENT
    if _SALE.search(folded):
        return Category.HOUSING_SALE
    if price and price.currency == "RUB" and (price.max or price.min):
        return Category.HOUSING_RENT if (price.max or price.min or 0) <= _MONTHLY_AT_MOST else Category.HOUSING_SALE
    return Category.HOUSING


def _shelf(word: str) -> Category | None:
    whole, beginnings = _words()
    if word in whole:
        return whole[word]
    return next(
        (beginnings[word[:length]] for length in range(min(len(word), 14), 2, -1) if word[:length] in beginnings), None
    )


@cache
def _words() -> tuple[dict[str, Category], dict[str, Category]]:
    """Whole words, and beginnings of words; a beginning of an English word is taken whole, but for its plural."""
    whole: dict[str, Category] = {}
    beginnings: dict[str, Category] = {}
    for line in files(__package__).joinpath("categories.tsv").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        category, words = line.split("\t")
        for word in words.split():
            if word.startswith("="):
                whole.setdefault(word[1:], Category(category))
            else:
                beginnings.setdefault(word, Category(category))
    return whole, beginnings
