"""Who gets which frame."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from inference_server.desk import DEADLY, SILENT_S, UNSETTLED_S, Desk


def given_out(desk, now=0.0):
    return [(held.frame_id, address) for held, address in desk.assignments(now)]


def test_that_frames_go_in_order_to_whoever_has_room():
    desk = Desk()
    for frame in "abc":
        desk.submit(frame, b"f", [])
    assert given_out(desk) == []
    desk.free("w0", b"0", 2, 0.0, fresh=True)
    assert given_out(desk) == [("a", b"0"), ("b", b"0")]
    desk.free("w0", b"0", 1, 1.0)
    assert given_out(desk) == [("c", b"0")]


def test_that_frames_spread_over_the_workers():
    desk = Desk()
    desk.free("w0", b"0", 4, 0.0, fresh=True)
    desk.free("w1", b"1", 4, 0.0, fresh=True)
    for frame in "abcd":
        desk.submit(frame, b"f", [])
    assert sorted(address for _, address in given_out(desk)) == [b"0", b"0", b"1", b"1"]


def test_that_an_impatient_feeder_does_not_double_a_frame_and_gets_the_answer_where_it_is_now():
    desk = Desk()
    assert desk.submit("a", b"old", [])
    assert not desk.submit("a", b"new", [])
    assert len(desk) == 1
    assert desk.settled("a").feeder == b"new"
    assert desk.settled("a") is None


def test_that_a_fresh_worker_of_the_same_name_means_its_frames_are_given_out_again_in_order():
    desk = Desk()
    desk.free("w0", b"0", 2, 0.0, fresh=True)
    for frame in "abc":
        desk.submit(frame, b"f", [])
    given_out(desk, 0.0)
    desk.free("w0", b"1", 3, 1.0, fresh=True)
    assert given_out(desk, 1.0) == [("a", b"1"), ("b", b"1"), ("c", b"1")]


def test_that_a_silent_worker_loses_its_frames_and_gets_no_more_until_it_speaks():
    desk = Desk()
    desk.free("w0", b"0", 2, 0.0, fresh=True)
    desk.submit("a", b"f", [])
    given_out(desk, 0.0)
    desk.look_after(SILENT_S + 1)
    assert given_out(desk, SILENT_S + 1) == []
    assert desk.workers == 0
    desk.free("w1", b"1", 1, SILENT_S + 1, fresh=True)
    assert given_out(desk, SILENT_S + 1) == [("a", b"1")]
    desk.free("w0", b"0", 0, SILENT_S + 2)
    desk.submit("b", b"f", [])
    assert given_out(desk, SILENT_S + 2) == [("b", b"0")]


def test_that_a_worker_that_speaks_keeps_its_frames_until_they_are_late():
    desk = Desk()
    desk.free("w0", b"0", 1, 0.0, fresh=True)
    desk.submit("a", b"f", [])
    given_out(desk, 0.0)
    for second in range(1, int(UNSETTLED_S)):
        desk.free("w0", b"0", 0, float(second))
        desk.look_after(float(second))
    assert desk.waiting == 0
    desk.free("w0", b"0", 1, UNSETTLED_S + 1)
    desk.look_after(UNSETTLED_S + 1)
    assert given_out(desk, UNSETTLED_S + 1) == [("a", b"0")]


def test_that_what_a_dead_keeper_may_have_had_is_given_out_again_before_anything_else():
    desk = Desk()
    desk.free("w0", b"0", 2, 0.0, fresh=True)
    for frame in "abc":
        desk.submit(frame, b"f", [])
    given_out(desk)
    desk.again()
    desk.settled("a")  # it had come through after all
    desk.free("w0", b"0", 9, 1.0)
    assert given_out(desk) == [("b", b"0"), ("c", b"0")]


def test_that_a_frame_that_did_not_reach_its_worker_is_the_next_one_again():
    desk = Desk()
    desk.free("w0", b"0", 1, 0.0, fresh=True)
    for frame in "ab":
        desk.submit(frame, b"f", [])
    for held, _ in desk.assignments(0.0):
        desk.undo(held)
        desk.gone("w0")
    desk.free("w1", b"1", 2, 0.0, fresh=True)
    assert given_out(desk) == [("a", b"1"), ("b", b"1")]


def test_that_a_poisonous_frame_is_found_out_and_given_up_and_the_others_are_not():
    desk = Desk()
    for frame in ("good", "poison"):
        desk.submit(frame, b"f", [])
    rounds = 0
    while not (bad := desk.given_up()):
        rounds += 1
        desk.free("w0", str(rounds).encode(), 8, 0.0, fresh=True)
        batch = [frame for frame, _ in given_out(desk)]
        if batch == ["good"]:
            desk.settled("good")  # alone, it does no harm
            desk.free("w0", str(rounds).encode(), 1, 0.0)
            batch = [frame for frame, _ in given_out(desk)]
        assert rounds < 10
    assert [held.frame_id for held in bad] == ["poison"]
    assert rounds == DEADLY + 1
    assert given_out(desk) == []
    assert desk.settled("poison") is not None
    assert len(desk) == 0


def test_that_a_frame_that_was_given_up_is_told_of_until_it_is_settled():
    desk = Desk()
    desk.submit("poison", b"f", [])
    for number in range(DEADLY):
        desk.free("w0", str(number).encode(), 1, 0.0, fresh=True)
        given_out(desk)
    desk.gone("w0")
    told = desk.given_up()
    assert [held.frame_id for held in told] == ["poison"]
    assert desk.given_up() == []
    desk.again()
    assert desk.given_up() == told
    desk.look_after(UNSETTLED_S + 1)
    assert desk.given_up() == told
    desk.look_after(UNSETTLED_S + 2)
    assert desk.given_up() == []
    desk.settled("poison")
    desk.again()
    assert desk.given_up() == []


class AnyOrderOfEvents(RuleBasedStateMachine):
    """Whatever happens: a frame is waiting, or with a live worker, or given up; and never twice."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.now = 0.0
        self.submitted: set[str] = set()
        self.settled: set[str] = set()

    @rule()
    def submit(self):
        frame = str(len(self.submitted))
        self.submitted.add(frame)
        self.desk.submit(frame, b"f", [])

    @rule(worker=st.sampled_from("xyz"), slots=st.integers(0, 3), fresh=st.booleans())
    def free(self, worker, slots, fresh):
        self.desk.free(worker, worker.encode(), slots, self.now, fresh=fresh)

    @rule(worker=st.sampled_from("xyz"))
    def die(self, worker):
        self.desk.gone(worker)

    @rule(lost=st.booleans())
    def give(self, lost):
        for held, _ in self.desk.assignments(self.now):
            if lost:
                self.desk.undo(held)
                break

    @rule()
    def lose_the_keeper(self):
        self.desk.again()

    @rule(seconds=st.sampled_from([0.1, 5.0, 11.0, 31.0]))
    def wait(self, seconds):
        self.now += seconds
        self.desk.look_after(self.now)

    @precondition(lambda self: self.submitted - self.settled)
    @rule(data=st.data())
    def settle(self, data):
        frame = data.draw(st.sampled_from(sorted(self.submitted - self.settled)))
        assert self.desk.settled(frame) is not None
        self.settled.add(frame)

    @invariant()
    def every_frame_is_in_one_place(self):
        desk = self.desk
        held = [frame for worker in desk._workers.values() for frame in worker.holds]
        given_up = [frame.frame_id for frame in desk._frames.values() if frame.given_up]
        places = [*desk._waiting, *held, *given_up]
        assert sorted(places) == sorted(self.submitted - self.settled)


TestAnyOrderOfEvents = AnyOrderOfEvents.TestCase
TestAnyOrderOfEvents.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
