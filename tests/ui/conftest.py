"""Fixtures of the ui tests: icons from the checkout, and a theme."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

import resources
from ui import icons, theme
from ui.tokens import LIGHT


@pytest.fixture(autouse=True)
def _look(qapp: QApplication) -> Iterator[None]:
    icons.read_from(resources.path("icons"))
    theme.apply(qapp, LIGHT)
    yield
    theme.apply(qapp, LIGHT)
