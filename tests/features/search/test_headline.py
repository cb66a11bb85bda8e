"""A headline is the first thing that a text says; the quote goes on from there."""

import pytest

from kunak.features.search.headline import Lead, cut, read_lead


def test_signs_and_tags_around_a_post_are_left_out() -> None:
    text = "⚡️❗️ #срочно Мост закрыт до мая.\nОбъезд через брод. @vestnik\n\n👉 Подписаться на «Вестник»"
    assert read_lead(text) == Lead("Мост закрыт до мая.", "Объезд через брод.")


def test_a_title_of_its_own_is_the_headline() -> None:
    assert read_lead("Мост закрыт.\nОбъезд есть.", "Мост закрыт.") == Lead("Мост закрыт.", "Объезд есть.")


def test_a_channel_that_signs_its_posts_is_not_quoted() -> None:
    assert (
        read_lead("Мост закрыт до мая.\nОбъезд есть. Вестник Live.", signature="Вестник Live").quote == "Объезд есть."
    )


def test_speech_in_quotation_marks_is_not_torn() -> None:
    text = "«Мост откроем! Обещаю вам всем»: мэр выступил на площади. Люди хлопали."
    assert read_lead(text).headline == "«Мост откроем! Обещаю вам всем»: мэр выступил на площади."


def test_a_long_sentence_goes_on_in_the_quote() -> None:
    text = "Мэр рассказал о мосте, " + "который строят уже давно, " * 12 + "и о парке."
    lead = read_lead(text)
    assert lead.headline.endswith("давно…")
    assert lead.quote.startswith("…который")
    assert lead.headline[:-1] in text


def test_a_list_stays_a_list() -> None:
    assert (
        read_lead("Курсы на завтра, четверг:\nДоллар — 80 руб\nЕвро — 90 руб").quote == "Доллар — 80 руб\nЕвро — 90 руб"
    )


@pytest.mark.parametrize(
    "text",
    [
        *("", "🙂", "\0", "Подписаться", "а" * 5000, "«" * 900, "https://example.org/1"),
        *(f"Обзор {'— ' * 90}x", f"Обзор {'https://' * 90} x"),  # can be read in 2^90 ways, from their ends
    ],
)
def test_whatever_the_text_is_there_is_a_short_lead(text: str) -> None:
    lead = read_lead(text)
    assert len(lead.headline) <= 240
    assert len(lead.quote) <= 300


def test_a_cut_is_between_words() -> None:
    assert cut("один два три четыре", 14) == "один два три…"
