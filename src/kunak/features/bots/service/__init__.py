"""Which bots there are, whether they work, and how we speak as them."""

from kunak.features.bots.repository import CHANGED
from kunak.features.bots.service.directory import Directory, KnownBot
from kunak.features.bots.service.doors import Doors
from kunak.features.bots.service.manage import (
    check_token,
    choose_sources,
    claim_probes,
    find_bot,
    find_by_telegram_id,
    forget_token,
    get_bot,
    identify,
    list_bots,
    pause_bot,
    pause_refused_bot,
    polling_offset,
    remove_bot,
    reseal_bots,
    resume_bot,
    resume_probed_bot,
    save_bot,
    save_polling_place,
)
from kunak.features.bots.service.managed import (
    Fetched,
    adopt,
    check_manager,
    fetch_managed,
    make_manager,
    replace_managed,
)

__all__ = [
    "CHANGED",
    "Directory",
    "Doors",
    "Fetched",
    "KnownBot",
    "adopt",
    "check_manager",
    "check_token",
    "choose_sources",
    "claim_probes",
    "fetch_managed",
    "find_bot",
    "find_by_telegram_id",
    "forget_token",
    "get_bot",
    "identify",
    "list_bots",
    "make_manager",
    "pause_bot",
    "pause_refused_bot",
    "polling_offset",
    "remove_bot",
    "replace_managed",
    "reseal_bots",
    "resume_bot",
    "resume_probed_bot",
    "save_bot",
    "save_polling_place",
]
