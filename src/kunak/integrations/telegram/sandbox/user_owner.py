"""For the owner of the machine: tokens, what bots called, and the faults in force."""

import time

from kunak.integrations.telegram.sandbox.faults import Fault, FaultKind
from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request, not_found
from kunak.integrations.telegram.sandbox.visits import View, Visit


async def show_token(visit: Visit) -> object:
    return {"token": visit.bot.token}


async def list_calls(visit: Visit) -> object:
    """What the bot called after a number, oldest first."""
    after = visit.number_in_query("after", default=0)
    records = [r for r in visit.world.calls.records if r.bot_id == visit.bot.id and r.number > after]
    return {
        "calls": [
            {
                "number": r.number,
                "method": r.method,
                "params": r.params,
                "result": r.result,
                "error": r.error,
                "at": r.at,
            }
            for r in records[:500]
        ],
        "now": time.time(),
    }


async def list_faults(visit: Visit) -> object:
    return {"faults": [_view(fault) for fault in visit.world.faults.active]}


async def add_fault(visit: Visit) -> object:
    kind = visit.text("kind")
    if kind not in set(FaultKind):
        raise bad_request(f"kind is one of {', '.join(FaultKind)}")
    fault = Fault(
        FaultKind(kind),
        method=visit.optional_text("method"),
        bot_id=visit.optional_number("bot_id"),
        chat_id=visit.optional_number("chat_id"),
        times=visit.optional_number("times") if "times" in visit.body else 1,
        probability=visit.fraction("probability", default=1.0),
        retry_after=visit.optional_number("retry_after") or 1,
        seconds=visit.fraction("seconds", default=60.0),
    )
    return _view(visit.world.faults.add(fault))


async def clear_faults(visit: Visit) -> object:
    visit.world.mend()
    return {}


async def remove_fault(visit: Visit) -> object:
    if not visit.world.faults.remove(visit.number_in_path("fault_id")):
        raise not_found("there is no such fault")
    return {}


async def seed_faults(visit: Visit) -> object:
    seed = visit.optional_number("seed")
    if seed is None:
        raise bad_request("seed is required")
    visit.world.faults.seed(seed)
    return {}


def _view(fault: Fault) -> JsonObject:
    return dict(vars(fault))


OWNER_VIEWS: tuple[tuple[str, str, View], ...] = (
    ("GET", "/bots/{bot_id:int}/token", show_token),
    ("GET", "/bots/{bot_id:int}/calls", list_calls),
    ("GET", "/faults", list_faults),
    ("POST", "/faults", add_fault),
    ("DELETE", "/faults", clear_faults),
    ("POST", "/faults/seed", seed_faults),
    ("DELETE", "/faults/{fault_id}", remove_fault),
)
