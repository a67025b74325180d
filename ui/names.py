"""Long names of plots: broken into lines, never cut."""

from __future__ import annotations

import re

from PySide6.QtGui import QFontMetrics

_MAY_BREAK = "\u200b"  # no width: Qt breaks a line here


def broken(name: str, metrics: QFontMetrics, room: int) -> list[str]:
    """``name`` in lines of ``room`` px, after a ``_`` or a space where one is near; nothing is lost."""
    lines = [""]
    for part in re.findall(r"[^_\s]*[_\s]*", name):
        if metrics.horizontalAdvance(lines[-1] + part) > room and lines[-1]:
            lines.append("")
        for letter in part:
            if metrics.horizontalAdvance(lines[-1] + letter) > room and lines[-1]:
                lines.append("")
            lines[-1] += letter
    return lines


def breakable(sentence: str, metrics: QFontMetrics, room: int) -> str:
    """``sentence`` for a label ``room`` px wide that breaks lines at spaces only."""
    return " ".join(_MAY_BREAK.join(broken(word, metrics, room)) for word in sentence.split(" "))
