"""How much memory the database that comes with us takes for what it has read."""

import os
from pathlib import Path

_LEAST_MB, _MOST_MB = 64, 512
_PART = 8
"""The rest is for the other processes, and for the files that the system keeps in mind."""
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def shared_buffers_mb() -> int:
    """An eighth of what this machine or container has, 64 to 512.

    It is taken page by page as data is read, so that a small database needs little. Neighbours among 100,000 vectors
    cost twice the time when their index (120 MB) does not fit.
    """
    return min(max(_memory() // _PART // 1_000_000, _LEAST_MB), _MOST_MB)


def _memory() -> int:
    limits = [int(text) for path in _LIMITS if (text := _read(path)).isdecimal()]
    return min([_installed(), *limits])


def _installed() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _read(path: Path) -> str:
    """Empty where the system has no such limit; it may also be a word."""
    try:
        return path.read_text().strip()
    except OSError:
        return ""
