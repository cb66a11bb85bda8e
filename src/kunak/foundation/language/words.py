"""What Kunak says to people, from the gettext catalogues beside this file.

The catalogues are read as text when a language is first used (a few milliseconds), so a clean clone and an installed
wheel work alike and no compiled file can be out of date.
"""

import gettext
import io
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kunak.foundation.language.languages import Language, nearest

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

DOMAIN = "kunak"
LOCALES = Path(__file__).parent / "locales"

Forms = str | list[str]


class Words:
    """One language. Message ids are English sentences; `%(name)s` in them are filled from keyword arguments."""

    def __init__(self, language: Language, translations: gettext.NullTranslations, scripts: dict[str, Forms]) -> None:
        """`scripts`: what our scripts in the browser say, by message id; a list holds plural forms."""
        self.language = language
        self.scripts = scripts
        self._translations = translations

    def gettext(self, message: str, **values: object) -> str:
        """The sentence in this language."""
        said = self._translations.gettext(message)
        return said % values if values else said

    def ngettext(self, singular: str, plural: str, n: int, **values: object) -> str:
        """The sentence in the form that fits `n`; `%(n)s` is the number itself."""
        return self._translations.ngettext(singular, plural, n) % {"n": n, **values}

    def date(self, moment: datetime) -> str:
        """`12 мая 2024`, `12 May 2024`."""
        from babel.dates import format_date  # noqa: PLC0415  as below

        return format_date(moment, "d MMMM y", locale=str(self.language))

    def moment(self, moment: datetime) -> str:
        """`12 мая 2024, 00:00 MSK`."""
        return f"{self.date(moment)}, {moment:%H:%M %Z}"

    def money(self, amount: Decimal, currency: str) -> str:
        """`12,35 USD`, `0,0125 USD`: cents, and three digits of what is less than one of the currency."""
        from babel.numbers import format_decimal  # noqa: PLC0415  as above

        cents = 2 if amount >= 1 or not amount else 2 - amount.adjusted()
        shown = format_decimal(round(amount, cents), "#,##0.00##########", locale=str(self.language))
        return f"{shown} {currency}"


def words_for(language_code: str | None) -> Words:
    """The words for a reader whose client names this language; see `nearest`."""
    return words_in(nearest(language_code))


@cache
def words_in(language: Language) -> Words:
    """The words of one language, read once."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415  needed once a language, not by every command
    from babel.messages.pofile import read_po  # noqa: PLC0415  as above

    with catalogue_path(language).open("rb") as file:
        catalogue = read_po(file, locale=str(language), domain=DOMAIN)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Words(language, gettext.GNUTranslations(compiled), _said_by_scripts(catalogue))


def _said_by_scripts(catalogue: "Catalog") -> dict[str, Forms]:
    said: dict[str, Forms] = {}
    for message in catalogue:
        if any(path.endswith(".js") for path, _ in message.locations):
            if isinstance(message.id, str):
                said[message.id] = str(message.string)
            else:
                said[message.id[0]] = list(message.string or ())
    return said


def catalogue_path(language: Language) -> Path:
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"
