"""Answers to what a person asked with a tap: buttons and inline queries."""

from kunak.integrations.telegram.sandbox.calls import Answer, Call, acts
from kunak.integrations.telegram.sandbox.inline_mode import check_answer
from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request

_LONGEST_ANSWER = 200


@acts("answerCallbackQuery")
def answer_callback_query(call: Call) -> Answer:
    if len(call.params.get("text") or "") > _LONGEST_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    answer = _given(call, "text", "show_alert", "url")
    query = call.world.queries.answer(call.bot.id, call.params["callback_query_id"], answer)
    data = {"query_id": query.id, "user_id": query.user_id, "answer": answer}
    call.world.events.add("callback_answer", call.bot.id, query.chat_id, data)
    return True


@acts("answerInlineQuery")
def answer_inline_query(call: Call) -> Answer:
    call.world.queries.answer(call.bot.id, call.params["inline_query_id"], check_answer(call))
    return True


def _given(call: Call, *names: str) -> JsonObject:
    return {name: call.params[name] for name in names if name in call.params}
