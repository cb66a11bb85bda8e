"""Results fit into one message, and buttons into Telegram's limits, whatever the words are."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kunak.features.conversations.render.buttons import button_data, keyboard, read_button_data
from kunak.features.conversations.render.inline import inline_results
from kunak.features.conversations.render.results import results_text
from kunak.features.conversations.schemas import KeptSearch, NewSearch, OfferedSource, Span, View, Wish
from kunak.features.search.schemas import Citation, Correction, Telling
from kunak.foundation.language.languages import Language
from kunak.foundation.language.words import words_in
from kunak.integrations.telegram.text import MESSAGE_LIMIT, FormattedText, utf16_length

ENGLISH = words_in(Language.ENGLISH)
MAY = datetime(2026, 5, 12, tzinfo=UTC)
BRIDGE = "The bridge opens at six."


def citation(number: int = 1, quote: str = BRIDGE, title: str = "Valley herald", **more: Any) -> Citation:
    return Citation(number, f"doc-{number}", title, f"https://t.me/valley/{number}", quote, MAY, **more)


def stretches(text: FormattedText, kind: str) -> list[str]:
    """What the entities of one kind cover."""
    units = text.text.encode("utf-16-le")
    return [
        units[2 * each.offset : 2 * (each.offset + each.length)].decode("utf-16-le")
        for each in text.entities
        if each.type == kind
    ]


def test_a_result_is_a_quote_with_its_linked_source() -> None:
    text = results_text("Here:", [citation()], ENGLISH, corrected=[Correction("brigde", "bridge")], note="No board.")
    assert text.text == (
        f"Here:\nI took it that you meant: bridge\n\n{BRIDGE}\n1 · Valley herald, 12 May 2026\n\nNo board."
    )
    assert stretches(text, "bold") == ["Here:"]
    assert stretches(text, "blockquote") == [BRIDGE]
    assert [entity.url for entity in text.entities if entity.type == "text_link"] == ["https://t.me/valley/1"]
    assert stretches(text, "italic") == ["I took it that you meant: bridge", "No board."]


def test_a_long_quote_is_folded() -> None:
    assert stretches(results_text("Here:", [citation(quote="word " * 100)], ENGLISH), "expandable_blockquote")


def test_a_story_names_its_headline_and_who_else_tells_it() -> None:
    also = tuple(Telling(f"x{n}", f"Paper {n}", f"https://t.me/paper/{n}", MAY) for n in range(5))
    text = results_text("News:", [citation(headline="Bridge opened", also=also)], ENGLISH)
    assert "1 · Bridge opened\nThe bridge opens at six.\nValley herald" in text.text
    assert text.text.endswith("also in: Paper 0, Paper 1, Paper 2 +2")


def test_markup_in_a_quote_is_but_characters() -> None:
    hostile = "</blockquote><b>*_[x](tg://user?id=1)`"
    text = results_text("Here:", [citation(quote=hostile, title="<i>")], ENGLISH)
    assert stretches(text, "blockquote") == [hostile]


@pytest.mark.parametrize("letter", ["x", "я", "😀", "слово "])
def test_a_page_is_one_message_however_long_the_texts_are(letter: str) -> None:
    also = tuple(Telling("x", letter * 500, None, MAY) for _ in range(5))
    longest = [citation(n, letter * 700, letter * 1000, headline=letter * 300, also=also) for n in range(1, 6)]
    text = results_text("Here:", longest, ENGLISH, note="note")
    assert utf16_length(text.text) <= MESSAGE_LIMIT
    assert len(stretches(text, "text_link")) == 5


def kept(**more: Any) -> KeptSearch:
    return KeptSearch(7, NewSearch(1, 2, 3, Wish.QUESTION, "bridge", Language.ENGLISH, **more), MAY)


def labels(search: KeptSearch, view: View, *, has_more: bool = False) -> list[list[str]]:
    rows = keyboard(search, view, shown=5, has_more=has_more, words=ENGLISH)
    return [[button["text"] for button in row] for row in rows]


def test_only_buttons_that_change_something_are_shown() -> None:
    assert labels(kept(), View()) == []
    assert labels(kept(), View(), has_more=True) == [["More ›"]]
    assert labels(kept(), View(skip=5)) == [["‹ Back"]]
    assert labels(kept(spans=[Span.ANY, Span.WEEK]), View(Span.WEEK)) == [["Any", "✓ Week"]]


def test_button_data_fits_and_is_read_back() -> None:
    view = View(Span.MONTH, 6, 100, is_picking=True)
    data = button_data(10**18 - 1, view)
    assert len(data.encode()) <= 64
    assert read_button_data(data) == (10**18 - 1, view)


@pytest.mark.parametrize("data", ["", "s:1", "s:1:a:0:0:", "s:-1:a:0:0", "s:1:a:0:٣", "s:1:a:0:0\n", "S:1:a:0:0", "😀"])
def test_other_data_is_none_of_ours(data: str) -> None:
    assert read_button_data(data) is None


def test_a_long_name_of_a_source_is_cut() -> None:
    search = kept(sources=[OfferedSource("1", "The very long name of a channel about everything")])
    assert labels(search, View(source=1)) == [["✓ The very long… ▾"]]
    assert all(len(label) < 35 for row in labels(search, View(is_picking=True)) for label in row)


def test_inline_results_have_ids_of_their_own_within_the_limit() -> None:
    results = inline_results([citation(1), citation(2), citation(1, "Another place in it.")], ENGLISH)
    ids = {result["id"] for result in results}
    assert (len(ids), max(len(each.encode()) for each in ids)) == (3, 32)
    assert results[0]["input_message_content"]["message_text"] == f"{BRIDGE}\nValley herald, 12 May 2026"


def test_an_inline_story_is_called_by_its_headline() -> None:
    [result] = inline_results([citation(quote="", headline="Bridge opened")], ENGLISH)
    assert result["title"] == "Bridge opened"
    assert result["input_message_content"]["message_text"] == "Bridge opened\nValley herald, 12 May 2026"
