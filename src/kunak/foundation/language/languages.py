"""Which of our languages a person reads, from the tag their client or browser gives."""

from enum import StrEnum


class Language(StrEnum):
    """The languages Kunak speaks; the first is spoken when nothing is known."""

    RUSSIAN = "ru"
    ENGLISH = "en"


DEFAULT = Language.RUSSIAN

# Readers of these are likelier to read Russian than English: the languages of Russia and of the countries where
# Russian is a common second language. A person may always choose the other one.
_READS_RUSSIAN = frozenset(
    {"ru", "be", "uk", "kk", "ky", "tg", "uz", "tk", "hy", "az", "ab", "os", "tt", "ba", "cv", "ce", "inh", "kbd"}
    | {"ady", "krc", "av", "lez", "dar", "kum", "nog", "lbe", "sah", "bua", "tyv", "udm", "kv", "mhr", "myv", "xal"}
)


def nearest(language_code: str | None) -> Language:
    """The language for an IETF tag such as `ru`, `pt-br` or None: Russian when it tells nothing."""
    primary = primary_subtag(language_code)
    if not primary:
        return DEFAULT
    return Language.RUSSIAN if primary in _READS_RUSSIAN else Language.ENGLISH


def exact(language_code: str | None) -> Language | None:
    """The language a tag names, when it is one of ours."""
    primary = primary_subtag(language_code)
    return Language(primary) if primary in set(Language) else None


def primary_subtag(language_code: str | None) -> str:
    """`pt` of `pt-BR`; empty when this is no language tag."""
    primary = (language_code or "").replace("_", "-").partition("-")[0].strip().lower()
    return primary if primary.isascii() and primary.isalpha() and len(primary) in (2, 3) else ""
