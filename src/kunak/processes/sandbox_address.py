"""Where the sandbox of a running `kunak up` is, as other commands on the same data directory can tell."""

import json

from kunak.foundation.settings import Settings

PATH = "/sandbox"
NOTE = "up.json"


def find_sandbox(settings: Settings) -> str:
    """Its address: of the `kunak up` that runs on the data directory, else where one would be."""
    try:
        web = str(json.loads((settings.data_dir / NOTE).read_text())["web"])
    except (OSError, ValueError, KeyError):
        web = f"http://127.0.0.1:{settings.port}"
    return f"{web}{PATH}"
