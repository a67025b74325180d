"""Every colour of the program, as two frozen themes; nothing else in the tree names a colour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Fill:
    """A filled area and the text on it; the text's colour is also the badge's border there."""

    background: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """One complete set of colours ("#RRGGBB")."""

    name: str
    bg: str  # window
    surface: str  # cards, bars, rail
    sunken: str  # bad lane, tracks, empty cells
    hair: str  # decorative lines only
    border: str  # edges of controls, axes
    text: str
    muted: str
    accent: str
    accent_text: str
    accent_tint: str
    focus: str
    major_line: str
    masked: str  # hatching of what judging leaves out, and its badge
    good: Fill
    minor: Fill
    major: Fill
    invalid: Fill
    stale: Fill
    replay: Fill  # marks everything that is not live: no state of a plot
    classes: Mapping[str, str]
    picture_opacity: float  # of a plot picture in a tile; in full size it is always 1

    @property
    def fills(self) -> Mapping[str, Fill]:
        """State fills by the name of the state."""
        return {
            "good": self.good,
            "minor": self.minor,
            "major": self.major,
            "invalid": self.invalid,
            "stale": self.stale,
        }


LIGHT: Final = Theme(
    name="light",
    bg="#F2F4F7",
    surface="#FFFFFF",
    sunken="#E7EBF0",
    hair="#D3D9E1",
    border="#7A8594",
    text="#18202C",
    muted="#535E6E",
    accent="#1C5DA6",
    accent_text="#FFFFFF",
    accent_tint="#E3EDF8",
    focus="#0B63CE",
    major_line="#B00D0A",
    masked="#6A5A12",
    good=Fill("#4A5369", "#FFFFFF"),
    minor=Fill("#FDC322", "#000000"),
    major=Fill("#9F0504", "#FFFFFF"),
    invalid=Fill("#AC00FC", "#FFFFFF"),
    stale=Fill("#64D0FD", "#000000"),
    replay=Fill("#180030", "#FFFFFF"),
    classes=MappingProxyType(
        {
            "Good": "#128A55",
            "Bad": "#8C1A12",
            "NoData": "#BF7A0B",
            "LED": "#5B1FA8",
            "Cosmic": "#0B5563",
            "HotChannel": "#D61FA8",
            "Source": "#1F63E6",
            "Ignore": "#707377",
        }
    ),
    picture_opacity=1.0,
)

DARK: Final = Theme(
    name="dark",
    bg="#11151B",
    surface="#1A2028",
    sunken="#232B35",
    hair="#323C48",
    border="#7B8898",
    text="#E8ECF1",
    muted="#A3AEBB",
    accent="#86B7F3",
    accent_text="#0D1520",
    accent_tint="#1E2C3D",
    focus="#A9CEFF",
    major_line="#FF7468",
    masked="#D6C26E",
    good=Fill("#566079", "#FFFFFF"),
    minor=Fill("#FDC322", "#000000"),
    major=Fill("#D0231A", "#FFFFFF"),
    invalid=Fill("#AC00FC", "#FFFFFF"),
    stale=Fill("#64D0FD", "#000000"),
    replay=Fill("#F0F0D8", "#000000"),
    classes=MappingProxyType(
        {
            "Good": "#6FE0A6",
            "Bad": "#D9543F",
            "NoData": "#E8B84F",
            "LED": "#9A5CF0",
            "Cosmic": "#4FB4D0",
            "HotChannel": "#D9569A",
            "Source": "#6285E0",
            "Ignore": "#DDE2EA",
        }
    ),
    picture_opacity=0.88,
)

THEMES: Final[Mapping[str, Theme]] = MappingProxyType({"light": LIGHT, "dark": DARK})
_OTHERS: Final = ("Cosmic", "HotChannel", "Source", "LED", "NoData")


def class_colour(theme: Theme, name: str, severity: str = "neutral", own: str = "") -> str:
    """The colour of a class's mark: the site's ``own``, the theme's, or one by its severity."""
    if own:
        return own
    if name in theme.classes:
        return theme.classes[name]
    if severity in ("good", "bad"):
        return theme.classes[severity.capitalize()]
    # The same class must have the same colour on every station, so no hash of the process.
    return theme.classes[_OTHERS[sum(name.encode()) % len(_OTHERS)]]
