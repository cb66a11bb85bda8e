"""A file is imported, whatever happens on the way, and questions are answered from it."""

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from kunak.features.ingestion.schemas import Batch
from kunak.features.search.schemas import Mode
from kunak.features.search.service import answer_question
from kunak.foundation.db.engine import Sessions
from kunak.processes.commands.import_documents import Imported, import_files, report_on_terminal

IMPORT = """
import asyncio, sys
from pathlib import Path
from kunak.foundation.db.engine import create_engine, create_sessions
from kunak.processes.commands.import_documents import import_files

async def main(url, path):
    await import_files(create_sessions(create_engine(url)), [Path(path)], report=lambda *_: print("kept", flush=True))

asyncio.run(main(*sys.argv[1:]))
"""


def silently(_path: Path, _batch: Batch) -> None:
    """Nobody looks on."""


def write_town(folder: Path, *, documents: int) -> Path:
    path = folder / "town.jsonl"
    lines = [{"_id": str(n), "title": f"Дом {n}", "text": f"В доме {n} живёт сосед{n}."} for n in range(documents)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


async def contents(sessions: Sessions) -> list[Any]:
    statement = """SELECT external_id, documents.text, search_entries.reference, words::text, length
        FROM documents FULL JOIN search_entries ON thing_id = documents.id
        FULL JOIN search_words ON entry_id = search_entries.id ORDER BY external_id"""
    async with sessions() as session:
        return list(await session.execute(text(statement)))


async def test_alice_imports_a_file_twice_and_asks(sessions: Sessions, tmp_path: Path) -> None:
    path = write_town(tmp_path, documents=1200)
    assert await import_files(sessions, [path], report=silently) == Imported(added=1200)
    assert await import_files(sessions, [path], report=silently) == Imported(unchanged=1200)
    answer = await answer_question(sessions, "Где живёт сосед777?")
    assert [citation.id for citation in answer.citations] == ["777"]
    assert (await answer_question(sessions, "Когда улетает дирижабль?")).mode is Mode.NOTHING


async def test_an_import_killed_at_any_moment_is_completed_by_the_next(
    sessions: Sessions, database_url: str, tmp_path: Path
) -> None:
    path = write_town(tmp_path, documents=3000)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", IMPORT, database_url, str(path), stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    await process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL
    half = await contents(sessions)
    assert 0 < len(half) < 3000
    assert all(None not in row for row in half)

    completed = await import_files(sessions, [path], report=silently)
    assert completed == Imported(added=3000 - completed.unchanged, unchanged=completed.unchanged)
    assert completed.unchanged >= len(half)
    assert [row.external_id for row in await contents(sessions)] == sorted(str(n) for n in range(3000))


async def test_two_imports_of_one_file_at_once_keep_each_document_once(sessions: Sessions, tmp_path: Path) -> None:
    path = write_town(tmp_path, documents=1500)
    one, two = await asyncio.gather(*(import_files(sessions, [path], report=silently) for _ in range(2)))
    assert one.added + two.added == 1500
    assert len(await contents(sessions)) == 1500


async def test_bob_is_told_which_lines_were_skipped(
    sessions: Sessions, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_town(tmp_path, documents=3)
    path.write_text(path.read_text(encoding="utf-8") + "oops [red]\n", encoding="utf-8")
    with report_on_terminal([path]) as report:
        imported = await import_files(sessions, [path], report=report)
    assert str(imported) == "3 added, 0 changed, 0 unchanged, 1 skipped"
    assert "town.jsonl, line 4: not JSON" in capsys.readouterr().err


async def test_real_questions_are_answered_from_the_right_paragraph(sessions: Sessions, shared_data: Path) -> None:
    channels = sorted((shared_data / "channels").glob("*.jsonl.gz"))
    imported = await import_files(sessions, [shared_data / "xquad-ru" / "corpus.jsonl", *channels], report=silently)
    assert (imported.added, imported.skipped) == (15_086, 0)
    lines = (shared_data / "xquad-ru" / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()
    right = dict(line.split("\t")[:2] for line in lines[1:])
    questions = map(json.loads, (shared_data / "xquad-ru" / "queries.jsonl").read_text(encoding="utf-8").splitlines())
    asked = [question for question in questions if question["_id"] in right][::10]
    quoted = 0
    for question in asked:
        answer = await answer_question(sessions, question["text"])
        quoted += right[question["_id"]] in {citation.id for citation in answer.citations}
    assert quoted / len(asked) > 0.9
