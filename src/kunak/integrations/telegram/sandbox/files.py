"""Files that were sent: kept by id, up to a number of bytes; the oldest leave first."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True)
class Upload:
    """A file as it came with a request."""

    name: str
    mime_type: str
    content: bytes


@dataclass(frozen=True)
class StoredFile:
    """`path` is what `getFile` tells and the download address ends with."""

    id: str
    unique_id: str
    path: str
    kind: str
    upload: Upload


class FileStore:
    """Bytes in memory, never more than `limit_bytes` together."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._size = 0
        self._by_id: OrderedDict[str, StoredFile] = OrderedDict()
        self._by_path: dict[str, StoredFile] = {}

    def put(self, upload: Upload, kind: str) -> StoredFile:
        unique = secrets.token_urlsafe(11)
        extension = upload.name.rpartition(".")[2].lower() if "." in upload.name else "bin"
        path = f"{kind}s/{unique}.{extension if extension.isalnum() else 'bin'}"
        stored = StoredFile(f"SANDBOX{kind}{secrets.token_urlsafe(33)}", unique, path, kind, upload)
        self._by_id[stored.id] = stored
        self._by_path[path] = stored
        self._size += len(upload.content)
        while self._size > self._limit and len(self._by_id) > 1:
            self._forget_oldest()
        return stored

    def get(self, file_id: str) -> StoredFile | None:
        return self._by_id.get(file_id)

    def at_path(self, path: str) -> StoredFile | None:
        return self._by_path.get(path)

    def _forget_oldest(self) -> None:
        _, oldest = self._by_id.popitem(last=False)
        del self._by_path[oldest.path]
        self._size -= len(oldest.upload.content)
