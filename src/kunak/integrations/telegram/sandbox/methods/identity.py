"""Who the bot is, and what it says about itself: name, descriptions, commands, menu button."""

from kunak.integrations.telegram.sandbox.calls import Answer, Call, acts
from kunak.integrations.telegram.sandbox.keyboards import check_web_app
from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request

_MOST_COMMANDS = 100


@acts("getMe")
def get_me(call: Call) -> Answer:
    return call.bot.profile


@acts("logOut", "close")
def leave_server(_call: Call) -> Answer:
    return True


@acts("setMyCommands")
def set_commands(call: Call) -> Answer:
    commands: list[JsonObject] = call.params["commands"]
    if len(commands) > _MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        _check_command(command)
    call.bot.settings.commands[_command_key(call)] = [
        {key: value for key, value in command.items() if value is not None}
        | {"command": command["command"].removeprefix("/")}
        for command in commands
    ]
    call.world.events.add("commands", call.bot.id, None, {})
    return True


@acts("getMyCommands")
def get_commands(call: Call) -> Answer:
    return call.bot.settings.commands.get(_command_key(call), [])


@acts("deleteMyCommands")
def delete_commands(call: Call) -> Answer:
    call.bot.settings.commands.pop(_command_key(call), None)
    call.world.events.add("commands", call.bot.id, None, {})
    return True


@acts("setChatMenuButton")
def set_menu_button(call: Call) -> Answer:
    button = call.params.get("menu_button") or {"type": "default"}
    check_web_app(button, "menu button")
    call.bot.settings.menu_buttons[call.params.get("chat_id")] = button
    call.world.events.add("menu_button", call.bot.id, call.params.get("chat_id"), {"menu_button": button})
    return True


@acts("getChatMenuButton")
def get_menu_button(call: Call) -> Answer:
    buttons = call.bot.settings.menu_buttons
    return buttons.get(call.params.get("chat_id")) or buttons.get(None) or {"type": "commands"}


@acts("setMyName", "setMyDescription", "setMyShortDescription")
def set_text(call: Call) -> Answer:
    field, texts = _text_of(call)
    language, text = call.params.get("language_code", ""), call.params.get(field, "")
    if text:
        texts[language] = text
    else:
        texts.pop(language, None)
    return True


@acts("getMyName", "getMyDescription", "getMyShortDescription")
def get_text(call: Call) -> Answer:
    field, texts = _text_of(call)
    default = call.bot.name if field == "name" else ""
    return {field: texts.get(call.params.get("language_code", "")) or texts.get("") or default}


def _text_of(call: Call) -> tuple[str, dict[str, str]]:
    settings = call.bot.settings
    return {
        "Name": ("name", settings.names),
        "Description": ("description", settings.descriptions),
        "ShortDescription": ("short_description", settings.short_descriptions),
    }[call.method[5:]]


def _command_key(call: Call) -> tuple[str, str]:
    scope = call.params.get("scope") or {"type": "default"}
    parts = [str(scope[key]) for key in ("type", "chat_id", "user_id") if key in scope]
    return ":".join(parts), call.params.get("language_code", "")


def _check_command(command: JsonObject) -> None:
    name = command["command"].removeprefix("/")
    if not (0 < len(name) <= 32 and all(sign.islower() or sign.isdigit() or sign == "_" for sign in name)):  # noqa: PLR2004 - Telegram's limit
        raise bad_request("BOT_COMMAND_INVALID")
    if not 0 < len(command["description"]) <= 256:  # noqa: PLR2004 - Telegram's limit
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
