"""Which place of the gazetteer a text names, in any of its forms."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from kunak.features.understanding.filters.declension import forms
from kunak.features.understanding.schemas import Place

_WORD = re.compile(r"[а-яa-z]+(?:[-.][а-яa-z]+)*\.?")
_LONGEST = 3
_PREPOSITIONS = frozenset(
    [
        "в",
        "во",
        "из",
        "до",
        "под",
        "около",
        "возле",
        "г",
        "гор",
        "город",
        "городе",
        "города",
        "по",
        "in",
        "from",
        "near",
        "to",
        "at",
        "around",
    ]
)
# A preposition and the mark of a town belong to the words that name the place.
_BEFORE = re.compile(
    r"(?:(?<=\s)|^)(?:(?:в|во|из|до|под|около|возле|по|на|in|from|near|to|at|around)\s+)?(?:г\.?\s?|гор\.?\s|город[еа]?\s|с\.\s?|сел[оае]\s)?$"
)


@dataclass(frozen=True)
class _Known:
    id: str
    name: str
    needs_preposition: bool


def find_place(folded: str, written: str) -> tuple[Place, int, int] | None:
    """The first place that is named, and where its bare name stands in the text; the longest of names that begin together."""
    known, words = _gazetteer(), list(_WORD.finditer(folded))
    for at, first in enumerate(words):
        for last in reversed(words[at : at + _LONGEST]):
            name = " ".join(folded[first.start() : last.end()].split())
            found = known.get(name) or known.get(name.rstrip("."))
            if found and not (
                found.needs_preposition and (at == 0 or words[at - 1][0].rstrip(".") not in _PREPOSITIONS)
            ):
                end = last.end() - (name not in known)
                return Place(found.id, found.name, _text(written, folded, first.start(), end)), first.start(), end
    return None


def _text(written: str, folded: str, start: int, end: int) -> str:
    before = _BEFORE.search(folded[:start])
    return written[before.start() if before else start : end]


@cache
def _gazetteer() -> dict[str, _Known]:
    """Every form of every name; where two places share one, the earlier line wins."""
    known: dict[str, _Known] = {}
    for line in files(__package__).joinpath("places.tsv").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        place_id, russian, english = line.split("\t")
        for group, are_russian in ((russian, True), (english, False)):
            names = [name for name in group.split(";") if name]
            for name in names:
                plain = name.lstrip("!=")
                place = _Known(place_id, names[0].lstrip("!="), name.startswith("!"))
                lowered = plain.lower().replace("ё", "е")
                for form in forms(lowered) if are_russian and not name.startswith("=") else {lowered}:
                    known.setdefault(form, place)
    return known
