"""Which processes of the system are the embedded PostgreSQL of one data directory."""

import asyncio
import contextlib
import os
import signal
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path

GONE_POLL_S = 0.02
FAST_S, IMMEDIATE_S, KILLED_S = 4.0, 0.5, 0.5
"""Patience with each way of stopping; together under the ten seconds a stop may take."""


def cluster_name(pgdata: Path) -> str:
    """Stands in the title of every process of the server, so that it is told from other servers."""
    return f"kunak-{zlib.crc32(str(pgdata).encode()):08x}"


def read_lock_file(pgdata: Path) -> tuple[int, int] | None:
    """The process and the port in `postmaster.pid`, if that is there and complete."""
    try:
        lines = (pgdata / "postmaster.pid").read_text().splitlines()
        return int(lines[0]), int(lines[3])
    except (FileNotFoundError, IndexError, ValueError):
        return None


def find_postmaster(pgdata: Path) -> int | None:
    """The process id of the running server; not a dead one's, nor a stranger's that got its number."""
    locked = read_lock_file(pgdata)
    if locked and _is_postmaster(locked[0], pgdata):
        return locked[0]
    return next((pid for pid, command in _commands() if _runs(command, pgdata)), None)


async def clear_remains(pgdata: Path) -> None:
    """Ends what a killed server left behind: its orphaned backends, and a lock file whose number a stranger now has."""
    title = f"postgres: {cluster_name(pgdata)}: "
    orphans = [pid for pid, command in _commands() if command.startswith(title)]
    for pid in orphans:
        _send(pid, signal.SIGKILL)
    for pid in orphans:
        await _gone(pid, KILLED_S)
    locked = read_lock_file(pgdata)
    # After a restart of a container the numbers begin anew, and PostgreSQL would take ours for its own elder.
    if locked and not any(_is_gone(pid) is False for pid in orphans) and _is_stranger(locked[0], pgdata):
        (pgdata / "postmaster.pid").unlink(missing_ok=True)


async def stop_postmaster(pid: int) -> None:
    """Stops the server: politely to its clients, then at once, then by force. Returns when it is gone."""
    for how, patience in (
        (signal.SIGINT, FAST_S),
        (signal.SIGQUIT, IMMEDIATE_S),
        (signal.SIGKILL, KILLED_S),
    ):
        _send(pid, how)
        if await _gone(pid, patience):
            return


def _is_postmaster(pid: int, pgdata: Path) -> bool:
    # A folder that was renamed while its server ran is betrayed by the working directory only.
    return _runs(_command(pid), pgdata) or _working_directory(pid) == str(pgdata)


def _is_stranger(pid: int, pgdata: Path) -> bool:
    command, folder = _command(pid), _working_directory(pid)
    return "postgres" not in command or (folder is not None and folder != str(pgdata))


def _runs(command: str, pgdata: Path) -> bool:
    words = f" {command} ".replace('"', " ")  # the shell that becomes the server quotes the path
    return "bin/postgres" in words and f" {pgdata} " in words


async def _gone(pid: int, patience_s: float) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience_s):
            while not _is_gone(pid):  # noqa: ASYNC110  another process ends: there is no event to wait for
                await asyncio.sleep(GONE_POLL_S)
    return _is_gone(pid)


def _is_gone(pid: int) -> bool:
    return not _command(pid)  # a zombie has no command line


def _send(pid: int, what: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, what)


def _commands() -> Iterator[tuple[int, str]]:
    if not Path("/proc/self/cmdline").exists():
        yield from _commands_of_ps("-axww")
        return
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (command := _command(int(entry.name))):
            yield int(entry.name), command


def _command(pid: int) -> str:
    """The command line, its words joined by spaces; empty when there is no such process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self/cmdline").exists():
            return ""
        return next((command for _, command in _commands_of_ps("-ww", "-p", str(pid))), "")


def _commands_of_ps(*which: str) -> Iterator[tuple[int, str]]:
    """For systems without /proc."""
    listing = subprocess.run(["/bin/ps", *which, "-o", "pid=,command="], capture_output=True, text=True, check=False)  # noqa: S603  our own words
    for line in listing.stdout.splitlines():
        pid, _, command = line.strip().partition(" ")
        yield int(pid), command.strip()


def _working_directory(pid: int) -> str | None:
    """Where the process works; None where that cannot be seen (in a container even root may not look)."""
    try:
        return str(Path(f"/proc/{pid}/cwd").readlink())
    except OSError:
        return None
