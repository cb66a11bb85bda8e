"""The settings of this run: environment and `.env`, over which the command line wins."""

import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kunak.foundation.db.server_account import is_reachable
from kunak.foundation.errors import InvalidInputError
from kunak.foundation.settings import Settings

ROOT_DATA = Path("/var/lib/kunak")


def load_settings(**given: Any) -> Settings:
    """Options given as None count as not given; `data_dir` comes out absolute.

    Raises:
        InvalidInputError: names the setting that is wrong.
    """
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise InvalidInputError(_name_faults(error)) from None
    return settings.model_copy(update={"data_dir": _choose_data_dir(settings)})


def _choose_data_dir(settings: Settings) -> Path:
    chosen = settings.data_dir.absolute()
    if "data_dir" in settings.model_fields_set or settings.database_url or os.geteuid() != 0 or is_reachable(chosen):
        return chosen
    # A checkout under a closed /root: there the database, which does not run as root, could not get to its files.
    return ROOT_DATA / "-".join(chosen.parts[1:])


def _name_faults(error: ValidationError) -> str:
    faults = [
        f"{_variable(str(fault['loc'][0]) if fault['loc'] else 'settings')}: {fault['msg'].lower()}"
        for fault in error.errors(include_input=False, include_url=False)
    ]
    return f"A setting is wrong. {'; '.join(faults)}."


def _variable(name: str) -> str:
    return name if name.isupper() else f"KUNAK_{name.upper()}"
