"""Objects as servers send them that know an earlier layer of Telegram's schema, read as today's.

Telethon knows one layer. Telegram itself answers each client in the layer that it names; servers that others have
written answer in the newest that they know. `older_layers.txt` says how the objects that we read looked in the layers
since 155: a name, a constructor, fields.
"""

import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from telethon.tl import types
from telethon.tl.alltlobjects import tlobjects

_SCHEMA = Path(__file__).with_name("older_layers.txt")
_VECTOR = "Vector<"


def learn_older_layers() -> None:
    """From now on Telethon reads them."""
    for line in _SCHEMA.read_text("ascii").splitlines():
        head, *fields = line.split()
        name, constructor = head.split("#")
        tlobjects.setdefault(int(constructor, 16), _Older(name, tuple(_field(each) for each in fields)))


@dataclass(frozen=True)
class _Field:
    name: str
    kind: str
    flags: str | None = None
    bit: int = 0


def _field(written: str) -> _Field:
    """`id:int`, or `views:flags.10?int` for one that is there when a bit of another is set."""
    name, kind = written.split(":")
    if "?" not in kind:
        return _Field(name, kind)
    condition, kind = kind.split("?")
    flags, bit = condition.split(".")
    return _Field(name, kind, flags, 1 << int(bit))


class _Older:
    """To Telethon's reader as good as a class."""

    def __init__(self, name: str, fields: tuple[_Field, ...]) -> None:
        self._name = name
        self._fields = fields

    def from_reader(self, reader: Any) -> Any:
        """Today's object; what it had not yet is None, what it has no longer is left out."""
        read: dict[str, Any] = {}
        for field in self._fields:
            is_there = field.flags is None or bool(read[field.flags] & field.bit)
            if field.kind == "true":
                read[field.name] = is_there
            else:
                read[field.name] = _read(reader, field.kind) if is_there else None
        today: Any = types
        for part in self._name.split("."):
            today = getattr(today, part)
        return today(
            **{name: read.get(name) for name in inspect.signature(today.__init__).parameters if name != "self"}
        )


def _read(reader: Any, kind: str) -> Any:
    if kind.startswith(_VECTOR):
        reader.read_int()
        return [_read(reader, kind[len(_VECTOR) : -1]) for _ in range(reader.read_int())]
    return _READERS[kind](reader)


_READERS = {
    "#": lambda reader: reader.read_int(),
    "int": lambda reader: reader.read_int(),
    "long": lambda reader: reader.read_long(),
    "double": lambda reader: reader.read_double(),
    "string": lambda reader: reader.tgread_string(),
    "bytes": lambda reader: reader.tgread_bytes(),
    "date": lambda reader: reader.tgread_date(),
    "Bool": lambda reader: reader.tgread_bool(),
    "Object": lambda reader: reader.tgread_object(),
}
