"""Who may do what, as a desktop asks it."""

from __future__ import annotations

from enum import StrEnum

from inference_server.protocol.base import Message


class Role(StrEnum):
    """What a person may do; each role includes those before it."""

    VIEWER = "viewer"
    SHIFTER = "shifter"  # acknowledges, shelves
    LABELLER = "labeller"  # labels
    EXPERT = "expert"  # thresholds, activation, sign-off, classes, guidance
    MAINTAINER = "maintainer"  # plot types, settings, retention
    ADMIN = "admin"  # users and their rights

    def includes(self, other: Role) -> bool:
        """Whether somebody with this role may do what ``other`` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


class GetMyRights(Message, frozen=True, kw_only=True):
    """What the owner of this station's key may do."""


class MyRights(Message, frozen=True, kw_only=True):
    """``everywhere`` holds for all plot types; ``by_plot_type`` (ids) can only widen it.

    ``open_house``: nobody is an admin yet, so everybody may do everything.
    """

    who: str
    everywhere: Role
    by_plot_type: dict[int, Role] = {}
    open_house: bool = False

    def may(self, role: Role, plot_type_id: int | None = None) -> bool:
        """Whether ``role`` is held, everywhere or for this plot type."""
        held = self.by_plot_type.get(plot_type_id, Role.VIEWER) if plot_type_id else Role.VIEWER
        return self.everywhere.includes(role) or held.includes(role)
