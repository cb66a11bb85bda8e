"""Words name the shelf of the board; verbs and prices tell rent from sale, and work on a thing from the thing."""

import pytest

from kunak.features.understanding.filters.categories import find_category
from kunak.features.understanding.filters.prices import find_price
from kunak.features.understanding.tokens import fold


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("сниму квартиру", "housing_rent"),
        ("сдаю дом посуточно", "housing_rent"),
        ("двушка до 25 тысяч", "housing_rent"),
        ("двушка до 3 млн", "housing_sale"),
        ("куплю дом в Баксане", "housing_sale"),
        ("квартира в Нальчике", "housing"),
        ("дом с ремонтом", "housing"),
        ("rent a flat", "housing_rent"),
        ("houses for sale", "housing_sale"),
        ("ищу работу водителем", "jobs"),
        ("требуется продавец, зарплата 40 тысяч", "jobs"),
        ("waiter job", "jobs"),
        ("ремонт квартир", "services"),
        ("сантехник", "services"),
        ("кто чинит телефоны", "services"),
        ("plumber needed", "services"),
        ("велосипед", "transport"),
        ("toyota camry", "transport"),
        ("winter tyres", "transport"),
        ("айфон 13", "electronics"),
        ("used laptop", "electronics"),
        ("диван", "home_garden"),
        ("sofa", "home_garden"),
        ("куртка", "clothes"),
        ("коляска", "kids"),
        ("продам корову", "animals"),
        ("котята в добрые руки", "animals"),
        ("puppies", "animals"),
        ("мёд", "food"),
        ("картошка", "food"),
        ("маникюр", "health_beauty"),
        ("гитара", "hobby"),
        ("сдаю помещение под магазин", "business"),
    ],
)
def test_a_shelf_is_found(text: str, category: str) -> None:
    folded = fold(text)
    assert find_category(folded, find_price(folded, text)) == category


@pytest.mark.parametrize("text", ["привет", "что нового", "thank you", ""])
def test_other_words_have_no_shelf(text: str) -> None:
    assert find_category(fold(text), None) is None
