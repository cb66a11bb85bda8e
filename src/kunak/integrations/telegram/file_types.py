"""What a file is, from its first bytes: what its sender says of it proves nothing."""

_PICTURES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"GIF8", "image/gif"))
_SOUNDS = (
    (0, b"OggS", "ogg"),
    (0, b"ID3", "mp3"),
    (0, b"fLaC", "flac"),
    (4, b"ftyp", "mp4"),
    (8, b"WAVE", "wav"),
    (0, b"\x1a\x45\xdf\xa3", "webm"),
)
_MP3_FRAMES = (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa")


def picture_type(content: bytes) -> str | None:
    """The media type of a picture that models know; None for anything else."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((media_type for start, media_type in _PICTURES if content.startswith(start)), None)


def sound_extension(content: bytes) -> str | None:
    """How a file with this sound, or film with sound, is named; None for anything else."""
    if content[:2] in _MP3_FRAMES:
        return "mp3"
    return next((name for at, mark, name in _SOUNDS if content[at : at + len(mark)] == mark), None)
