"""Parts side by side of which the least needed are left out where there is too little room."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

Widths = Callable[[Sequence[QWidget]], int]


class Crowd:
    """Who is to be seen, as wished from outside, and who gives way; hides and shows the parts itself."""

    def __init__(self) -> None:
        self._wished: dict[QWidget, bool] = {}  # in the order in which they stand
        self._spare: list[QWidget] = []  # the least needed first

    def add(self, part: QWidget, *, shown: bool = True) -> None:
        """One more; it never gives way before ``spare`` says so."""
        part.ensurePolished()  # else it would say that it needs less than it will
        self._wished[part] = shown

    def spare(self, *parts: QWidget) -> None:
        """These give way, the least needed first; others of an earlier call stay behind them."""
        self._spare = [*parts, *(part for part in self._spare if part not in parts)]

    def forget(self, part: QWidget) -> None:
        """It is gone."""
        self._wished.pop(part, None)
        self._spare = [each for each in self._spare if each is not part]

    def wish(self, part: QWidget, shown: bool) -> None:
        """Whether it has something to say."""
        self._wished[part] = shown

    def wished(self) -> list[QWidget]:
        """Those that have something to say."""
        return [part for part, wished in self._wished.items() if wished]

    def least(self) -> list[QWidget]:
        """Those that never give way."""
        return [part for part in self.wished() if part not in self._spare]

    def fit(self, room: int, width: Widths) -> None:
        """Show as many as have room in ``room`` px; ``width``: what some of them need."""
        shown = self.wished()
        for part in self._spare:
            if width(shown) <= room:
                break
            shown = [each for each in shown if each is not part]
        for part in self._wished:
            if part.isHidden() is (part in shown):
                part.setVisible(part in shown)
