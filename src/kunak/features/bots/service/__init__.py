"""Which bots there are, whether they work, and how we speak as them."""

from kunak.features.bots.repository import CHANGED
from kunak.features.bots.service.directory import Directory, KnownBot
from kunak.features.bots.service.doors import Doors
from kunak.features.bots.service.manage import (
    check_token,
    choose_sources,
    claim_probes,
    find_bot,
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
    set_answers,
)

__all__ = [
    "CHANGED",
    "Directory",
    "Doors",
    "KnownBot",
    "check_token",
    "choose_sources",
    "claim_probes",
    "find_bot",
    "forget_token",
    "get_bot",
    "identify",
    "list_bots",
    "pause_bot",
    "pause_refused_bot",
    "polling_offset",
    "remove_bot",
    "reseal_bots",
    "resume_bot",
    "resume_probed_bot",
    "save_bot",
    "save_polling_place",
    "set_answers",
]
