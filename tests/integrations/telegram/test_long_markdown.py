"""Reading Markdown keeps everybody else waiting: what is eight times as long takes not much more than eight times."""

import time
from collections.abc import Callable

import pytest

from kunak.integrations.telegram.markdown import from_markdown
from kunak.integrations.telegram.unfinished import close

# With the square of the length it would be 64 times; time of the processor, not of the clock, and the best of three.
_MOST_TIMES = 30
_TOO_SHORT_TO_TELL_S = 0.001


def seconds(read: Callable[[str], object], markdown: str) -> float:
    taken = []
    for _ in range(3):
        begun = time.process_time()
        read(markdown)
        taken.append(time.process_time() - begun)
    return max(min(taken), _TOO_SHORT_TO_TELL_S)


@pytest.mark.parametrize(
    ("read", "write"),
    [
        pytest.param(from_markdown, lambda length: "a-" * (length // 2), id="schemes"),
        pytest.param(from_markdown, lambda length: "a." * (length // 2), id="hosts"),
        pytest.param(from_markdown, lambda length: "*a* " * (length // 4), id="emphasis"),
        pytest.param(from_markdown, lambda length: "`a` " * (length // 4), id="code"),
        pytest.param(close, lambda length: "[a" * (length // 2) + "] b", id="links"),
        pytest.param(
            close, lambda length: " ".join("`" * ticks for ticks in range(int((2 * length) ** 0.5))), id="ticks"
        ),
    ],
)
def test_time_grows_with_the_length(read: Callable[[str], object], write: Callable[[int], str]) -> None:
    assert seconds(read, write(16_000)) < _MOST_TIMES * seconds(read, write(2_000))
