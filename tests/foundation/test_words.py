"""Every word people see is in both catalogues; each reader is answered in a language they read."""

import re
from decimal import Decimal

import pytest
from scripts import update_catalogues

from kunak.foundation.language.languages import Language, nearest
from kunak.foundation.language.words import catalogue_path, words_for, words_in


@pytest.mark.parametrize(
    ("language_code", "language"),
    [
        ("ru", Language.RUSSIAN),
        ("ru-RU", Language.RUSSIAN),
        ("uk", Language.RUSSIAN),
        ("kk", Language.RUSSIAN),
        ("en-GB", Language.ENGLISH),
        ("pt_BR", Language.ENGLISH),
        ("ka", Language.ENGLISH),
        (None, Language.RUSSIAN),
        ("", Language.RUSSIAN),
        ("'; drop", Language.RUSSIAN),
    ],
)
def test_a_reader_gets_the_nearest_language(language_code: str | None, language: Language) -> None:
    assert nearest(language_code) is language


def test_alice_in_moscow_and_bob_in_london_read_the_same_page() -> None:
    assert words_for("ru").gettext("Sandbox") == "Песочница"
    assert words_for("en").gettext("Sandbox") == "Sandbox"


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "0,00"),
        ("0.00012345", "0,000123"),
        ("0.0125", "0,0125"),
        ("0.5", "0,50"),
        ("0.99999", "1,00"),
        ("5", "5,00"),
        ("1234.567", "1\N{NO-BREAK SPACE}234,57"),
    ],
)
def test_amounts_are_as_exact_as_is_of_use(amount: str, shown: str) -> None:
    assert words_for("ru").money(Decimal(amount), "USD") == f"{shown} USD"


def test_values_are_put_into_the_sentence() -> None:
    assert words_for("ru").gettext("Request number: %(request_id)s", request_id="42") == "Номер запроса: 42"


@pytest.mark.parametrize("language", Language)
def test_catalogues_hold_exactly_what_is_used(language: Language) -> None:
    expected = update_catalogues.rendered(update_catalogues.updated(language, update_catalogues.extract()))

    assert catalogue_path(language).read_text(encoding="utf-8") == expected, "run scripts/update_catalogues.py"


@pytest.mark.parametrize("language", Language)
def test_every_message_is_translated(language: Language) -> None:
    assert update_catalogues.untranslated(update_catalogues.read(language)) == []


@pytest.mark.parametrize("language", Language)
def test_translations_keep_the_placeholders(language: Language) -> None:
    for message in update_catalogues.read(language):
        ids, strings = [[text] if isinstance(text, str) else list(text or ()) for text in (message.id, message.string)]
        allowed = {placeholder for text in ids for placeholder in _placeholders(text)}
        needed = set(_placeholders(ids[-1]))
        for string in strings:
            assert needed <= set(_placeholders(string)) <= allowed, string


def test_scripts_in_the_browser_have_their_words() -> None:
    english, russian = words_in(Language.ENGLISH).scripts, words_in(Language.RUSSIAN).scripts
    assert english.keys() == russian.keys()


def _placeholders(text: str) -> list[str]:
    return re.findall(r"%\(\w+\)[sd]", text)
