"""The forms a Russian place name takes: «Нальчик, Нальчика, Нальчику …», «Минеральных Вод …»."""

_PLURAL_GENITIVE = {
    "воды": "вод",
    "минводы": "минвод",
    "кавминводы": "кавминвод",
    "шахты": "шахт",
    "чебоксары": "чебоксар",
}
_PLURAL_GENITIVE |= {
    "ессентуки": "ессентуков",
    "афины": "афин",
    "химки": "химок",
    "эмираты": "эмиратов",
    "гагры": "гагр",
}
_FLEETING = {"орел": "орл", "череповец": "череповц", "египет": "египт"}
_ADJECTIVES = {
    "ый": ("ый", "ого", "ому", "ым", "ом"),
    "ий": ("ий", "его", "ему", "им", "ем", "ого", "ому", "ом"),
    "ая": ("ая", "ой", "ую"),
    "яя": ("яя", "ей", "юю"),
    "ое": ("ое", "ого", "ому", "ым", "ом"),
    "ые": ("ые", "ых", "ым", "ыми"),
    "ие": ("ие", "их", "им", "ими"),
}
_HARD = ("а", "у", "ом", "е")
_NOUNS = {
    "ия": ("ия", "ии", "ию", "ией"),
    "а": ("а", "ы", "и", "е", "у", "ой"),
    "я": ("я", "и", "е", "ю", "ей"),
    "ь": ("ь", "и", "ью", "я", "ю", "ем", "е"),
    "й": ("й", "я", "ю", "ем", "е"),
    "о": ("о", *_HARD),
    "е": ("е", "я", "ю", "ем", "и"),
    "и": ("и", "", "ов", "ам", "ах"),
    "ы": ("ы", "", "ов", "ам", "ах"),
}


def forms(name: str) -> set[str]:
    """All forms of a name in lower case; the words of a name of several change together."""
    words = name.split(" ")
    if len(words) == 1:
        return set(_word_forms(name))
    # Adjectives follow the case of their noun; pairing all with all accepts what nobody writes, which is no harm.
    found = {""}
    for word in words:
        found = {f"{beginning} {form}".strip() for beginning in found for form in _word_forms(word)}
    return found


def _word_forms(word: str) -> tuple[str, ...]:
    if word == "ростов-на-дону":
        return tuple(f"{form}-на-дону" for form in _word_forms("ростов"))
    first, hyphen, last = word.rpartition("-")
    if hyphen:
        # Of «Кабардино-Балкария» and «Санкт-Петербург» only the end changes.
        return tuple(f"{first}-{form}" for form in _word_forms(last))
    if word[-2:] in _ADJECTIVES and len(word) > 4:  # noqa: PLR2004  «Цей» and the like are nouns
        return tuple(word[:-2] + ending for ending in _ADJECTIVES[word[-2:]])
    return _noun_forms(word)


def _noun_forms(word: str) -> tuple[str, ...]:
    if word in _PLURAL_GENITIVE:
        return (word, _PLURAL_GENITIVE[word], *(word[:-1] + ending for ending in ("ам", "ами", "ах")))
    if word in _FLEETING:
        return (word, *(_FLEETING[word] + ending for ending in _HARD))
    for length in (2, 1):
        if word[-length:] in _NOUNS:
            return tuple(word[:-length] + ending for ending in _NOUNS[word[-length:]])
    return (word, *(word + ending for ending in _HARD))
