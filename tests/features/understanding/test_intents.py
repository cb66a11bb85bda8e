"""What people write is understood, in both languages, whatever they write."""

import json
from datetime import UTC, datetime
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripts.understanding.examples import fingerprint, read_held_out
from tests.conftest import SHARED

from kunak.features.understanding.schemas import Intent
from kunak.features.understanding.service import understand
from kunak.foundation.language.languages import Language

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize("language", Language)
def test_nineteen_in_twenty_held_out_sentences_are_understood(language: Language) -> None:
    sentences = read_held_out(language)
    understood = [understand(each.text, now=NOW).intent is each.intent for each in sentences]
    assert sum(understood) / len(understood) >= 0.95


@pytest.mark.shared
@pytest.mark.parametrize("name", ["xquad-ru", "xquad-en"])
def test_real_questions_ask(name: str) -> None:
    path = SHARED / name / "queries.jsonl"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    texts = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    asking = [understand(text, now=NOW).intent is Intent.ASK for text in texts]
    assert sum(asking) / len(asking) >= 0.97


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("сколько стоит аренда квартиры в Нальчике", "find_listing"),
        ("почему растут цены на жильё", "ask"),
        ("что такое лавина", "ask"),
        ("что нового?", "digest"),
        ("продаю диван", "post_listing"),
        ("куплю диван", "find_listing"),
        ("ищу работу водителем", "find_listing"),
        ("требуется водитель", "post_listing"),
        ("напиши стих", "chat"),
        ("переведи на английский: продаю диван", "chat"),
        ("спасибо", "chat"),
        ("Привет! Что нового?", "digest"),
        ("who won the election", "ask"),
        ("any news today", "digest"),
        ("looking for a flat", "find_listing"),
        ("selling my bike", "post_listing"),
        ("prodam divan nedorogo", "post_listing"),
        ("kuplyu kvartiru v nalchike", "find_listing"),
    ],
)
def test_borders_of_the_intents(text: str, intent: str) -> None:
    assert understand(text, now=NOW).intent == intent


def test_an_understanding_as_json() -> None:
    found = understand("Сниму двушку в Нальчике до 25 тысяч", now=NOW).to_json()
    assert found.pop("confidence") > 0.9
    assert found == {
        "intent": "find_listing",
        "language": "ru",
        "filters": {
            "place": {"id": "nalchik", "name": "Нальчик", "text": "в Нальчике"},
            "price": {"min": None, "max": 25_000, "currency": "RUB", "text": "до 25 тысяч"},
            "category": "housing_rent",
        },
    }


def test_a_question_is_not_narrowed_by_a_price_nor_talk_by_anything() -> None:
    asked = understand("почему квартиры в Нальчике подорожали вчера до 3 млн", now=NOW).filters
    assert asked.period is not None
    assert (asked.price, asked.category) == (None, None)
    assert understand("переведи на английский: продам дом в Москве", now=NOW).filters.to_json() == {}


def test_transliterated_russian_is_russian() -> None:
    found = understand("snimu kvartiru v moskve do 30 tysyach", now=NOW)
    assert found.language is Language.RUSSIAN
    assert found.filters.place is not None
    assert found.filters.place.id == "moscow"
    assert understand("who can fix my phone", now=NOW).language is Language.ENGLISH


@pytest.mark.parametrize("text", ["", "   ", "\n", "😀😂", "...", "и в на", "???"])
def test_nothing_to_look_for_is_chat(text: str) -> None:
    found = understand(text, now=NOW)
    assert found.intent is Intent.CHAT
    assert found.filters.to_json() == {}


@pytest.mark.parametrize(
    "text", ["SELECT * FROM users; --", "a & b | !c", "你好吗", "Wo ist der Bahnhof?", "\0", "ß" * 5]
)
def test_strange_texts_are_answered(text: str) -> None:
    assert 0 <= understand(text, now=NOW).confidence <= 1


def test_only_the_beginning_of_a_long_text_counts() -> None:
    long = understand("продам дом в Чегеме " * 500, now=NOW)
    assert long.intent is Intent.POST_LISTING
    assert understand("привет " + " " * 20_000 + "продам дом", now=NOW).intent is Intent.CHAT


@given(st.text(max_size=300))
def test_any_text_is_answered(text: str) -> None:
    found = understand(text, now=NOW)
    assert 0 <= found.confidence <= 1
    assert set(found.to_json()) == {"intent", "language", "filters", "confidence"}


def test_the_weights_were_learnt_from_the_examples_that_are_here() -> None:
    stored = json.loads(files("kunak.features.understanding").joinpath("weights.json").read_text(encoding="utf-8"))
    assert stored["examples"] == fingerprint(), "run: uv run --group training scripts/train_understanding.py"


def test_no_held_out_sentence_is_an_example() -> None:
    from scripts.understanding.examples import read_written  # noqa: PLC0415  only here

    for language in Language:
        written = {each.text.lower() for each in read_written(language)}
        assert [each.text for each in read_held_out(language) if each.text.lower() in written] == []
