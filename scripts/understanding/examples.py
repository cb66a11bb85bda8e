"""The examples of this folder: written ones, filled templates, and what people do to sentences when they type."""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from kunak.features.understanding.schemas import Intent
from kunak.foundation.language.languages import Language

FOLDER = Path(__file__).parent
_FILLS = 9
"""How often a template is used."""
_GAP = re.compile(r"\{(\w+)\}")
_GREETINGS = {
    Language.RUSSIAN: (
        "привет, ",
        "здравствуйте! ",
        "добрый день, ",
        "салам, ",
        "доброе утро ",
        "ребята ",
        "Всем привет! ",
        "добрый вечер ",
    ),
    Language.ENGLISH: ("hi, ", "hello! ", "good morning, ", "hey ", "hi all, ", "guys ", "good evening "),
}
_PLEAS = {
    Language.RUSSIAN: (
        "подскажите, ",
        "подскажите пожалуйста ",
        "скажите ",
        "а ",
        "слушай, ",
        "хочу узнать ",
        "кто знает, ",
        "помогите, ",
    ),
    Language.ENGLISH: ("please tell me ", "can you tell me ", "so ", "excuse me, ", "quick question: ", "i wonder "),
}
_THANKS = {
    Language.RUSSIAN: (" спасибо", ", заранее спасибо", " пожалуйста", " плиз", " подскажите"),
    Language.ENGLISH: (" thanks", ", thanks in advance", " please", " pls"),
}


_TASKS = {
    Language.RUSSIAN: (
        "переведи на английский: {}", "переведи: {}", "исправь ошибки: {}", "перескажи коротко текст: {}",
        "перефразируй: {}", "сократи: {}", "сделай официальнее: {}", "проверь текст: {}",
        "как сказать по-английски «{}»", "{} — переведи на турецкий",
        "сделай из этого письмо: {}", "придумай заголовок к тексту: {}", "разбери предложение: {}", "продолжи: {}",
    ),
    Language.ENGLISH: (
        "translate into Russian: {}", "translate: {}", "fix the grammar: {}", "summarize this text: {}", "rephrase: {}",
        "shorten this: {}", "make this more formal: {}", "check this sentence: {}", 'how do you say "{}" in Russian',
        "rewrite this politely: {}", "write a headline for this: {}", "explain this sentence: {}",
        "turn this into an email: {}",
    ),
}  # fmt: skip
_GIVEN = 0.05
"""Part of the sentences that are also given to the bot as a text to work on."""


@dataclass(frozen=True)
class Example:
    """A text, what it wants, and how much training heeds it."""

    text: str
    intent: Intent
    language: Language
    weight: float = 1.0
    origin: str = ""
    """The written sentence or the template it was made from."""


def read_written(language: Language) -> list[Example]:
    """The sentences written for training."""
    return list(_read(FOLDER / f"examples_{language}.txt", language))


def read_held_out(language: Language) -> list[Example]:
    """The sentences that training never sees."""
    return list(_read(FOLDER / f"held_out_{language}.txt", language))


def read_filled(language: Language) -> list[Example]:
    """Templates with their gaps filled, the same way every time."""
    chance = random.Random(f"fill {language}")  # noqa: S311  variety, not secrecy
    words: dict[str, list[str]] = {}
    templates: list[Example] = []
    for heading, line in _lines(FOLDER / f"templates_{language}.txt"):
        if heading.startswith("{"):
            words[heading[1:-1]] = line.split(";")
        else:
            templates.append(Example(line, Intent(heading[1:-1]), language))
    filled = (
        Example(_GAP.sub(lambda gap: chance.choice(words[gap[1]]), each.text), each.intent, language, 0.3)
        for each in templates
        for _ in range(_FILLS)
    )
    return list({each.text: each for each in filled}.values())


def vary(examples: list[Example]) -> list[Example]:
    """More of the same as people type it: misspelt, without marks, with a greeting before it or thanks after."""
    chance = random.Random("vary")  # noqa: S311  variety, not secrecy
    varied = []
    for each in examples:
        for change, share in _CHANGES:
            if chance.random() < share and (text := change(each, chance)) and text != each.text:
                varied.append(replace(each, text=text, weight=each.weight * 0.5))
        if chance.random() < _GIVEN:
            task = chance.choice(_TASKS[each.language]).format(each.text)
            varied.append(replace(each, text=task, intent=Intent.CHAT, weight=0.5))
    return varied


def fingerprint() -> str:
    """Changes when anything that training sees changes."""
    digest = sha256()
    for path in sorted([*FOLDER.glob("examples*"), *FOLDER.glob("templates_*.txt")]):
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def _misspell(each: Example, chance: random.Random) -> str:
    letters = list(each.text)
    for _ in range(1 + len(letters) // 30):
        at = chance.randrange(len(letters))
        if at + 1 < len(letters) and letters[at].isalpha() and letters[at + 1].isalpha():
            match chance.randrange(3):
                case 0:
                    letters[at] = ""
                case 1:
                    letters[at], letters[at + 1] = letters[at + 1], letters[at]
                case _:
                    letters[at] *= 2
    return "".join(letters)


def _strip_marks(each: Example, _: random.Random) -> str:
    return re.sub(r"[?!.,:;«»\"]", "", each.text).lower()


def _greet(each: Example, chance: random.Random) -> str:
    return "" if each.intent is Intent.CHAT else chance.choice(_GREETINGS[each.language]) + each.text


def _plead(each: Example, chance: random.Random) -> str:
    if each.intent not in {Intent.ASK, Intent.FIND_LISTING, Intent.DIGEST} or len(each.text.split()) < 3:  # noqa: PLR2004  a sentence
        return ""
    return chance.choice(_PLEAS[each.language]) + each.text


def _thank(each: Example, chance: random.Random) -> str:
    return "" if len(each.text.split()) < 2 else each.text.rstrip("?!. ") + chance.choice(_THANKS[each.language])  # noqa: PLR2004  more than a word


_CHANGES: tuple[tuple[Callable[[Example, random.Random], str], float], ...] = (
    (_misspell, 0.35),
    (_strip_marks, 0.5),
    (_greet, 0.2),
    (_plead, 0.2),
    (_thank, 0.12),
)


def _read(path: Path, language: Language) -> Iterator[Example]:
    for heading, line in _lines(path):
        yield Example(line, Intent(heading[1:-1]), language, origin=line)


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """Each line with the heading it stands under, `[…]` or `{…}`."""
    heading = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if re.fullmatch(r"\[\w+\]|\{\w+\}", line):
            heading = line
        elif line and not line.startswith("#"):
            yield heading, line
