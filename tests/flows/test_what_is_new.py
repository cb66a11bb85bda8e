"""Posts of several channels are imported, and people ask what is new."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kunak.features.search import service as search
from kunak.features.search.schemas import Answer, Mode
from kunak.features.search.service import answer_question
from kunak.foundation import clock
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.words import words_in
from kunak.processes.commands.gaps import describe, list_gaps
from kunak.processes.commands.import_documents import import_files

NOW = datetime(2026, 5, 15, 12, tzinfo=UTC)
POSTS = {
    ("Вестник", 7): "⚡️ Мост через Баксан закрыт: опору подмыло паводком. Объезд через Прохладный. Подписаться",
    ("Дороги", 6): "Паводком подмыло опору, мост через Баксан закрыт. Объезжать через Прохладный.",
    ("Город", 5): "Опору моста через Баксан подмыло паводком, он закрыт для машин, есть объезд.",
    ("Город", 4): "В городском саду зацвели каштаны, и в выходные там играет духовой оркестр.",
    ("Дороги", 3): "Доброе утро, дорогие подписчики!",
    ("Вестник", 24 * 20): "Ключевая ставка банка не изменилась, сообщил его председатель на встрече.",
}


@pytest.fixture
async def town(sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sessions:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    path = tmp_path / "posts.jsonl"
    lines = [
        {
            "channel_id": -1001000000000 - len(channel),
            "channel": channel,
            "message_id": number,
            "date": (NOW - timedelta(hours=hours)).isoformat(),
            "text": words,
        }
        for number, ((channel, hours), words) in enumerate(POSTS.items(), start=1)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    await import_files(sessions, [path], report=lambda _path, _batch: None)
    return sessions


def said(answer: Answer) -> str:
    return search.render_plain(answer, words_in(answer.language).gettext)


async def test_alice_asks_what_is_new_and_reads_each_story_once(town: Sessions) -> None:
    answer = await answer_question(town, "Что нового за сутки?")
    assert answer.mode is Mode.DIGEST
    assert said(answer).startswith(
        "Что произошло (2026-05-15):\n\n[1] Мост через Баксан закрыт: опору подмыло паводком."
    )
    assert "также: Дороги https://t.me/" in said(answer)
    assert [("оркестр" in each.headline, "Доброе" in each.headline) for each in answer.citations[1:]] == [
        (True, False),
        (False, True),
    ]


async def test_bob_asks_in_english(town: Sessions) -> None:
    answer = await answer_question(town, "What happened today?")
    assert said(answer).startswith("What happened (2026-05-15):")
    assert "also: Дороги" in said(answer)


async def test_charlie_asks_about_a_time_that_nobody_wrote_in(town: Sessions) -> None:
    assert said(await answer_question(town, "Что произошло 2 мая?")) == "Ничего не нашлось (2026-05-02)."
    other = await answer_question(town, "Изменилась ли ключевая ставка банка вчера?")
    assert said(other).startswith("За это время (2026-05-14) ничего не нашлось. Из другого времени:")


async def test_what_nobody_could_answer_is_listed(town: Sessions) -> None:
    for _ in range(2):
        await answer_question(town, "Где починить самовар?")
    gaps = await list_gaps(town, limit=10, with_resolved=False)
    assert describe(gaps).split()[0] == "2"
    assert describe(gaps).endswith("Где починить самовар?")
