"""How this station has arranged its run page: a value that pure functions change, kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec


class Station(msgspec.Struct, frozen=True, kw_only=True):
    """``hidden``, ``order`` and the groups hold names of plot types."""

    hidden: frozenset[str] = frozenset()
    groups: dict[str, tuple[str, ...]] = {}  # own groups, by name
    order: tuple[str, ...] = ()  # own order; what is not in it comes last
    group: str = ""  # the chosen one
    order_by: str = "fixed"
    lanes: int = 2
    fold: bool = True  # groups of many plots stand folded
    unfolded: frozenset[str] = frozenset()  # but for these

    def hide(self, name: str) -> Station:
        """With ``name`` hidden."""
        return msgspec.structs.replace(self, hidden=self.hidden | {name})

    def bring_back(self, names: Sequence[str]) -> Station:
        """With ``names`` shown again."""
        return msgspec.structs.replace(self, hidden=self.hidden - set(names))

    def put_into(self, group: str, name: str) -> Station:
        """With ``name`` in an own group, which is made if it is new."""
        held = self.groups.get(group, ())
        names = held if name in held else (*held, name)
        return msgspec.structs.replace(self, groups={**self.groups, group: names})

    def take_out(self, group: str, name: str) -> Station:
        """Without ``name`` in that group; an empty group goes."""
        left = tuple(each for each in self.groups.get(group, ()) if each != name)
        others = {key: names for key, names in self.groups.items() if key != group}
        return msgspec.structs.replace(self, groups={**others, group: left} if left else others)

    def unfold(self, group: str) -> Station:
        """With the plots of ``group`` shown."""
        return msgspec.structs.replace(self, unfolded=self.unfolded | {group})

    def fold_again(self, group: str) -> Station:
        """With ``group`` as one tile, where there are many plots."""
        return msgspec.structs.replace(self, unfolded=self.unfolded - {group})

    def moved(self, name: str, to: str, shown: Sequence[str]) -> Station:
        """With ``name`` at the place of ``to``, both among ``shown`` as they stand now."""
        if name not in shown or to not in shown or name == to:
            return self
        names = [each for each in shown if each != name]
        after = shown.index(name) < shown.index(to)
        names.insert(names.index(to) + after, name)
        rest = [each for each in self.order if each not in names]
        return msgspec.structs.replace(self, order=(*names, *rest), order_by="own")

    def reset(self) -> Station:
        """The layout as at first; what is hidden and grouped stays."""
        return Station(hidden=self.hidden, groups=self.groups)


def dump(station: Station) -> str:
    """As text, for the settings file."""
    return msgspec.json.encode(station).decode()


def load(text: str) -> Station:
    """The inverse of ``dump``; a file that is old or edited by hand gives the first layout."""
    try:
        return msgspec.json.decode(text.encode(), type=Station)
    except msgspec.MsgspecError:
        return Station()


def group_choices(
    groups: Sequence[str], own: Mapping[str, Sequence[str]]
) -> tuple[tuple[str, str], ...]:
    """Words and keys for the choice of a group: the nested ones indented, then the station's own."""
    paths: set[str] = set()
    for group in groups:
        parts = group.split("/")
        paths |= {"/".join(parts[: n + 1]) for n in range(len(parts))}
    nested = [("    " * path.count("/") + path.rpartition("/")[2], path) for path in sorted(paths)]
    return (*nested, *((f"★ {name}", f"★{name}") for name in sorted(own)))


def in_group(name: str, group: str, chosen: str, own: Mapping[str, Sequence[str]]) -> bool:
    """Whether a plot type of ``group`` belongs to the ``chosen`` group (empty: all do)."""
    if chosen.startswith("★"):
        return name in own.get(chosen[1:], ())
    return chosen in ("", group) or group.startswith(f"{chosen}/")
