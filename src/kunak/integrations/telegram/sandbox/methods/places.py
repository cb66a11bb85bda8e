"""Small messages without text: a place, a person's number, a throw of the dice."""

import secrets

from kunak.integrations.telegram.sandbox.calls import Answer, Call, acts
from kunak.integrations.telegram.sandbox.composing import post
from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request

_SIDES = {"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "🎰": 64}


@acts("sendLocation")
def send_location(call: Call) -> Answer:
    return post(call, call.chat_to_write(), {"location": _location(call)})


@acts("sendVenue")
def send_venue(call: Call) -> Answer:
    location = _location(call)
    venue = {"location": location, **_given(call, "title", "address")}
    return post(call, call.chat_to_write(), {"location": location, "venue": venue})


@acts("sendContact")
def send_contact(call: Call) -> Answer:
    return post(
        call, call.chat_to_write(), {"contact": _given(call, "phone_number", "first_name", "last_name", "vcard")}
    )


@acts("sendDice")
def send_dice(call: Call) -> Answer:
    emoji = call.params.get("emoji") or "🎲"
    if emoji not in _SIDES:
        raise bad_request("the dice emoji is not supported")
    return post(call, call.chat_to_write(), {"dice": {"emoji": emoji, "value": 1 + secrets.randbelow(_SIDES[emoji])}})


def _location(call: Call) -> JsonObject:
    location = _given(call, "latitude", "longitude", "horizontal_accuracy")
    if not (-90 <= location["latitude"] <= 90 and -180 <= location["longitude"] <= 180):  # noqa: PLR2004 - the globe
        raise bad_request("wrong location")
    return location


def _given(call: Call, *names: str) -> JsonObject:
    return {name: call.params[name] for name in names if name in call.params}
