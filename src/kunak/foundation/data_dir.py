"""The data directory: one folder that holds all an installation remembers."""

import json
import os
import tempfile
from pathlib import Path

from kunak import __version__
from kunak.foundation.errors import ConflictError, InvalidInputError

MARKER = "kunak.json"
LAYOUT = 1


def prepare_data_dir(path: Path) -> Path:
    """Makes the folder if need be, marks it as ours, and gives its absolute path.

    Raises:
        ConflictError: the folder holds something else, or belongs to a newer Kunak.
        InvalidInputError: the folder cannot be made or written.
    """
    path = path.absolute()
    try:
        _make(path)
        check_data_dir(path)
        _check_writable(path)
        if not (path / MARKER).exists():
            _write_marker(path)
    except OSError as error:
        raise InvalidInputError(_unusable(path, error)) from error
    return path


def check_data_dir(path: Path) -> None:
    """Refuses a folder that is not ours or is from a newer Kunak; one that is missing or empty passes.

    Raises:
        ConflictError: with a way out.
    """
    # Listed before the marker is looked for: another process that is making this folder writes the marker first.
    strangers = [entry.name for entry in path.iterdir() if not entry.name.startswith(MARKER)] if path.exists() else []
    try:
        marker = json.loads((path / MARKER).read_text())
    except FileNotFoundError:
        if strangers:
            raise ConflictError(
                f"{path} holds files that are not Kunak's ({_some(strangers)}). "
                "Choose an empty or a new folder with --data-dir."
            ) from None
        return
    except ValueError:
        raise ConflictError(f"{path / MARKER} is damaged: restore it from a backup of the data directory.") from None
    if marker.get("layout", 0) > LAYOUT:
        raise ConflictError(
            f"{path} was made by a newer Kunak ({marker.get('kunak', 'of unknown version')}); this one is "
            f"{__version__}. Update Kunak, or choose another folder with --data-dir."
        )


def _make(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise InvalidInputError(f"{path} is a file, not a folder. Choose another place with --data-dir.")
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # As root the database runs as another user, who must be able to pass through; the files within are closed to all.
    path.mkdir(exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)


def _check_writable(path: Path) -> None:
    with tempfile.TemporaryFile(dir=path, prefix=f"{MARKER}."):
        pass


def _write_marker(path: Path) -> None:
    draft = path / f"{MARKER}.{os.getpid()}"
    draft.write_text(json.dumps({"kunak": __version__, "layout": LAYOUT}) + "\n")
    draft.replace(path / MARKER)


def _some(names: list[str]) -> str:
    return ", ".join(sorted(names)[:3]) + (", …" if len(names) > 3 else "")  # noqa: PLR2004  three are enough to recognise


def _unusable(path: Path, error: OSError) -> str:
    reason = error.strerror or type(error).__name__
    return (
        f"Kunak cannot write to its data directory {path} ({reason}). "
        "Make it writable for this user, run as the user it belongs to, or choose another place with --data-dir."
    )
