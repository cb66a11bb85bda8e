"""Cuts texts: long ones into passages, passages into sentences."""

import re
from collections.abc import Iterator

PASSAGE_LENGTH = 1000
"""A text up to this many characters is one passage; longer ones are cut near it, at the nearest border."""

_PARAGRAPH_END = re.compile(r"\n\s*\n\s*|\n")
# A full stop ends a sentence when a capital, a digit or an opening mark follows, unless it ends an initial or an
# abbreviation that stands in the middle of sentences. The pattern begins with the characters that may end one: so the
# engine leaps from one to the next.
_SENTENCE_END = re.compile(
    r"[.!?…\n](?:(?<=\n)\n*|(?<!\n)"
    r"(?<![\s.(«\"][A-ZА-ЯЁ]\.)(?<!^[A-ZА-ЯЁ]\.)"
    r"(?<!\bг\.)(?<!\bв\.)(?<!\bс\.)(?<!\bр\.)(?<!\bст\.)(?<!\bул\.)(?<!\bим\.)(?<!\bсм\.)(?<!\bдр\.)(?<!\bтыс\.)"
    r"(?<!\bMr\.)(?<!\bMrs\.)(?<!\bDr\.)(?<!\bSt\.)(?<!\bNo\.)(?<!\bvs\.)"
    r"[»\"”)]*\s+(?=[«\"“(\[—–-]?\s?[A-ZА-ЯЁ0-9]))"
)


def split_sentences(text: str) -> list[str]:
    """The sentences of `text`, each verbatim but for blanks at its ends; none is empty."""
    return [sentence for piece in _cut(text, _SENTENCE_END) if (sentence := piece.strip())]


def split_passages(text: str) -> list[str]:
    """`text` in verbatim stretches of at most PASSAGE_LENGTH, of similar length, so that none is a mere remainder.

    Cut between paragraphs where possible, else between sentences, else between words.
    """
    text = text.strip()
    if len(text) <= PASSAGE_LENGTH:
        return [text]
    aim = len(text) / -(-len(text) // PASSAGE_LENGTH)
    passages, current = [], ""
    for piece in _pieces(text):
        if current and (len(current) + len(piece) > PASSAGE_LENGTH or len(current) + len(piece) / 2 > aim):
            passages.append(current)
            current = ""
        current += piece
    passages.append(current)
    return [passage for each in passages if (passage := each.strip())]


def _pieces(text: str) -> Iterator[str]:
    for paragraph in _cut(text, _PARAGRAPH_END):
        if len(paragraph) <= PASSAGE_LENGTH // 2:
            yield paragraph
            continue
        for sentence in _cut(paragraph, _SENTENCE_END):
            yield from _chop(sentence)


def _chop(sentence: str) -> Iterator[str]:
    while len(sentence) > PASSAGE_LENGTH:
        cut = sentence.rfind(" ", PASSAGE_LENGTH // 2, PASSAGE_LENGTH) + 1 or PASSAGE_LENGTH
        yield sentence[:cut]
        sentence = sentence[cut:]
    yield sentence


def _cut(text: str, border: re.Pattern[str]) -> Iterator[str]:
    """`text` in pieces that, joined, are `text` again; a piece keeps the border at its end."""
    start = 0
    for found in border.finditer(text):
        yield text[start : found.end()]
        start = found.end()
    if start < len(text):
        yield text[start:]
