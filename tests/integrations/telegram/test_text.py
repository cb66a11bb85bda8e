"""Long answers are split, never cut, and formatting stays where it belongs."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from kunak.integrations.telegram.markdown import from_markdown
from kunak.integrations.telegram.text import MARKS, FormattedText, utf16_length


def test_offsets_count_as_telegram_counts() -> None:
    text = FormattedText().add("🏔 ").add("гора", "bold")
    [entity] = text.entities
    assert (entity.offset, entity.length) == (3, 4)


def test_it_splits_between_paragraphs_where_it_can() -> None:
    text = FormattedText().add("a" * 60).add("\n\n").add("b" * 60, "bold")
    first, second = text.parts(limit=100)
    assert first.text.rstrip() == "a" * 60
    assert [(entity.offset, entity.length) for entity in second.entities] == [(0, 60)]


def test_an_entity_across_a_border_goes_on() -> None:
    parts = FormattedText().add("x" * 250, "bold").parts(limit=100)
    assert [(part.entities[0].offset, part.entities[0].length) for part in parts] == [(0, 100), (0, 100), (0, 50)]


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=500), st.integers(2, 60))
def test_nothing_is_lost_whatever_the_text(text: str, limit: int) -> None:
    parts = FormattedText().add(text, "bold").parts(limit)
    assert all(0 < utf16_length(part.text) <= limit for part in parts)
    assert "".join("".join(part.text for part in parts).split()) == "".join(text.split())
    for part in parts:
        assert all(entity.offset + entity.length <= utf16_length(part.text) for entity in part.entities)


def test_code_is_not_torn_where_it_fits_and_stays_code_where_it_does_not() -> None:
    short = "word " * 10 + "\n\n```py\n" + "x = 1\n" * 10 + "```"
    assert [[each.type for each in part.entities] for part in from_markdown(short).parts(80)] == [[], ["pre"]]
    long = from_markdown("```py\n" + "x = 1\n\n" * 60 + "```").parts(100)
    assert {(each.type, each.language, each.offset) for part in long for each in part.entities} == {("pre", "py", 0)}
    assert all(part.text.endswith("\n") for part in long[:-1])


def test_a_heading_stays_with_what_it_is_above() -> None:
    parts = from_markdown("word " * 15 + "\n\n## Hours\n\n" + "word " * 15).parts(100)
    assert [part.text.split()[0] for part in parts] == ["word", "Hours"]
    assert from_markdown("# Hours").parts(100)[0].text == "Hours"


BLOCKS = st.sampled_from(
    [
        "Слово **жирное** и [ссылка](https://town.example) 😀 конец. " * 3,
        "```py\nx = [1]\n\ny = '😀'\n```",
        "|day|hours|\n|-|-|\n|Mon|8|\n|Вт|9|",
        "- one\n- **two** `three`",
        "## Hours",
        r"\[ x^2 \]",
        "> said _so_",
    ]
)


@settings(deadline=None)  # as above
@given(st.lists(BLOCKS, min_size=1, max_size=12), st.integers(40, 300))
def test_a_whole_answer_is_split_and_no_word_and_no_mark_is_lost(blocks: list[str], limit: int) -> None:
    whole = from_markdown("\n\n".join(blocks))
    parts = whole.parts(limit)
    assert re.sub(r"\s", "", "".join(part.text for part in parts)) == re.sub(r"\s", "", whole.text)
    assert sorted(covered(whole)) == sorted(covered(*parts))
    for part in parts:
        assert utf16_length(part.text) <= limit
        assert all(each.offset >= 0 and each.end <= utf16_length(part.text) for each in part.entities)


def covered(*texts: FormattedText) -> list[tuple[str, str, str]]:
    """Each character, except for blanks, with each mark it bears."""
    return [
        (each.type, each.language or "", character)
        for text in texts
        for each in text.entities
        if each.type not in MARKS
        for character in text.text.encode("utf-16-le")[2 * each.offset : 2 * each.end].decode("utf-16-le")
        if character.strip()
    ]
