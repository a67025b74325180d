"""Joins the ladder and the ledger with the buttons below the models: review, sign off, activate, roll back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from hydra_desktop.models import model_facts
from hydra_desktop.rooms.library_room import LibraryRoom
from inference_server.protocol.library import (
    ModelInfo,
    Models,
    Rung,
    SetShadow,
    SetSignoffRule,
    SignOff,
)
from inference_server.protocol.messages import ActivateModel, Request
from ui.ask_dialog import AskDialog
from ui.library_page import LibraryPage


class ReleaseRoom(QObject):
    """Everything here needs a name and a reason, and stays on record."""

    def __init__(
        self, page: LibraryPage, library: LibraryRoom, show_report: Callable[[], None]
    ) -> None:
        super().__init__(page)
        self._page, self._library, self._show_report = page, library, show_report
        self._model: ModelInfo | None = None
        self._models: Models | None = None
        self._looked_at = 0  # model whose mistakes were shown
        self.dialog: AskDialog | None = None
        library.model_shown.connect(self.show_model)
        page.models.activate_wanted.connect(self._activate)
        page.models.roll_back_wanted.connect(self._roll_back)
        page.models.sign_wanted.connect(self._sign)
        page.models.shadow_wanted.connect(self._shadow)
        page.models.rule_wanted.connect(self._rule)

    @Slot(object, object)
    def show_model(self, model: ModelInfo, models: Models) -> None:
        """Offer what can be done with this model now."""
        self._model, self._models = model, models
        bar = self._page.models
        signed = any(step.rung is Rung.SIGNED for step in model.ladder)
        lived = any(line.model_id == model.id for line in models.ledger)
        barred = models.signoff_needed and not (signed or lived)
        bar.activate.setEnabled(not model.active and not barred)
        bar.activate.setToolTip(
            "This site activates only what an expert signed off" if barred else "Let it judge now"
        )
        earlier = model_facts.before(models)
        bar.roll_back.setEnabled(earlier is not None)
        bar.roll_back.setToolTip(
            f"Back to model {earlier}" if earlier is not None else "No other model was live yet"
        )
        bar.compare.setEnabled(len(models.models) > 1)
        bar.shadow.setEnabled(not model.active)
        bar.shadow.setText("End shadow" if model.shadow else "Shadow")
        bar.rule.setChecked(models.signoff_needed)
        self._show_rung(model)

    def _show_rung(self, model: ModelInfo) -> None:
        button = self._page.models.sign
        match model_facts.next_rung(model):
            case Rung.REVIEWED if self._looked_at != model.id:
                button.setText("Report")
            case Rung.REVIEWED:
                button.setText("Report reviewed")
            case Rung.SIGNED:
                button.setText("Sign off")
            case _:
                button.setText("Report")

    # ------------------------------------------------------------ wishes

    def _sign(self) -> None:
        if (model := self._model) is None:
            return
        rung = model_facts.next_rung(model)
        if rung is None or (rung is Rung.REVIEWED and self._looked_at != model.id):
            self._looked_at = model.id
            self._show_report()
            self._show_rung(model)
            return
        title, sentence, verb = {
            Rung.REVIEWED: (
                "Report reviewed",
                f"You looked at what model {model.id} got wrong. Say what you found.",
                "Reviewed",
            ),
            Rung.SIGNED: (
                f"Sign off model {model.id}",
                "With your name you say that it may judge for the shift.",
                "Sign off",
            ),
        }[rung]
        self._ask_person(
            title, sentence, verb,
            lambda who, why: SignOff(model_id=model.id, rung=rung, comment=why, person=who),
        )  # fmt: skip

    def activate(self, kind: int, number: int) -> None:
        """Ask for name and reason, then make the model the live one of its plot type."""
        self._ask_activation(kind, number, "Activate")

    def _activate(self) -> None:
        if self._model is not None and self._models is not None:
            self.activate(self._models.plot_type_id, self._model.id)

    def _roll_back(self) -> None:
        earlier = model_facts.before(self._models) if self._models is not None else None
        if self._models is not None and earlier is not None:
            self._ask_activation(self._models.plot_type_id, earlier, "Roll back to")

    def _ask_activation(self, kind: int, number: int, verb: str) -> None:
        self._ask_person(
            f"{verb} model {number}",
            "It judges the next picture. It is loaded and checked first; until then the old one stays.",
            verb.split(" to", maxsplit=1)[0],
            lambda who, why: ActivateModel(
                plot_type_id=kind, model_id=number, reason=why, person=who
            ),
        )

    def _shadow(self) -> None:
        if self._model is None or self._models is None:
            return
        wanted = None if self._model.shadow else self._model.id
        self._send(SetShadow(plot_type_id=self._models.plot_type_id, model_id=wanted))

    def _rule(self, needed: bool) -> None:
        if self._models is not None:  # as the server has it, until it says otherwise
            self._page.models.rule.setChecked(self._models.signoff_needed)
        self._send(SetSignoffRule(needed=needed))

    # ------------------------------------------------------------ parts

    def _ask_person(self, title: str, sentence: str, verb: str, request: object) -> None:
        person = self._page.thresholds.person.text().strip()
        self.dialog = AskDialog(self._page, title, sentence, verb, person)
        self.dialog.told.connect(lambda who, why: self._told(request, who, why))
        self.dialog.open()

    def _told(self, request: object, who: str, why: str) -> None:
        self.dialog = None
        self._page.thresholds.person.setText(who)
        if callable(request):
            self._send(request(who, why))

    def _send(self, request: Request) -> None:
        self._page.note.setText("Waits for the server.")
        self._library.asking.ask(request, self._done, self._library.say)

    def _done(self, done: object) -> None:
        self._page.note.setText(str(getattr(done, "sentence", "")))
        self._library.reload()
