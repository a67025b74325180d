"""Puts the theme in force that the person, or else the system, wants."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication

import resources
from ui import icons, theme


class Looks(QObject):
    """Follows the system while the wish is "system"."""

    def __init__(self, app: QApplication, wanted: str) -> None:
        super().__init__(app)
        self._app, self.wanted = app, wanted
        icons.read_from(resources.path("icons"))
        app.styleHints().colorSchemeChanged.connect(self._follow)
        self.want(wanted)

    def want(self, wanted: str) -> None:
        """ "light", "dark" or "system"; takes effect at once."""
        self.wanted = wanted
        theme.apply(
            self._app,
            theme.choose(self._app, wanted),
            resources.path("icons").as_posix(),
        )

    @Slot()
    def _follow(self) -> None:
        if self.wanted == "system":
            self.want("system")
