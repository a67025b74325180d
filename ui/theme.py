"""The theme in force, and the palette and the one style sheet that are made from it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from ui.tokens import LIGHT, THEMES, Theme
from ui.type_scale import font

_in_force: list[Theme] = [LIGHT]


def current() -> Theme:
    """The theme that widgets paint with; they repaint by themselves when it changes."""
    return _in_force[0]


def choose(app: QApplication, wanted: str) -> Theme:
    """The theme for ``wanted``: "light", "dark", or "system" for what the desktop session uses."""
    if wanted in THEMES:
        return THEMES[wanted]
    dark = app.styleHints().colorScheme() is Qt.ColorScheme.Dark
    return THEMES["dark" if dark else "light"]


def apply(app: QApplication, theme: Theme, icons: str = "") -> None:
    """Put ``theme`` into force; ``icons`` is the folder of the arrows and ticks in boxes.

    A theme that is in force already costs nothing: to style every widget again takes a second.
    """
    _in_force[0] = theme
    sheet = style_sheet(theme, icons)
    if app.styleSheet() == sheet:
        return
    app.setStyle("Fusion")
    app.setFont(font("body"))
    app.setPalette(palette(theme))
    app.setStyleSheet(sheet)


def palette(theme: Theme) -> QPalette:
    """The theme for everything that Qt draws by itself."""
    made = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.bg,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.surface,
        QPalette.ColorRole.AlternateBase: theme.sunken,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.Button: theme.surface,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.BrightText: theme.text,
        QPalette.ColorRole.ToolTipBase: theme.surface,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.accent_text,
        QPalette.ColorRole.Link: theme.accent,
        QPalette.ColorRole.LinkVisited: theme.accent,
        QPalette.ColorRole.Mid: theme.hair,
        QPalette.ColorRole.Dark: theme.border,
    }
    for role, colour in roles.items():
        made.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.muted))
    return made


def style_sheet(theme: Theme, icons: str = "") -> str:
    """The one style sheet. Widgets say what they are by ``kind``; state by dynamic properties."""
    return _BARS.format(t=theme) + _CONTROLS.format(t=theme, icons=icons) + _FILLS.format(t=theme)


_BARS = """
QWidget {{ color: {t.text}; }}
QMainWindow, QDialog, [kind="page"] {{ background: {t.bg}; }}
QToolTip {{ background: {t.surface}; color: {t.text}; border: 1px solid {t.border}; padding: 4px; }}
QMenuBar {{ background: {t.surface}; border-bottom: 1px solid {t.hair}; padding: 0 4px; }}
QMenuBar::item {{ padding: 5px 9px; background: transparent; border-radius: 4px; }}
QMenuBar::item:selected {{ background: {t.accent_tint}; }}
QMenu {{ background: {t.surface}; border: 1px solid {t.border}; padding: 4px; }}
QMenu::item {{ padding: 5px 28px 5px 24px; border-radius: 4px; }}
QMenu::item:selected {{ background: {t.accent_tint}; }}
QMenu::item:disabled {{ color: {t.muted}; }}
QMenu::separator {{ height: 1px; background: {t.hair}; margin: 4px 8px; }}
[kind="status-line"] {{ background: {t.surface}; border-bottom: 1px solid {t.hair}; }}
[kind="foot"] {{ background: {t.surface}; border-top: 1px solid {t.hair}; }}
[kind="rail"] {{ background: {t.surface}; border-right: 1px solid {t.hair}; }}
[kind="page-head"] {{ background: {t.surface}; border-bottom: 1px solid {t.hair}; }}
[kind="popup"] {{ background: {t.surface}; border: 2px solid {t.border}; border-radius: 8px; }}
[kind="alarm-row"] {{ background: {t.bg}; border: 1px solid {t.hair}; border-radius: 6px; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {t.hair}; }}
QTabBar::tab {{ background: transparent; color: {t.muted}; padding: 7px 14px; border: 2px solid transparent;
  border-bottom: 3px solid transparent; }}
QTabBar::tab:selected {{ color: {t.text}; border-bottom-color: {t.accent}; font-weight: 600; }}
QTabBar::tab:focus {{ border-color: {t.focus}; }}
[kind="lane"] {{ background: {t.sunken}; border-left: 1px solid {t.hair}; }}
[kind="card"] {{ background: {t.surface}; border: 1px solid {t.hair}; border-radius: 6px; }}
[kind="picture"] {{ background: {t.surface}; border: 1px solid {t.border}; border-radius: 6px; }}
[kind="preparing"] {{ background: {t.accent_tint}; border-bottom: 1px solid {t.hair}; }}
[kind="muted"] {{ color: {t.muted}; }}
[kind="popup"] {{ background: {t.surface}; border: 1px solid {t.border}; border-radius: 8px; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
QSplitter::handle {{ background: {t.bg}; }}
QSplitter::handle:hover {{ background: {t.accent}; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
QScrollBar::handle {{ background: {t.border}; border-radius: 4px; margin: 2px; min-height: 32px; min-width: 32px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""

_CONTROLS = """
QPushButton, QComboBox, QLineEdit, QAbstractSpinBox {{ background: {t.surface}; border: 1px solid {t.border};
  border-radius: 4px; padding: 3px 10px; min-height: 20px; }}
QPushButton:hover, QComboBox:hover {{ background: {t.accent_tint}; }}
QAbstractSpinBox {{ padding: 3px 0 3px 8px; }}
QPushButton:focus, QComboBox:focus, QLineEdit:focus {{ border: 2px solid {t.focus}; padding: 2px 9px; }}
QPushButton:disabled, QComboBox:disabled, QLineEdit:disabled {{ color: {t.muted}; border-color: {t.hair}; }}
QPushButton[kind="primary"] {{ background: {t.accent}; color: {t.accent_text}; border-color: {t.accent};
  font-weight: 600; min-height: 24px; padding: 3px 14px; }}
QPushButton[kind="primary"]:focus {{ border: 2px solid {t.text}; }}
QPushButton[kind="primary"]:disabled {{ background: {t.sunken}; color: {t.muted}; border-color: {t.hair}; }}
QPushButton:checked {{ background: {t.accent_tint}; border: 2px solid {t.accent}; padding: 2px 9px; }}
QPushButton[kind="plain"] {{ background: transparent; border-color: transparent; }}
QPushButton[kind="plain"]:hover {{ background: {t.accent_tint}; }}
QPushButton[kind="plain"]:focus {{ border: 2px solid {t.focus}; }}
QPushButton[kind="plain"]:checked {{ background: {t.accent_tint}; border-color: {t.border}; }}
QPushButton[kind="badge"] {{ background: {t.sunken}; border: 1px solid {t.text}; }}
QPushButton[kind="badge"]:focus {{ border: 2px solid {t.focus}; }}
QPushButton[kind="link"] {{ background: transparent; border: 2px solid transparent; color: {t.accent};
  text-decoration: underline; padding: 0 2px; }}
QPushButton[kind="link"]:focus {{ border: 2px solid {t.focus}; }}
QComboBox {{ padding-right: 24px; }}
QComboBox::drop-down, QDateTimeEdit::drop-down {{ border: none; width: 22px; }}
QComboBox::down-arrow, QDateTimeEdit::down-arrow {{ image: url("{icons}/caret.svg"); width: 10px; height: 10px; }}
QComboBox QAbstractItemView {{ background: {t.surface}; border: 1px solid {t.border}; outline: none;
  selection-background-color: {t.accent_tint}; selection-color: {t.text}; }}
QAbstractSpinBox:focus {{ border: 2px solid {t.focus}; padding: 2px 0 2px 7px; }}
QAbstractSpinBox:disabled {{ color: {t.muted}; border-color: {t.hair}; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ subcontrol-origin: border; border: none; width: 22px; height: 13px; }}
QAbstractSpinBox::up-button {{ subcontrol-position: top right; }}
QAbstractSpinBox::down-button {{ subcontrol-position: bottom right; }}
QAbstractSpinBox::up-arrow {{ image: url("{icons}/caret-up.svg"); width: 9px; height: 9px; }}
QAbstractSpinBox::down-arrow {{ image: url("{icons}/caret.svg"); width: 9px; height: 9px; }}
QLineEdit {{ selection-background-color: {t.accent}; selection-color: {t.accent_text}; }}
QRadioButton, QCheckBox {{ spacing: 8px; min-height: 26px; border: 2px solid transparent; border-radius: 4px; padding-right: 6px; }}
QRadioButton:focus, QCheckBox:focus {{ border: 2px solid {t.focus}; }}
QRadioButton::indicator {{ width: 14px; height: 14px; border: 2px solid {t.border}; border-radius: 9px;
  background: {t.surface}; }}
QRadioButton::indicator:checked {{ border: 5px solid {t.accent}; width: 8px; height: 8px; }}
QCheckBox::indicator:unchecked, QListView::indicator:unchecked {{ width: 14px; height: 14px; border: 2px solid {t.border}; border-radius: 3px;
  background: {t.surface}; }}
QCheckBox::indicator:checked {{ width: 14px; height: 14px; border: 2px solid {t.accent}; border-radius: 3px;
  background: {t.surface}; image: url("{icons}/check.svg"); }}
QListView::indicator:checked {{ width: 14px; height: 14px; border: 2px solid {t.accent}; border-radius: 3px;
  background: {t.accent}; }}
QToolButton[kind="rail"] {{ border: none; border-left: 3px solid transparent; border-radius: 4px;
  padding: 6px 3px; color: {t.muted}; background: transparent; }}
QToolButton[kind="rail"]:hover {{ background: {t.sunken}; }}
QToolButton[kind="rail"]:checked {{ color: {t.text}; background: {t.accent_tint}; border-left-color: {t.accent};
  font-weight: 600; }}
QToolButton[kind="rail"]:focus {{ border: 2px solid {t.focus}; }}
QListView {{ background: transparent; border: none; outline: none; }}
QDoubleSpinBox[kind="exact"] {{ padding: 2px 0 2px 6px; }}
QDoubleSpinBox[kind="exact"]:focus {{ padding: 1px 0 1px 5px; }}
QDoubleSpinBox[kind="exact"]::up-button, QDoubleSpinBox[kind="exact"]::down-button {{ width: 0; border: none; }}
QDoubleSpinBox[kind="exact"]::up-arrow, QDoubleSpinBox[kind="exact"]::down-arrow {{ image: none; }}
QListWidget::item:selected {{ background: {t.accent_tint}; color: {t.text}; }}
QListWidget:focus {{ border: 2px solid {t.focus}; }}
QTreeView {{ background: {t.surface}; border: none; outline: none;
  selection-background-color: {t.accent_tint}; selection-color: {t.text}; }}
QTreeView::item {{ min-height: 26px; }}
QTreeView::item:selected {{ background: {t.accent_tint}; color: {t.text}; }}
QTreeView:focus {{ border: 2px solid {t.focus}; }}
QTableView {{ background: {t.surface}; border: none; gridline-color: {t.hair};
  selection-background-color: {t.accent_tint}; selection-color: {t.text}; }}
QTableView::item {{ padding: 0 6px; }}
QTableView:focus {{ border: 2px solid {t.focus}; }}
QHeaderView::section {{ background: {t.surface}; color: {t.muted}; border: none; border-bottom: 1px solid {t.hair};
  padding: 4px 8px; }}
QGraphicsView {{ background: transparent; border: 2px solid transparent; }}
QGraphicsView:focus {{ border: 2px solid {t.focus}; }}
QSlider {{ min-height: 22px; border: 2px solid transparent; border-radius: 4px; }}
QSlider:focus {{ border: 2px solid {t.focus}; }}
QSlider::groove:horizontal {{ height: 4px; background: {t.border}; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ height: 4px; background: {t.accent}; border-radius: 2px; }}
QSlider::handle:horizontal {{ width: 12px; margin: -5px 0; background: {t.surface}; border: 2px solid {t.accent};
  border-radius: 8px; }}
QPlainTextEdit {{ background: {t.surface}; border: 1px solid {t.border}; border-radius: 4px; }}
QPlainTextEdit:focus {{ border: 2px solid {t.focus}; }}
[kind="news"] {{ background: {t.accent_tint}; border-bottom: 1px solid {t.hair}; }}
QProgressBar {{ background: {t.sunken}; border: 1px solid {t.border}; border-radius: 4px; max-height: 10px; }}
QProgressBar::chunk {{ background: {t.accent}; border-radius: 3px; }}
"""

_FILLS = """
[state="major"] {{ background: {t.major.background}; color: {t.major.text}; border: 2px solid {t.text}; }}
[state="minor"] {{ background: {t.minor.background}; color: {t.minor.text}; border: 2px solid {t.text}; }}
[state="invalid"] {{ background: {t.invalid.background}; color: {t.invalid.text}; border: 2px solid {t.text}; }}
[state="stale"] {{ background: {t.stale.background}; color: {t.stale.text}; border: 2px solid {t.text}; }}
QPushButton[state="major"], QPushButton[state="minor"] {{ border-radius: 4px; padding: 4px 14px; }}
QPushButton[state="major"]:hover {{ background: {t.major.background}; border-color: {t.focus}; }}
QPushButton[state="minor"]:hover {{ background: {t.minor.background}; border-color: {t.focus}; }}
QPushButton[state="major"]:focus, QPushButton[state="minor"]:focus {{ border: 3px solid {t.focus}; padding: 3px 13px; }}
[state="major"] QLabel, [state="minor"] QLabel, [state="invalid"] QLabel, [state="stale"] QLabel {{
  background: transparent; border: none; }}
[state="major"] QLabel {{ color: {t.major.text}; }}
[state="minor"] QLabel {{ color: {t.minor.text}; }}
[state="invalid"] QLabel {{ color: {t.invalid.text}; }}
[state="stale"] QLabel {{ color: {t.stale.text}; }}
QFrame[state] {{ border-radius: 4px; }}
[kind="banner"] {{ background: {t.stale.background}; }}
[kind="banner"] QLabel {{ color: {t.stale.text}; }}
[kind="replay"] {{ background: {t.replay.background}; }}
[kind="replay"] QLabel {{ color: {t.replay.text}; }}
[kind="replay"] QLabel[kind="replay-tag"] {{ color: {t.replay.background}; }}
[kind="replay"] QLabel[state="major"] {{ background: {t.major.background}; color: {t.major.text};
  border: 2px solid {t.major.text}; padding: 3px 8px; font-weight: 700; }}
QLabel[kind="replay-tag"] {{ background: {t.replay.text}; color: {t.replay.background}; border-radius: 3px;
  padding: 2px 8px; font-weight: 700; }}
QDialog QLabel[kind="replay-tag"], [kind="lane"] QLabel[kind="replay-tag"] {{
  background: {t.replay.background}; color: {t.replay.text}; }}
"""
