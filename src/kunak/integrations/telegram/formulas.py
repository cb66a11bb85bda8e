r"""Formulas as models write them: TeX between `\(` and `\)`, or `\[` and `\]`, which to Markdown are but brackets."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

_CLOSED_BY = {r"\(": r"\)", r"\[": r"\]"}
_LONGEST, _MOST_LINES = 2_000, 50
"""Characters and lines in which the end is looked for: each of many that have none would be followed to the last."""
_SIGN = re.compile(r"[\\^_=+<>]")


def is_formula(content: str) -> bool:
    """Whether it has a sign that words and prices do not have."""
    return _SIGN.search(content) is not None


def bracketed_math(reader: MarkdownIt) -> None:
    """Has `reader` take them for `math_inline` and `math_block`, as it does those between dollars."""
    reader.inline.ruler.before("escape", "bracketed_math", _read_inline)
    reader.block.ruler.before("fence", "bracketed_math", _read_block, {"alt": ["paragraph"]})


def _read_inline(state: StateInline, silent: bool) -> bool:
    begun = state.pos + 2
    closing = _CLOSED_BY.get(state.src[state.pos : begun])
    end = state.src.find(closing, begun, begun + _LONGEST) if closing else -1
    if end < 0 or not is_formula(state.src[begun:end]):
        return False
    if not silent:
        state.push("math_inline", "math", 0).content = state.src[begun:end]
    state.pos = end + 2
    return True


def _read_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    begun = state.bMarks[start] + state.tShift[start]
    if state.is_code_block(start) or not state.src.startswith(r"\[", begun):
        return False
    last = next((line for line in range(start, min(end, start + _MOST_LINES)) if _closes(state, line)), None)
    if last is None:
        return False
    content = state.getLines(start, last + 1, state.blkIndent, False).strip()[2:-2]
    if not is_formula(content) or r"\]" in content:
        return False
    if not silent:
        formula = state.push("math_block", "math", 0)
        formula.block, formula.content, formula.map = True, content, [start, last + 1]
        state.line = last + 1
    return True


def _closes(state: StateBlock, line: int) -> bool:
    return state.src[state.bMarks[line] : state.eMarks[line]].rstrip().endswith(r"\]")
