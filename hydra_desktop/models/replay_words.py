"""What is said of a replay. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hydra_desktop.models.plot_row import PlotRow
from hydra_desktop.models.replay import Line, Player, Reel, Step, call_words, summary
from inference_server.protocol.replay import ReplayCall
from ui.alarm_marks import AlarmMark, AlarmSign
from ui.states import TileState

LIVE = "Status line, alarms and sound above and beside this are live."
COLUMNS = (
    "Plot", "Pictures", "Bad then", "Bad now", "Other verdict", "Labelled", "Right then", "Right now",
    "Calls",
)  # fmt: skip
_CALLING = (TileState.MAJOR, TileState.MINOR, TileState.INVALID)


def place(player: Player, *, aside: bool) -> str:
    """Which run, as of when, by whom."""
    at = player.now.astimezone().strftime("%d %b %Y, %H:%M:%S")
    by = f"judged anew by {player.reel.by}" if player.reel.by else "verdicts as they were"
    waits = " The live plots are shown, the replay waits." if aside else ""
    return f"Run {player.reel.run} at {at}, {by}.{waits}"


def below(player: Player, calls: Sequence[ReplayCall], *, aside: bool) -> str:
    """The last call as it would have come; else what is live."""
    if player.ended:
        return "The run is over. End the replay, or play it again."
    if player.waiting:
        here, total = len(player.reel.steps), player.reel.total
        return f"The replay waits for more of the run: {here} of {total} pictures are here."
    if calls and not aside:
        return f"{call_words(calls[-1])}. Nothing sounds in a replay."
    return player.reel.note or LIVE


def calling(
    calls: Sequence[ReplayCall], rows: Sequence[PlotRow], due: Sequence[Step]
) -> dict[int, AlarmSign]:
    """For the tiles: plots that have called in the replay and are still in the state that did."""
    newest = {step.shown.plot_type_id: step.shown for step in due}
    told: dict[int, AlarmSign] = {}
    called = {call.plot_type_id for call in calls}
    for row in rows:
        fresh = newest.get(row.kind.id, row.verdict)
        if fresh is None or row.kind.id not in called:
            continue
        state = PlotRow(row.kind, row.now, fresh).state
        if state in _CALLING:
            told[row.kind.id] = AlarmSign(AlarmMark.CALLS, state, "would call")
    return told


@dataclass(frozen=True, slots=True)
class SummaryWords:
    """A summary, ready to be shown."""

    sentences: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    calls: tuple[str, ...]


def summary_words(reel: Reel) -> SummaryWords:
    """What came of a replay."""
    found = summary(reel.steps, reel.calls)
    whole = found.whole
    sentences = [
        f"Run {reel.run}: {whole.pictures} pictures of {len(found.lines)} plots.",
        _bad(whole, reel.by),
        _against_labels(whole, reel.by),
    ]
    if reel.note:
        sentences.append(reel.note)
    return SummaryWords(
        tuple(sentences),
        COLUMNS,
        tuple(_row(line) for line in (whole, *found.lines)),
        tuple(call_words(call) for call in reel.calls),
    )


def _bad(whole: Line, by: str) -> str:
    if not by:
        return f"Bad found: {whole.bad}, as it was judged then."
    return (
        f"Bad found by {by}: {whole.bad}; then: {whole.bad_then}. {whole.changed} pictures got"
        " another verdict."
    )


def _against_labels(whole: Line, by: str) -> str:
    if not whole.labelled:
        return "Nobody has labelled pictures of this run yet, so nobody knows how many are right."
    then = f", then {whole.right_then}" if by else ""
    return f"Of {whole.labelled} labelled pictures {whole.right} are right{then}."


def _row(line: Line) -> tuple[str, ...]:
    numbers = (
        line.pictures, line.bad_then, line.bad, line.changed, line.labelled, line.right_then,
        line.right, line.calls,
    )  # fmt: skip
    return (line.plot_type, *(str(number) for number in numbers))
