"""Classes of a plot type: changed, merged, split by those who may."""

from __future__ import annotations

from inference_server.protocol.base import Message, Severity


class SetClass(Message, frozen=True, kw_only=True):
    """Add a class to a plot type, or change it. ``rename_to``: its new name, for the whole site."""

    plot_type_id: int
    name: str
    severity: Severity = Severity.NEUTRAL
    colour: str = ""
    key: str = ""
    description: str = ""
    teaches: bool = True  # False: never used in training, as Ignore
    rename_to: str = ""


class MergeClasses(Message, frozen=True, kw_only=True):
    """Give every picture of a plot type that is labelled ``source`` the label ``into``, as votes."""

    plot_type_id: int
    source: str
    into: str


class SplitClass(Message, frozen=True, kw_only=True):
    """Make the class ``into`` and give it to those of these pictures that are labelled ``source``, as votes.

    The new class means what the old one means until somebody changes it. All of it happens or none.
    """

    plot_type_id: int
    source: str
    into: str
    picture_ids: tuple[int, ...]  # at most 2000
    person: str = ""  # at a shared station; empty: the owner of the key
