"""How masks are said and drawn: areas as rectangles, ends and ages in words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from PySide6.QtCore import QRectF

from hydra_desktop.words import duration
from inference_server.protocol.masks import Area, Mask
from inference_server.protocol.messages import PlotTypeInfo, Verdict
from ui.masks_page import MaskLine


def rectangle(area: Area) -> QRectF:
    """An area as Qt draws it, in fractions of the picture."""
    return QRectF(area.left, area.top, area.right - area.left, area.bottom - area.top)


def area(box: QRectF) -> Area:
    """The inverse of ``rectangle``; what sticks out of the picture is cut off."""
    inside = box.normalized().intersected(QRectF(0, 0, 1, 1))
    return Area(
        left=max(0.0, inside.left()),
        top=max(0.0, inside.top()),
        right=min(1.0, inside.right()),
        bottom=min(1.0, inside.bottom()),
    )


def areas_words(count: int) -> str:
    """ "1 area", "3 areas"."""
    return "1 area" if count == 1 else f"{count} areas"


def until_words(mask: Mask) -> str:
    """When it ends by itself."""
    if mask.run_period:
        return f"End of {mask.run_period}"
    if mask.until is None:
        return "Until removed"
    return f"Until {mask.until.astimezone():%d %b %Y %H:%M}"


def standing(mask: Mask, now: datetime, period: str) -> str:
    """Whether it is in force, or how it ended."""
    if mask.ended_at is not None:
        return f"Ended by {mask.ended_by}, {mask.ended_at.astimezone():%d %b %Y %H:%M}"
    if mask.in_force(now, period):
        return f"In force for {duration((now - mask.since).total_seconds())}"
    return "Over: its time is up" if not mask.run_period else "Over: another run period began"


def masked_now(kind: PlotTypeInfo, verdict: Verdict | None, now: datetime) -> tuple[QRectF, ...]:
    """The areas that the next picture is judged without, in fractions of it."""
    if not kind.masks:  # asked of every tile, each second
        return ()
    held = _in_force(kind, verdict, now)
    return tuple(rectangle(each) for mask in held for each in mask.areas)


def masked_then(verdict: Verdict) -> tuple[QRectF, ...]:
    """The areas that a picture was judged without, in fractions of it."""
    return tuple(rectangle(each) for each in verdict.masked)


def reasons(kind: PlotTypeInfo, verdict: Verdict | None, now: datetime) -> list[str]:
    """Why its areas are masked now: "Board 7 is off, by ann. Until removed."."""
    return [
        f"{mask.reason.rstrip('.')}, by {mask.who}. {until_words(mask)}."
        for mask in _in_force(kind, verdict, now)
    ]


def _in_force(kind: PlotTypeInfo, verdict: Verdict | None, now: datetime) -> list[Mask]:
    period = verdict.run_period if verdict else ""
    return [mask for mask in kind.masks if mask.in_force(now, period)]


def shown_on(
    kind: PlotTypeInfo, verdict: Verdict, now: datetime, *, past: bool
) -> tuple[QRectF, ...]:
    """What to hatch on a picture: what it was judged without; on the newest what is masked now too."""
    found = list(masked_then(verdict))
    if not past:
        found += masked_now(kind, verdict, now)
    return tuple(box for place, box in enumerate(found) if box not in found[:place])


def judged_without(verdict: Verdict, known: Sequence[Mask]) -> str:
    """ "1 area: Board 7 is off, by ann"; empty where the whole picture was judged."""
    if not verdict.masked:
        return ""
    ids = {each.mask_id for each in verdict.masked}
    why = [f"{each.reason.rstrip('.')}, by {each.who}" for each in known if each.id in ids]
    return ": ".join([areas_words(len(verdict.masked)), *(["; ".join(why)] if why else [])])


_ORDERS: Mapping[str, Callable[[Mask], tuple[object, ...]]] = {
    "age": lambda mask: (mask.since, mask.id),
    "owner": lambda mask: (mask.who.casefold(), mask.since, mask.id),
    "plot": lambda mask: (mask.plot_type.casefold(), mask.since, mask.id),
}


def lines(
    masks: Sequence[Mask],
    periods: Mapping[int, str],
    now: datetime,
    *,
    order: str,
    with_ended: bool,
) -> list[MaskLine]:
    """The rows of the page; ``periods``: the run period of each plot type now."""
    found = []
    for mask in sorted(masks, key=_ORDERS[order]):
        holds = mask.in_force(now, periods.get(mask.plot_type_id, ""))
        if holds or with_ended:
            found.append(_line(mask, now, periods.get(mask.plot_type_id, "")))
    return found


def _line(mask: Mask, now: datetime, period: str) -> MaskLine:
    filling = "shows a Good picture there" if mask.filled else "shows the background there"
    words = (
        mask.plot_type,
        standing(mask, now, period),
        f"{areas_words(len(mask.areas))}, {filling}",
        mask.reason,
        mask.contact,
        mask.who,
        mask.since.astimezone().strftime("%d %b %Y %H:%M"),
        until_words(mask),
    )
    return MaskLine(mask.id, mask.plot_type, words, mask.in_force(now, period))
