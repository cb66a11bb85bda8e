"""Bring the catalogues of words up to date with the code: new messages come in, unused ones leave.

English is filled by itself, because message ids are English sentences; what stays empty in Russian is listed.
`--check` changes nothing and ends with 1 when there is something to do.
"""

import argparse
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from kunak.foundation.language.languages import Language
from kunak.foundation.language.words import DOMAIN, catalogue_path

SOURCE = Path(__file__).resolve().parents[1] / "src" / "kunak"
METHODS = [
    ("**/vendor/**", "ignore"),
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2.ext:babel_extract"),
    ("**.js", "javascript"),
]
OPTIONS = {"**/templates/**.html": {"silent": "false", "newstyle_gettext": "true", "trimmed": "true"}}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}


def extract() -> Catalog:
    """Every message that code, templates and scripts use, with the files it stands in."""
    found = Catalog(domain=DOMAIN)
    for path, _, message, comments, context in extract_from_dir(
        SOURCE, METHODS, OPTIONS, KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
    ):
        found.add(message, None, [(path, 1)], auto_comments=comments, context=context)
    return found


def read(language: Language) -> Catalog:
    """The catalogue as it is; an empty one when it was not begun."""
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=str(language), domain=DOMAIN)
    with path.open("rb") as file:
        return read_po(file, locale=str(language), domain=DOMAIN, ignore_obsolete=True)


def updated(language: Language, template: Catalog) -> Catalog:
    """The catalogue with exactly the template's messages; known translations are kept, none is guessed."""
    old = read(language)
    new = Catalog(locale=str(language), domain=DOMAIN, project="Kunak", charset="utf-8", fuzzy=False)
    for message in template:
        if message.id:
            known = old.get(message.id, message.context)
            string = known.string if known is not None and known.string else _own_words(language, message)
            new.add(
                message.id,
                string,
                sorted({(path, 1) for path, _ in message.locations}),
                flags=message.flags,
                auto_comments=message.auto_comments,
                context=message.context,
            )
    return new


def rendered(catalogue: Catalog) -> str:
    """The catalogue as text that changes only when its words do: no dates, no line numbers."""
    from io import BytesIO  # noqa: PLC0415  Babel writes bytes

    file = BytesIO()
    write_po(file, catalogue, width=110, omit_header=True, sort_output=True, include_lineno=False, ignore_obsolete=True)
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {catalogue.locale_identifier}\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    )
    return header + file.getvalue().decode().strip() + "\n"


def untranslated(catalogue: Catalog) -> list[str]:
    """Ids of the messages without words, or without some plural form."""
    return [str(message.id) for message in catalogue if message.id and not _complete(message, catalogue.num_plurals)]


def _own_words(language: Language, message: Message) -> str | tuple[str, ...]:
    if language is Language.ENGLISH:
        return message.id if isinstance(message.id, str) else tuple(message.id)
    return "" if isinstance(message.id, str) else ("",) * Catalog(locale=str(language)).num_plurals


def _complete(message: Message, forms: int) -> bool:
    if isinstance(message.string, str):
        return bool(message.string) and isinstance(message.id, str)
    strings = message.string or ()
    return len(strings) == forms and all(strings)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, only say what would change")
    check = parser.parse_args().check
    template, missing = extract(), False
    for language in Language:
        catalogue, path = updated(language, template), catalogue_path(language)
        text = rendered(catalogue)
        stale = not path.exists() or path.read_text(encoding="utf-8") != text
        if stale and not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        empty = untranslated(catalogue)
        missing = missing or bool(empty) or (check and stale)
        print(f"{language}: {len(catalogue)} messages{', out of date' if stale and check else ''}")
        for message_id in empty:
            print(f"  without words: {message_id}")
    return int(missing)


if __name__ == "__main__":
    sys.exit(main())
