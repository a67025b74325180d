"""What the labeler says of the work: palette, progress, agreement, what a training made of it. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from hydra_desktop.label_session import Change
from inference_server.protocol import labelling as p
from inference_server.protocol.label_acts import OwnAct, OwnActs
from inference_server.protocol.library import ModelInfo
from inference_server.protocol.matrix import Share
from ui.class_bars import percent
from ui.label_roles import Brush

RATE_S = 300.0  # the rate is that of the last minutes
_LEADERS, _PAIRS, _CLASSES, _VOTES = 5, 4, 6, 6
_THOUSAND = 1000
_KEYS = "123456789EGHJKLMNOPQRXY"  # letters for the tenth class and on: those that no action has
_IGNORE_KEY = "0"  # of the first class that does not teach

Facts = list[tuple[str, str]]


def brushes(classes: Sequence[p.PaletteClass], held: Collection[str] = ()) -> tuple[Brush, ...]:
    """The palette; a class without a key of its own gets a digit or a letter that is not ``held`` by an
    action (in capitals); the one that does not teach gets the 0.
    """
    taken = {each.key.upper() for each in classes} | set(held)
    free = (key for key in _KEYS if key not in taken)
    ignore = iter(() if _IGNORE_KEY in taken else (_IGNORE_KEY,))
    return tuple(
        Brush(
            each.name, each.key or next(free if each.teaches else ignore, ""), each.severity.value,
            each.colour, each.description, each.labelled, each.teaches,
        )
        for each in classes
    )  # fmt: skip


class Pace:
    """How many labels a minute somebody makes."""

    def __init__(self) -> None:
        self._made: deque[tuple[float, int]] = deque()
        self.total = 0

    def add(self, count: int, now: float) -> None:
        """So many were made at ``now`` (s)."""
        self._made.append((now, count))
        self.total += count

    def rate(self, now: float) -> float:
        """Labels a minute over the last minutes, or since the first of this session."""
        while self._made and self._made[0][0] < now - RATE_S:
            self._made.popleft()
        if not self._made:
            return 0.0
        since = max(60.0, now - self._made[0][0])
        return 60.0 * sum(count for _, count in self._made) / since


def own(pace: Pace, now: float) -> str:
    """The line on one's own work in this session."""
    if not pace.total:
        return "None yet"
    return f"{pace.total}, {pace.rate(now):.0f} a minute"


def kept(waiting: int, refused: Sequence[str], trouble: str) -> str:
    """The line below the pictures: what waits, what was refused and why, what cannot be kept here."""
    if refused:
        noun = "label was" if len(refused) == 1 else "labels were"
        return f"{len(refused)} {noun} refused: {refused[0]}"
    if trouble:
        return (
            f"{waiting} not yet sent, and this station cannot keep them: {trouble}. Leave Hydra"
            " open until they are sent."
        )
    if waiting:
        noun = "label waits" if waiting == 1 else "labels wait"
        return f"{waiting} {noun}. They are kept on this station until the server confirms them."
    return "Every label is saved."


def of_others(held: Mapping[Path, int], elsewhere: Mapping[str, int]) -> str:
    """For the end of that line: what waits in files that other stations or programs hold, and what
    waits here for other servers.
    """
    told = [
        f" {_wait(waiting, 'of another station (or program)')} in {path}."
        for path, waiting in held.items()
    ]
    told += [
        f" {_wait(waiting, 'for another server')}: connect to {address} to send them."
        for address, waiting in elsewhere.items()
    ]
    return "".join(told)


def _wait(labels: int, which: str) -> str:
    return f"1 label {which} waits" if labels == 1 else f"{labels} labels {which} wait"


def at_risk(waiting: int, trouble: str) -> str:
    """What closing the window now would lose; empty: nothing."""
    if not trouble:
        return ""
    noun = "label is" if waiting == 1 else "labels are"
    return f"{waiting} {noun} neither sent nor kept on this station: {trouble}."


def nothing(*, forward: bool) -> str:
    """No act is left to take back (or, ``forward``, to do again)."""
    return f"There is nothing to {'do again' if forward else 'take back'}."


def recalled(found: OwnActs, key: str, *, forward: bool) -> str:
    """What ``key`` takes back (or, ``forward``, does again) of the time before this session."""
    acts = found.undone if forward else found.done
    if not acts:
        return nothing(forward=forward)
    what = "does that again" if forward else "takes that back"
    return f"Before this start: {_act(acts[-1])}. {key} once more {what}."


def _act(act: OwnAct) -> str:
    label = act.changes[0].after or "no label"
    place = f"{act.plot_type} {act.run}.{act.chunk}"
    others = len(act.changes) - 1
    more = f" and {others} more" if others else ""
    return f"{label} for {place}{more}, {act.at.astimezone():%d %b %H:%M}"


def elsewhere(act: Sequence[Change], what: str) -> str:
    """That an undo or redo was of pictures which this queue does not show."""
    before, after = act[0].before or "no label", act[0].after or "no label"
    many = "1 picture" if len(act) == 1 else f"{len(act)} pictures"
    return f"{what}: from {before} to {after}, {many} that this queue does not show."


def said_so_far(votes: Sequence[p.VoteRecord]) -> str:
    """The last votes on a picture, oldest first: who said what."""
    return ", ".join(f"{vote.who} {_said(vote)}" for vote in votes[-_VOTES:])


def _said(vote: p.VoteRecord) -> str:
    match vote.kind:
        case "taken_back":
            return "took it back"
        case "flag":
            return "flagged it"
        case "unsure":
            return "was not sure"
        case "skip":
            return "skipped it"
        case "comment":
            return f"“{vote.comment}”"
    return vote.class_name


def similar(place: str, found: int, alike: int) -> str:
    """The line above pictures that look like one."""
    chosen = f"The {alike} most alike are chosen with it: a class key labels them." if alike else ""
    return (
        f"{found} pictures like {place}, the most alike first. {chosen} F5 shows the queue again."
    )


def unlabelled(left: int) -> tuple[str, str]:
    """How many pictures wait for a label: short for the rail, and in words; empty where none do."""
    if not left:
        return "", ""
    short = str(left) if left < _THOUSAND else f"{left // _THOUSAND}k"
    many = f"more than {p.COUNTED}" if left >= p.COUNTED else str(left)
    return short, f"{many} picture{'s' if left > 1 else ''} without a label"


def leaders(progress: p.LabelProgress) -> Facts:
    """Who labelled most; empty where the site shows no leader board."""
    return [
        (each.who, f"{each.labels}, {each.last_hour} this hour")
        for each in progress.scores[:_LEADERS]
    ]


def agreement(progress: p.LabelProgress) -> Facts:
    """How far people agree beyond chance: all together, by class (the worst first), and two by two."""
    found = [] if progress.fleiss is None else [("All", f"kappa {progress.fleiss:.2f}")]
    worst = sorted(progress.fleiss_by_class.items(), key=lambda each: each[1])[:_CLASSES]
    return (
        found
        + [(name, f"kappa {kappa:.2f}") for name, kappa in worst]
        + [
            (f"{each.first}, {each.second}", f"kappa {each.kappa:.2f} of {each.pictures}")
            for each in progress.agreements
            if each.kappa is not None
        ][:_PAIRS]
    )


def outcome(models: Sequence[ModelInfo], made: int) -> str:
    """What a training that is done changed: the new model beside the one in force."""
    new = next((each for each in models if each.id == made), None)
    if new is None:
        return "The training is done; its model is in the library no more."
    active = next((each for each in models if each.active), None)
    words = f"The new model {new.name}: accuracy {_share(new.accuracy)}"
    if active is None or active.id == new.id:
        return f"{words}. It is the active one."
    return f"{words}; the active one {active.name}: {_share(active.accuracy)}. Compare them in Library."


def _share(share: Share | None) -> str:
    if share is None:
        return "not known"
    return f"{percent(share.value)} ({percent(share.low)} to {percent(share.high)})"
