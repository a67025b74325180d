"""The heat map over the shown picture: asked for, waited for, laid on top."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QImage

from hydra_desktop.link.arrival import Answer, Arrival, Failure
from hydra_desktop.rooms.run_room import Asker
from inference_server.protocol.explain import GetHeatmap, Heatmap, HeatmapReady
from inference_server.protocol.messages import Severity, Verdict
from ui import heat
from ui.heat_bar import HeatBar
from ui.picture_view import PictureView

_MAKING = "The heat map is being made; it comes in a few seconds."


class HeatRoom(QObject):
    """On by itself for a Bad, as the person left it for all others."""

    def __init__(self, bar: HeatBar, view: PictureView, asker: Asker) -> None:
        super().__init__(bar)
        self._bar, self._view, self._asker = bar, view, asker
        self._verdict: Verdict | None = None
        self._class = ""
        self._ticket = 0
        self._wanted = False  # by the person, for pictures that are not Bad
        self._on = False
        self._kept: dict[tuple[str, str], QImage] = {}
        bar.toggled.connect(self._toggle)
        bar.class_chosen.connect(self._choose)
        bar.opacity_changed.connect(view.set_heat_opacity)

    def show(self, verdict: Verdict) -> None:
        """Another picture is shown."""
        self._verdict = verdict
        self._class = verdict.label
        names = [score.name for score in verdict.scores]
        self._bar.show_classes(names, self._class)
        self._on = bool(names) and (self._wanted or verdict.severity is Severity.BAD)
        self._bar.set_on(self._on)
        self._refresh()

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """The map, or that it is being made."""
        match answer.message:
            case Heatmap(made=True, picture_hash=shown, class_name=name) if ticket == self._ticket:
                if answer.images and (image := answer.images[0]) is not None:
                    self._keep((shown, name), image)
                self._refresh(ask=False)
            case Heatmap(made=False) if ticket == self._ticket:
                self._bar.show_note(_MAKING)

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """Why there is none."""
        if ticket == self._ticket:
            self._bar.show_note(f"No heat map: {failure.words}")

    @Slot(list)
    def receive(self, batch: Sequence[Arrival]) -> None:
        """The map that we wait for may be ready."""
        for arrival in batch:
            match arrival.message:
                case HeatmapReady(picture_hash=shown, class_name=name, trouble=trouble) if (
                    self._on and self._key() == (shown, name) and self._key() not in self._kept
                ):
                    if trouble:
                        self._bar.show_note(f"No heat map: {trouble}")
                    else:
                        self._refresh()

    def _toggle(self, on: bool) -> None:
        self._on = self._wanted = on
        self._refresh()

    def _choose(self, name: str) -> None:
        if name:
            self._class = name
            self._on = True
            self._bar.set_on(True)
            self._refresh()

    def _refresh(self, *, ask: bool = True) -> None:
        image = self._kept.get(self._key()) if self._on else None
        self._view.set_heat_opacity(self._bar.opacity)
        self._view.show_heat(image)
        self._bar.show_note("")
        if image is not None and heat.is_empty(image):
            self._bar.show_note(f"Nothing in this picture speaks for {self._class}.")
        elif image is None and self._on and ask and self._verdict is not None:
            self._ticket = self._asker.ask(
                GetHeatmap(
                    picture_hash=self._verdict.picture_hash,
                    class_name=self._class,
                    plot_type_id=self._verdict.plot_type_id,
                )
            )

    def _key(self) -> tuple[str, str]:
        return (self._verdict.picture_hash if self._verdict else "", self._class)

    def _keep(self, key: tuple[str, str], image: QImage) -> None:
        self._kept[key] = image
        if len(self._kept) > 50:
            del self._kept[next(iter(self._kept))]
