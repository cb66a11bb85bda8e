"""The ways in which a sentence becomes a question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from kunak.features.search.make_questions.slips import can_slip, slip
from kunak.features.search.make_questions.telling import Told
from kunak.features.search.schemas import Way
from kunak.foundation.language.languages import Language

_FEWEST, _MOST = 2, 4
"""Rarest words of a question."""
_MOST_COMMON = 4
_FEWEST_AROUND, _MOST_AROUND = 3, 4
"""Words beside a number; the most on either side."""
_YEARS = range(1000, 2100)
_HOW_MANY = {Language.RUSSIAN: "сколько", Language.ENGLISH: "how many"}
_WHICH_YEAR = {Language.RUSSIAN: "в каком году", Language.ENGLISH: "in which year"}


@dataclass(frozen=True)
class Wording:
    """A question without its answer's address."""

    text: str
    answer: str | None = None


@dataclass(frozen=True)
class Mill:
    """What sentences are ground with. Both by lexeme."""

    forms: Mapping[str, Sequence[str]]
    """Words with the same stem, in lower case."""
    synonyms: Mapping[str, Sequence[str]]
    rng: Random

    def grind(self, sentence: Sequence[Told], way: Way, language: Language) -> Wording | None:
        """A question in this way; None when the sentence does not lend itself to it."""
        match way:
            case Way.RARE_WORDS:
                return Wording(" ".join(self._rarest(sentence)))
            case Way.COMMON_WORDS:
                return Wording(" ".join(each.word for each in _commoner(sentence)))
            case Way.REWORDED:
                return self._reword(_commoner(sentence))
            case Way.MISSPELT:
                return self._misspell(self._rarest(sentence))
            case Way.NUMBER:
                return _ask_for_number(sentence, language)

    def _rarest(self, sentence: Sequence[Told]) -> list[str]:
        """Two to four, in other forms where there are any, in any order."""
        rarest = _keep_rarest(sentence, self.rng.randint(_FEWEST, _MOST))
        words = [self._other_form(each) for each in rarest]
        self.rng.shuffle(words)
        return words

    def _other_form(self, told: Told) -> str:
        others = [form for form in self.forms.get(told.lexeme, ()) if form != told.word.lower()]
        return _like(told.word, self.rng.choice(others)) if others else told.word

    def _reword(self, words: Sequence[Told]) -> Wording | None:
        said = [self.rng.choice(others) if (others := self.synonyms.get(each.lexeme)) else each.word for each in words]
        if said == [each.word for each in words]:
            return None
        return Wording(" ".join(said))

    def _misspell(self, words: list[str]) -> Wording | None:
        longest = max(filter(can_slip, words), key=len, default=None)
        if longest is None:
            return None
        return Wording(" ".join(slip(word, self.rng) if word == longest else word for word in words))


def _keep_rarest(sentence: Sequence[Told], most: int) -> list[Told]:
    """In the order of the sentence."""
    rarest = sorted(sentence, key=lambda each: (-each.weight, each.lexeme))[:most]
    return [each for each in sentence if each in rarest]


def _commoner(sentence: Sequence[Told]) -> list[Told]:
    """Without the rarer half, the rarest of the rest."""
    rarest = _keep_rarest(sentence, len(sentence) // 2)
    return _keep_rarest([each for each in sentence if each not in rarest], _MOST_COMMON)


def _ask_for_number(sentence: Sequence[Told], language: Language) -> Wording | None:
    number = next((place for place, each in enumerate(sentence) if len(each.word) > 1 and each.word.isdigit()), None)
    if number is None:
        return None
    around = [*sentence[max(number - _MOST_AROUND, 0) : number], *sentence[number + 1 : number + _MOST_AROUND]]
    words = [each.word for each in around if each.word.isalpha()]
    if len(words) < _FEWEST_AROUND:
        return None
    answer = sentence[number].word
    asking = _WHICH_YEAR if int(answer) in _YEARS and len(answer) == len("1999") else _HOW_MANY
    return Wording(" ".join([asking[language], *words]) + "?", answer)


def _like(word: str, form: str) -> str:
    """With a capital letter where `word` has one."""
    return form.capitalize() if word[0].isupper() else form
