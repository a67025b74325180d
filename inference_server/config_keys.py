"""Keys of the settings that nobody knows, and what was probably meant. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

Tables = Mapping[str, type[msgspec.Struct]]


def complaint(
    raw: Mapping[str, Any], struct: type[msgspec.Struct], tables: Tables, where: str = ""
) -> str:
    """A sentence on the first key that ``struct`` does not have; empty: all are known.

    ``tables``: what a table, or each of a list of tables, under a key has to be.
    """
    known = [field.name for field in msgspec.structs.fields(struct)]
    for key, value in raw.items():
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f" Did you mean {close[0]}?" if close else f" Known keys: {', '.join(known)}."
            return f"unknown key {where}{key}.{hint}"
        for table in _tables(value) if key in tables else ():
            if found := complaint(table, tables[key], tables, f"{key}."):
                return found
    return ""


def _tables(value: object) -> Iterator[Mapping[str, Any]]:
    for each in value if isinstance(value, list) else (value,):
        if isinstance(each, dict):
            yield each
