"""The person's side of the sandbox, as JSON under `/api`. Errors are `{"error": sentence}` with a fitting status.

Setting up
    GET  /users                      → {users}
    POST /users                      {first_name, last_name?, username?, language_code?, id?} → the user
    GET  /bots, /bots/{bot_id}       → {bots}; one bot
    POST /bots                       {username, name, reads_all_group_messages?, supports_inline_queries?} → the bot
                                     with its token
    GET  /groups                     → {groups}
    POST /groups                     {title, is_forum?, user_ids, bot_ids?} → the group; the first person owns it
    POST /groups/{id}/members        {user_id or bot_id, is_admin?} → the group
    DELETE /groups/{id}/members/{member_id}

All of one person
    GET  /users/{id}/chats?language= → {chats: [{type, bot_id, chat_id, title, last_message, …}], last_event_id}
    GET  /users/{id}/events          as the events of a chat, of all chats: {bot_id, chat_id, data}

One chat, under `/bots/{bot_id}/chats/{chat_id}`: a private chat has the id of its person. `user_id` says who acts; in a
private chat it may be left out.
    POST …/open                      {} → as the next; opens the chat without writing
    GET  …                           → {chat, bot, messages, reply_keyboard, drafts, reactions, pinned, topics,
                                       commands, menu_button, last_event_id, memory_id}; new memory_id: it forgot all
    GET  …/commands                  → {commands, menu_button}, in the person's language or `?language=`
    GET  …/messages?before=&limit=   → {messages}, oldest first
    POST …/messages                  {text, reply_to_message_id?, message_thread_id?, user_id?} → the message
    PATCH …/messages/{id}            {text, user_id?} → the message
    POST …/messages/{id}/press       {data, user_id?} → {answer: {text?, show_alert?, url?} or null}; null: too late
    POST …/messages/{id}/reaction    {emoji or null, user_id?}
    POST …/drafts/{id}/stop          {}
    POST …/block, …/unblock          {}
    POST …/uploads                   multipart: kind (photo, document, voice, …), file, caption?, media_group_id? (the
                                     same for all parts of an album), reply_to_message_id? → the message
    POST …/rich                      {rich_message: {html or markdown}} → the message
    POST …/contact                   {phone_number}
    POST …/location                  {latitude, longitude}
    POST …/managed-bots              {name, username} → the bot that a `request_managed_bot` button asks for
    POST …/web-app-data              {data, button_text}
    POST …/mini-app                  {url?, start_param?, platform?, theme_params?} → {url} with signed initData;
                                     without `url` the menu button's
    POST …/inline                    {query, offset?, inline_bot_id?} → {query_id, answer: {results, next_offset?,
                                     button?} or null}; of the chat's bot unless another is named
    POST …/inline/choose             {query_id, result_id} → the message
    POST …/topics                    {name} → the topic of a forum
    GET  /files/{file_id}            → the bytes of a file in a message
    GET  …/events                    server-sent events; `Last-Event-ID` or `?after=` resumes. Kinds: message, edited,
                                     deleted, draft, draft_gone, chat_action, callback_answer, reaction, commands,
                                     menu_button, membership, pinned; `reset` when events were forgotten: load anew

For the owner of the machine; not there when the sandbox is public
    GET  /bots/{bot_id}/token        → {token}
    GET  /bots/{bot_id}/calls?after= → {calls, now}: what the bot called, with numbers to go on from
    GET  /faults                     → {faults}
    POST /faults                     {kind, method?, bot_id?, chat_id?, times?, probability?, retry_after?, seconds?};
                                     `times` null means without end; kinds and fields are in `faults`
    POST /faults/seed                {seed}
    DELETE /faults, /faults/{id}
"""

from collections.abc import Iterator
from itertools import chain

from starlette.routing import Route

from kunak.integrations.telegram.sandbox.user_chats import CHAT_VIEWS
from kunak.integrations.telegram.sandbox.user_extras import EXTRA_VIEWS
from kunak.integrations.telegram.sandbox.user_feed import FEED_VIEWS
from kunak.integrations.telegram.sandbox.user_owner import OWNER_VIEWS
from kunak.integrations.telegram.sandbox.user_setup import SETUP_VIEWS
from kunak.integrations.telegram.sandbox.visits import View, endpoint
from kunak.integrations.telegram.sandbox.world import World


def user_side_routes(world: World, *, is_public: bool) -> list[Route]:
    """`is_public`: without what only the owner of the machine may do and see."""
    views = _views() if is_public else chain(_views(), OWNER_VIEWS)
    return [Route(path, endpoint(world, view), methods=[method]) for method, path, view in views]


def _views() -> Iterator[tuple[str, str, View]]:
    yield from SETUP_VIEWS
    yield from FEED_VIEWS
    yield from CHAT_VIEWS
    yield from EXTRA_VIEWS
