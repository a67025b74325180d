"""What the gateway remembers of pictures that were set aside."""

from datetime import UTC, datetime

from inference_server.gateway.state import State
from inference_server.protocol.administration import TriedAgain
from inference_server.protocol.messages import QuarantineItem

AT = datetime(2026, 11, 24, tzinfo=UTC)
OLD, NEW = (QuarantineItem(path=n, reason="", at=AT, kept_as=f"q/{n}") for n in ("old", "new"))


def test_that_what_went_back_does_not_come_back_with_an_answer_of_before():
    state = State("first")
    state.recall_quarantine((NEW, OLD), 2)
    state.told(TriedAgain(kept_as=OLD.kept_as))
    state.recall_quarantine((NEW, OLD), 2)  # read before it went back, heard of afterwards
    assert state.snapshot(0.0).quarantined == 1
    state.set_aside(OLD)
    state.recall_quarantine((OLD, NEW), 2)
    assert state.snapshot(0.0).quarantined == 2
