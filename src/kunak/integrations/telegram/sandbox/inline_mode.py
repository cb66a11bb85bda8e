"""Inline mode: somebody types `@bot words` in any chat, the bot offers results, one of them is sent.

Results are articles: each is a text that is sent when it is chosen.
"""

from kunak.integrations.telegram.sandbox import people
from kunak.integrations.telegram.sandbox.calls import Call
from kunak.integrations.telegram.sandbox.keyboards import is_inline, read_markup
from kunak.integrations.telegram.sandbox.queries import Query
from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request, not_found
from kunak.integrations.telegram.sandbox.state import Chat, Person, SandboxBot
from kunak.integrations.telegram.sandbox.texts import read_text
from kunak.integrations.telegram.sandbox.world import World

LONGEST_QUERY = 256
_MOST_RESULTS = 50
_LONGEST_ID = 64  # bytes, as for the offset of the next page


def ask(world: World, bot: SandboxBot, chat: Chat, person: Person, text: str, *, offset: str = "") -> Query:
    """Type `@bot text` in a chat. The query's `answer` holds the results when the bot gives them.

    Raises Refusal when the bot has no inline mode, or the text is longer than a client sends.
    """
    people.require_member(chat, person)
    if not bot.supports_inline_queries:
        raise bad_request("the bot has no inline mode")
    if len(text) > LONGEST_QUERY:
        raise bad_request("the query is too long")
    query = world.queries.ask(bot.id, person.id, person.id, text)
    update = {
        "id": query.id,
        "from": person.profile,
        "query": text,
        "offset": offset,
        "chat_type": _type_of(chat, bot),
    }
    world.push_update(bot, "inline_query", update, person.id)
    return query


def _type_of(chat: Chat, bot: SandboxBot) -> str:
    if chat.is_private:
        return "sender" if chat.bot_id == bot.id else "private"
    return str(chat.card["type"])


def check_answer(call: Call) -> JsonObject:
    """The bot's answer, with the messages its results become. Raises Refusal for what Telegram does not take."""
    results = call.params["results"]
    if len(results) > _MOST_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    ids = [str(result["id"]) for result in results]
    if not all(0 < len(each.encode()) <= _LONGEST_ID for each in ids):
        raise bad_request("RESULT_ID_INVALID")
    if len(set(ids)) < len(ids):
        raise bad_request("RESULT_ID_DUPLICATE")
    if len(str(call.params.get("next_offset") or "").encode()) > _LONGEST_ID:
        raise bad_request("NEXT_OFFSET_INVALID")
    messages = {str(result["id"]): message for result in results if (message := _message(call, result))}
    given = {name: call.params[name] for name in ("results", "next_offset", "button") if name in call.params}
    return given | {"messages": messages}


def _message(call: Call, result: JsonObject) -> JsonObject | None:
    """What is sent when the result is chosen; None for kinds that the sandbox does not act."""
    content = result.get("input_message_content")
    if not isinstance(content, dict) or "message_text" not in content:
        return None
    message = read_text(call, {"text": content["message_text"], **content})
    markup = read_markup(result)
    return message | ({"reply_markup": markup} if is_inline(markup) else {})


def choose(world: World, chat: Chat, person: Person, query_id: str, result_id: str) -> JsonObject:
    """Send a result that the bot offered to this person; the bot hears of the choice. Returns the message."""
    query = world.queries.answered(query_id)
    if query is None or query.user_id != person.id:
        raise not_found("there is no such query any more")
    message = query.answer.result()["messages"].get(result_id)
    if message is None:
        raise bad_request("result_id is of one of the bot's results with a text to send")
    bot = world.state.bots[query.bot_id]
    sent = people.send(world, chat, person, {**message, "via_bot": bot.as_sender})
    chosen = {"result_id": result_id, "from": person.profile, "query": query.text}
    world.push_update(bot, "chosen_inline_result", chosen, person.id)
    return sent


def for_pages(answer: JsonObject) -> JsonObject:
    """The answer as a page needs it: without the messages, which are the sandbox's own affair."""
    return {name: value for name, value in answer.items() if name != "messages"}
