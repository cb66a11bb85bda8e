"""What the server that comes with us takes grows with the machine, within limits."""

from pathlib import Path

import pytest

from kunak.foundation.db import server_memory

GB = 1_000_000_000


@pytest.mark.parametrize(
    ("limit", "taken"), [("max", 512), (str(16 * GB), 512), (str(2 * GB), 250), (str(GB // 4), 64)]
)
def test_an_eighth_of_what_a_container_may_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, taken: int
) -> None:
    (tmp_path / "limit").write_text(limit + "\n")
    monkeypatch.setattr(server_memory, "_LIMITS", (tmp_path / "limit", tmp_path / "none"))
    monkeypatch.setattr(server_memory, "_installed", lambda: 16 * GB)
    assert server_memory.shared_buffers_mb() == taken
