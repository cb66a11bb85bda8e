"""Who runs the embedded PostgreSQL: we, or, as root, an unprivileged user, since PostgreSQL refuses to be root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kunak.foundation.errors import InvalidInputError

CANDIDATES = ("postgres", "nobody", "daemon")
"""Users that a system has without anybody making them, the most fitting first."""


@dataclass(frozen=True)
class ServerAccount:
    """A user of the system. `switch` says that we are root and must become this user to run the server."""

    name: str
    uid: int
    gid: int
    switch: bool

    def run_options(self) -> dict[str, Any]:
        """What `subprocess` needs to run something as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}

    def own(self, path: Path) -> None:
        """Gives the file or folder itself (not what is in it) to this user."""
        if self.switch:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def own_tree(self, folder: Path) -> None:
        """Gives the folder and all in it to this user; quick when it is theirs already."""
        if not self.switch or folder.stat().st_uid == self.uid:
            return
        for parent, _, files in os.walk(folder):
            for name in files:
                self.own(Path(parent, name))
        for parent, _, _ in os.walk(folder, topdown=False):
            self.own(Path(parent))  # the outermost last: it tells whether the work was finished


def choose_account(home: Path) -> ServerAccount:
    """Whoever the folder of the server belongs to; as root on a new one, an unprivileged user.

    Raises:
        InvalidInputError: the folder belongs to someone else, or no user can be found.
    """
    if os.geteuid() != 0:
        _check_is_ours(home)
        return ServerAccount(_name_of(os.geteuid()) or str(os.geteuid()), os.geteuid(), os.getegid(), switch=False)
    for uid in (folder.stat().st_uid for folder in (home, home.parent) if folder.exists()):
        if uid != 0 and _name_of(uid):
            return _account(pwd.getpwuid(uid))
    for name in CANDIDATES:
        try:
            return _account(pwd.getpwnam(name))
        except KeyError:
            continue
    raise InvalidInputError(
        "PostgreSQL does not run as root, and this system has none of the users "
        f"{', '.join(CANDIDATES)}. Run Kunak as an ordinary user, or set DATABASE_URL."
    )


def check_reachable(account: ServerAccount, folder: Path) -> None:
    """Makes sure that the user can get to the folder.

    Raises:
        InvalidInputError: names the folder on the way that is closed, and the ways out.
    """
    if not account.switch or _can_enter(account, folder):
        return
    closed = next((step for step in [*reversed(folder.parents), folder] if not _can_enter(account, step)), folder)
    raise InvalidInputError(
        f"PostgreSQL does not run as root, and the user {account.name}, who would run it, cannot reach {folder}: "
        f"{closed} is closed to others. Choose another place, such as --data-dir /var/lib/kunak, "
        f"open the way with `chmod o+x {closed}`, or run Kunak as an ordinary user."
    )


def is_reachable(folder: Path) -> bool:
    """Whether the server could use the folder, or make it where it is to be."""
    there = next(step for step in [folder, *folder.parents] if step.exists())
    return _can_enter(choose_account(folder / "postgresql"), there)


def _can_enter(account: ServerAccount, folder: Path) -> bool:
    """Asked of the system itself, as that user: access lists and capabilities count too."""
    try:
        shell = ["/bin/sh", "-c", 'cd "$0"', str(folder)]
        return subprocess.run(shell, **account.run_options(), cwd="/", capture_output=True, check=False).returncode == 0  # noqa: S603  our own words
    except PermissionError as error:
        raise InvalidInputError(
            f"PostgreSQL does not run as root, and this root may not become the user {account.name} "
            "(the capability to change users is missing). Run Kunak as an ordinary user, or set DATABASE_URL."
        ) from error


def _check_is_ours(home: Path) -> None:
    if not home.exists() or home.stat().st_uid == os.geteuid():
        return
    owner = _name_of(home.stat().st_uid) or str(home.stat().st_uid)
    raise InvalidInputError(
        f"The database in {home} belongs to the user {owner}. Run Kunak as root or as {owner}, "
        f"give it to yourself (`sudo chown -R $(id -un) {home.parent}`), or choose another folder with --data-dir."
    )


def _account(entry: pwd.struct_passwd) -> ServerAccount:
    return ServerAccount(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=True)


def _name_of(uid: int) -> str | None:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None
