"""Where the sandbox of a running `kunak up` is, as other commands on the same data directory can tell."""

import json

from kunak.foundation.settings import Settings

PATH = "/sandbox"
NOTE = "up.json"


def find_sandbox(settings: Settings) -> str | None:
    """Its address; None when no `kunak up` runs on the data directory, or one without it."""
    try:
        found = json.loads((settings.data_dir / NOTE).read_text())["sandbox"]
    except (OSError, ValueError, KeyError):
        return None
    return found if isinstance(found, str) else None
