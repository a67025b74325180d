"""Fills the real window with simulated plots and saves pictures of it: ``python docs/make_screenshots.py``.

The window, the models and the rooms are those of the program; only the network is left out: the
verdicts come from this script. The pictures are drawn by the simulator of the server.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QObject, QSettings
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
