"""Long answers are split, never cut, and formatting stays where it belongs."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kunak.integrations.telegram.text import FormattedText, utf16_length


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
