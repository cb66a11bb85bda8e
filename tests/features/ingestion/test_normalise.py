"""Texts are made plain, and nothing that says something is lost."""

import gzip
import json
from pathlib import Path

import pytest

from kunak.features.ingestion.normalise import drop_calls, normalise_post, normalise_text


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("мо\u00adст за\u200bкрыт\ufeff", "мост закрыт"),
        ("\u202eтекст\u202c", "текст"),
        ("семья 👨\u200d👩\u200d👧 дома", "семья 👨\u200d👩\u200d👧 дома"),
        ("a\0b\x07", "ab"),
    ],
)
def test_what_is_invisible_goes(written: str, plain: str) -> None:
    assert normalise_text(written) == plain


@pytest.mark.parametrize(
    "call",
    [
        "[👉 Село Live. Подписаться](https://t.me/+abc)",
        "❤ [Подписаться](https://t.me/selo) | [Прислать новость](https://t.me/selo_bot)",
        "__😄[— Подписаться](https://t.me/+abc)__",
        "🔍 Подписывайся https://t.me/+abc",
        "Подписывайтесь на наш канал @selo_news",
        "👉[Subscribe to our channel](https://t.me/selo)👈",
        "🎯 [Подписывайся на SELO](https://t.me/selo)\n\n📩 [Прислать новость](https://t.me/selo_bot)",
    ],
)
def test_calls_to_subscribe_at_the_end_go(call: str) -> None:
    assert normalise_post(f"Мост **закрыт** до пятницы.\n\n{call}\n") == "Мост закрыт до пятницы."
    assert normalise_post(call) != ""


@pytest.mark.parametrize(
    "line",
    [
        "Подписаться на районную газету можно до 1 декабря: https://example.org",
        "Президент подписал указ о мосте",
        "Подписаться",
        "#аренда #Махачкала",
        "Звоните: @bob_sells",
        "Подробности: https://example.org/news",
        "Присоединяйтесь к субботнику в парке у реки в девять утра @selo",
    ],
)
def test_what_says_something_stays(line: str) -> None:
    assert drop_calls(f"Мост закрыт.\n{line}") == f"Мост закрыт.\n{line}"


def test_bullets_are_made_alike_and_pictures_stay() -> None:
    assert normalise_post("🔹 раз\n▪️два\n✅ три\n⚡️ четыре") == "• раз\n• два\n✅ три\n⚡️ четыре"


def test_real_posts_lose_only_short_lines_at_their_end(shared_data: Path) -> None:
    for path in sorted((shared_data / "channels").glob("*.gz"))[:4]:
        for line in gzip.decompress(path.read_bytes()).decode().splitlines():
            text = json.loads(line)["text"]
            kept = drop_calls(text)
            assert text.startswith(kept)
            assert len(text) - len(kept) < 500
            assert normalise_post(text)
