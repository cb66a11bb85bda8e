"""Markdown that is still being written looks as it will when it is whole."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kunak.integrations.telegram.markdown import from_markdown
from kunak.integrations.telegram.unfinished import close

ANSWER = """# Hours of the pass

The road is **open** from `8:00`, *as a rule*, see [the plan](https://town.example/plan).

| day | hours |
|-----|-------|
| Mon | 8-18  |
| Tue | 9-17  |

- **first** of all
- then ~~this~~ `that_*thing*`

```python
def open_at(day: str) -> int:
    return 8 ** 1 * 1
```

So says the herald."""


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("so **bo", "so bo"),
        ("so **", "so"),
        ("so **bold *both", "so bold both"),
        ("2 * 3 and `co", "2 * 3 and co"),
        ("see [the pla", "see"),
        ("see [the plan](https://tow", "see"),
        ("above\n\n| a | b |\n|--", "above"),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 |", "a │ b\n──┼──\n1 │ 2"),
        ("a line\n-", "a line"),
        ("- one\n- two **three", "• one\n• two three"),
        ("* one\n* **two", "• one\n• two"),
        ("```py\nx = 1\n``", "x = 1"),
        ("```\na ** b", "a ** b"),
    ],
)
def test_what_is_begun_is_closed_or_waits(written: str, shown: str) -> None:
    assert from_markdown(close(written)).text.rstrip() == shown


def test_a_growing_answer_never_shows_its_signs_and_only_grows() -> None:
    whole = from_markdown(ANSWER).text
    for end in range(len(ANSWER) + 1):
        shown = from_markdown(close(ANSWER[:end])).text.rstrip()
        assert whole.startswith(shown) or "│" in shown, (ANSWER[:end], shown)
    assert from_markdown(close(ANSWER)).text == whole


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(alphabet="ab *_~`|[]()-#>1.\n😀", max_size=80))
def test_whatever_is_written_can_be_shown(written: str) -> None:
    from_markdown(close(written))
