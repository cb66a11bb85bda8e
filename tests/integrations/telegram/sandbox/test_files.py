"""Photos, documents and albums: sent, sent again by id, downloaded."""

import base64
import io

import pytest
from aiogram.types import BufferedInputFile, InputMediaDocument, InputMediaPhoto, InputMediaVideo, MediaUnion, Message
from tests.integrations.telegram.sandbox.conftest import Town

from kunak.integrations.telegram.sandbox.files import FileStore, Upload
from kunak.integrations.telegram.sandbox.images import picture_size

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg=="
)


def photo() -> BufferedInputFile:
    return BufferedInputFile(PNG, "town.png")


@pytest.fixture
def met(town: Town) -> Town:
    town.sandbox.write_to(town.bot, town.alice, "hello")
    return town


async def test_a_photo_is_sent_and_downloaded(met: Town) -> None:
    sent = await met.client.send_photo(met.alice.id, photo(), caption="<b>Town</b>", parse_mode="HTML")
    assert sent.photo
    assert (sent.caption, sent.photo[0].width, sent.photo[0].height) == ("Town", 3, 2)
    file = await met.client.get_file(sent.photo[-1].file_id)
    assert file.file_path
    content = await met.client.download_file(file.file_path, io.BytesIO())
    assert content
    assert content.read() == PNG


async def test_a_file_is_sent_again_by_its_id(met: Town) -> None:
    first = await met.client.send_document(met.alice.id, BufferedInputFile(b"rules", "rules.txt"))
    assert first.document
    second = await met.client.send_document(met.alice.id, first.document.file_id)
    assert second.document
    assert (second.document.file_unique_id, second.document.file_name) == (first.document.file_unique_id, "rules.txt")
    refused = await met.refused("sendVoice", chat_id=met.alice.id, voice=first.document.file_id)
    assert refused == (400, "Bad Request: type of file mismatch")


@pytest.mark.parametrize("kind", ["document", "audio", "voice", "video", "animation", "video_note", "sticker"])
async def test_each_kind_of_file_is_sent(met: Town, kind: str) -> None:
    send = getattr(met.client, f"send_{kind}")
    sent: Message = await send(met.alice.id, BufferedInputFile(b"bytes", f"file.{kind}"))
    assert sent.content_type == kind


async def test_an_album_keeps_its_order_and_its_captions(met: Town) -> None:
    media: list[MediaUnion] = [
        InputMediaPhoto(media=photo(), caption="first"),
        InputMediaVideo(media=BufferedInputFile(b"v", "v.mp4")),
    ]
    sent = await met.client.send_media_group(met.alice.id, media)
    assert [message.content_type for message in sent] == ["photo", "video"]
    assert sent[0].media_group_id == sent[1].media_group_id
    assert sent[0].caption == "first"


async def test_documents_do_not_mix_with_photos(met: Town) -> None:
    await met.client.send_media_group(met.alice.id, [InputMediaDocument(media=BufferedInputFile(b"a", "a.txt"))])
    mixed = [{"type": "photo", "media": "x"}, {"type": "document", "media": "y"}]
    refused = await met.refused("sendMediaGroup", chat_id=met.alice.id, media=mixed)
    assert refused == (400, "Bad Request: document can't be mixed with other media types")


async def test_what_is_no_photo_and_what_is_not_known(met: Town) -> None:
    url = f"{met.url}/bot{met.bot.token}/sendPhoto"
    answer = await met.http.post(url, data={"chat_id": met.alice.id}, files={"photo": ("x.png", b"not a picture")})
    assert answer.json()["description"] == "Bad Request: IMAGE_PROCESS_FAILED"
    refused = await met.refused("sendPhoto", chat_id=met.alice.id, photo="nothing")
    assert refused == (400, "Bad Request: wrong file identifier/HTTP URL specified")


async def test_a_caption_is_edited_and_a_photo_exchanged(met: Town) -> None:
    sent = await met.client.send_photo(met.alice.id, photo(), caption="old")
    edited = await met.client.edit_message_caption(chat_id=met.alice.id, message_id=sent.message_id, caption="new")
    assert isinstance(edited, Message)
    assert edited.caption == "new"
    media = InputMediaPhoto(media=photo(), caption="other")
    exchanged = await met.client.edit_message_media(media, chat_id=met.alice.id, message_id=sent.message_id)
    assert isinstance(exchanged, Message)
    assert exchanged.caption == "other"


def test_the_oldest_file_leaves_when_there_is_no_room() -> None:
    store = FileStore(limit_bytes=10)
    old = store.put(Upload("a", "text/plain", b"123456"), "document")
    new = store.put(Upload("b", "text/plain", b"123456"), "document")
    assert (store.get(old.id), store.at_path(old.path)) == (None, None)
    assert store.get(new.id) is new


@pytest.mark.parametrize(
    ("head", "size"),
    [
        (PNG, (3, 2)),
        (b"GIF89a\x05\x00\x04\x00", (5, 4)),
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x06\x00\x07\x03\x01", (7, 6)),
        (b"RIFF\0\0\0\0WEBPVP8X\n\0\0\0\0\0\0\0\x08\0\0\x09\0\0", (9, 10)),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"%PDF", None),
    ],
)
def test_the_size_of_a_picture(head: bytes, size: tuple[int, int] | None) -> None:
    assert picture_size(head) == size
