"""Reading a call from HTTP: query string, JSON, form, or form with files."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qsl

import orjson
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.types import Receive, Scope

from kunak.integrations.telegram.sandbox.files import Upload
from kunak.integrations.telegram.sandbox.refusals import JsonObject, Refusal, bad_request

LARGEST_BODY = 52_428_800  # Telegram takes files of 50 MB from bots
_LARGEST_FIELD = 1_048_576
_MOST_FILES = 100

Request = tuple[JsonObject, dict[str, Upload]]


async def read_call(scope: Scope, receive: Receive) -> Request:
    """Parameters and files. Raises Refusal for a body that is none of these or too large."""
    query = scope["query_string"]
    params: JsonObject = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True)) if query else {}
    body = await read_body(receive)
    if not body:
        return params, {}
    given, files = await parse_body(body, Headers(scope=scope).get("content-type", ""))
    return (params | given if params else given), files


async def read_body(receive: Receive) -> bytes:
    """The whole body. Raises Refusal (413) past Telegram's limit."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > LARGEST_BODY:
            raise Refusal(413, "Request Entity Too Large")
        parts.append(part)
    return b"".join(parts)


async def parse_body(body: bytes, content_type: str) -> Request:
    """Parameters and files of a body; also how a webhook's answer is read."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return dict(parse_qsl(_as_text(body), keep_blank_values=True)), {}
    if kind == "application/json":
        return _parse_json(body), {}
    if kind == "multipart/form-data":
        return await _parse_multipart(body, content_type)
    return {}, {}


def _as_text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise bad_request("strings must be encoded in UTF-8") from None


def _parse_json(body: bytes) -> JsonObject:
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise bad_request("can't parse request JSON object") from None
    if not isinstance(given, dict):
        raise bad_request("expected a JSON object")
    return given


async def _parse_multipart(body: bytes, content_type: str) -> Request:
    async def stream() -> AsyncIterator[bytes]:
        yield body

    parser = MultiPartParser(
        Headers({"content-type": content_type}),
        stream(),  # type: ignore[arg-type] # starlette asks for a generator and only iterates
        max_files=_MOST_FILES,
        max_part_size=_LARGEST_FIELD,
    )
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError):
        raise bad_request("can't parse multipart form data") from None
    try:
        return await _split_form(form)
    finally:
        await form.close()


async def _split_form(form: FormData) -> Request:
    params: JsonObject = {}
    files: dict[str, Upload] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            mime_type = value.content_type or "application/octet-stream"
            files[name] = Upload(value.filename or name, mime_type, await value.read())
            params.setdefault(name, f"attach://{name}")
        else:
            params[name] = value
    return params, files
