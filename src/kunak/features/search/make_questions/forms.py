"""Other forms of a word: endings that its like also takes. Whether the stem stays the same is for PostgreSQL to say."""

_RUSSIAN = (
    ("ости", ("ость", "остью", "остей")),
    ("ость", ("ости", "остью")),
    ("ами", ("ах", "ы", "ам")),
    ("ями", ("ях", "и", "ям")),
    ("ого", ("ый", "ому", "ым")),
    ("его", ("ий", "ему", "им")),
    ("ому", ("ый", "ого")),
    ("ыми", ("ых", "ые")),
    ("ими", ("их", "ие")),
    ("ая", ("ой", "ую")),
    ("ой", ("ая", "ую", "а", "у")),
    ("ый", ("ого", "ому", "ые")),
    ("ий", ("ого", "его", "ие")),
    ("ое", ("ого", "ые")),
    ("ые", ("ых", "ым")),
    ("ие", ("их", "им", "ия")),
    ("ия", ("ии", "ию")),
    ("ии", ("ия", "ию")),
    ("ию", ("ия", "ии")),
    ("ых", ("ые", "ым")),
    ("их", ("ие", "им")),
    ("ет", ("ут", "ют")),
    ("ут", ("ет",)),
    ("ют", ("ет",)),
    ("ит", ("ят",)),
    ("ят", ("ит",)),
    ("ть", ("л", "ла", "ли")),
    ("ла", ("л", "ли")),
    ("ли", ("л", "ла")),
    ("л", ("ла", "ли")),
    ("ов", ("ы", "ам", "ах")),
    ("ев", ("и", "ям", "ях")),
    ("ам", ("ах", "ы")),
    ("ах", ("ам", "ы")),
    ("ом", ("а", "у", "")),
    ("ем", ("я", "ю")),
    ("а", ("ы", "у", "е", "и")),
    ("ы", ("а", "ам", "ах")),
    ("у", ("а", "ы", "е")),
    ("е", ("а", "у", "я")),
    ("и", ("я", "е", "а")),
    ("я", ("и", "ю", "е")),
    ("ь", ("я", "и", "ю")),
    ("", ("а", "у", "ом", "ы")),
)
_ENGLISH = (
    ("ies", ("y",)),
    ("ing", ("ed", "s")),
    ("ed", ("ing", "s")),
    ("s", ("",)),
    ("", ("s",)),
)
_SHORTEST_REST = 3
"""Letters that stand before an ending."""


def list_forms(word: str) -> list[str]:
    """`базары` → `базара`, `базарам`, …: what may be forms of it, in lower case.

    None for a very short word, nor for an English name, which has no other form.
    """
    if word.isascii() and word[:1].isupper():
        return []
    word = word.lower()
    endings = _ENGLISH if word.isascii() else _RUSSIAN
    for ending, others in endings:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_REST:
            rest = word[: len(word) - len(ending)]
            return [rest + other for other in others]
    return []
