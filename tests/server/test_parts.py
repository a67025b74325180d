"""How the parts of a server are: a status never says that something works which does not."""

from __future__ import annotations

import msgspec

from inference_server.gateway import surroundings
from inference_server.gateway.parts import SILENT_S, STARTS_S, Parts, gpu
from inference_server.gateway.surroundings import Answer, Room, Watch
from inference_server.messages import Measured
from inference_server.protocol.messages import Component
from inference_server.spread import Spread

KEEPER = Component(role="keeper", name="keeper", host="dqm-1", pid=7, state="running", done=100)


def one(parts, now, role="keeper"):
    [found] = [each for each in parts.components(now) if each.role == role]
    return found


def test_that_a_silent_role_is_dead_and_is_remembered_when_it_is_back():
    parts = Parts()
    parts.pulse(KEEPER, 0.0)
    assert one(parts, SILENT_S).state == "running"
    late = SILENT_S + 2
    parts.look(late)
    dead = one(parts, late)
    assert (dead.state, dead.sentence) == ("dead", "keeper has said nothing for 7 s.")
    assert "kill -9 7 on dqm-1, then read logs/keeper.log" in dead.next_step
    parts.pulse(KEEPER, late + 1)
    back = one(parts, late + 1)
    assert (back.state, back.last_error) == ("running", "keeper has said nothing for 7 s.")
    assert back.last_error_at is not None


def test_that_a_role_that_ended_between_two_looks_is_told_of():
    parts = Parts()
    parts.pulse(KEEPER, 0.0)
    parts.pulse(msgspec.structs.replace(KEEPER, pid=8, done=0), 1.0)
    assert one(parts, 1.0).last_error == "keeper (process 7) ended and was started again."
    parts.pulse(msgspec.structs.replace(KEEPER, pid=8, state="stopping"), 2.0)
    parts.pulse(msgspec.structs.replace(KEEPER, pid=9), 3.0)
    assert "process 7" in one(parts, 3.0).last_error, "one that was asked to end is no trouble"


def test_that_the_last_trouble_keeps_its_next_step():
    parts = Parts()
    ill = {"state": "degraded", "sentence": "The disk is full.", "next_step": "Make room."}
    parts.pulse(msgspec.structs.replace(KEEPER, **ill), 0.0)
    parts.pulse(KEEPER, 1.0)
    told = one(parts, 1.0)
    assert (told.sentence, told.last_error, told.last_step) == (
        "",
        "The disk is full.",
        "Make room.",
    )


def test_that_two_hosts_with_the_same_name_are_two_parts():
    parts = Parts()
    parts.pulse(KEEPER, 0.0)
    parts.pulse(msgspec.structs.replace(KEEPER, host="dqm-2", pid=99), 1.0)
    assert [each.last_error for each in parts.components(1.0)] == ["", ""]


def test_that_the_last_minute_is_counted():
    parts = Parts()
    for second in range(100):
        parts.pulse(msgspec.structs.replace(KEEPER, done=2 * second), float(second))
    assert one(parts, 99.0).per_minute == 120
    assert one(parts, 99.0 + 2 * SILENT_S).per_minute == 0


def test_that_a_role_that_never_came_is_missed():
    parts = Parts(("keeper", "predict"))
    parts.look(0.0)
    parts.pulse(KEEPER, 1.0)
    assert one(parts, 1.0, "predict").state == "starting"
    parts.pulse(KEEPER, STARTS_S + 1)
    assert one(parts, STARTS_S + 1, "predict").state == "dead"


def test_that_a_machine_without_a_gpu_says_so():
    worker = Component(role="predict", name="predict-0", state="running", device="cpu")
    assert gpu([]).state == "starting"
    assert gpu([(worker, Measured())]).sentence.startswith("No GPU here")
    card = msgspec.structs.replace(worker, device="Some card")
    more = Measured(gpu_used_bytes=5_200_000_000, gpu_total_bytes=80_000_000_000)
    assert gpu([(card, more)]).sentence == "Some card: 5.2 of 80 GB in use."
    assert gpu([(msgspec.structs.replace(card, state="dead"), more)]).state == "dead"


def test_that_a_database_or_disk_that_does_not_answer_is_dead(tmp_path):
    assert surroundings.database(None, 1.0).state == "starting"
    assert surroundings.database(Answer(words="MariaDB", took_ms=2.0), 1.0).state == "running"
    assert surroundings.database(Answer(words="MariaDB", took_ms=2.0), 12.0).state == "dead"
    refused = surroundings.database(Answer(trouble="Access denied."), 0.0)
    assert (refused.state, refused.sentence) == ("dead", "Access denied.")
    assert "Start the database" in refused.next_step
    assert surroundings.disk(Room(5 * 10**11, 10**12), 0.0, tmp_path).state == "running"
    assert surroundings.disk(Room(10**9, 10**12), 0.0, tmp_path).state == "degraded"
    assert surroundings.ask_disk(tmp_path / "gone").trouble


def test_that_a_disk_that_cannot_be_looked_at_is_dead_and_one_not_yet_asked_starts(tmp_path):
    gone = surroundings.disk(Room(trouble="/data cannot be looked at."), 0.0, tmp_path)
    assert (gone.state, gone.sentence) == ("dead", "/data cannot be looked at.")
    assert "network disk" in gone.next_step
    waiting = surroundings.disk(Room(5 * 10**11, 10**12), 12.0, tmp_path)
    assert (waiting.state, waiting.sentence) == ("dead", "It has not answered for 12 s.")
    assert surroundings.disk(None, 1.0, tmp_path).state == "starting"


def test_that_an_open_question_is_not_asked_again():
    asked = []
    watch = Watch(lambda job, then: asked.append((job, then)), lambda: Room(1, 2))
    watch.tick(0.0)
    watch.tick(60.0)
    assert (len(asked), watch.waited_s(60.0)) == (1, 60.0)
    job, then = asked[0]
    then(job())
    assert (watch.found, watch.waited_s(61.0)) == (Room(1, 2), 0.0)
    watch.tick(61.0)
    assert len(asked) == 2


def test_that_the_newest_values_are_shown_and_all_are_counted():
    spread = Spread("forward")
    spread.add(4000.0, 500)
    spread.add(12.0, 1000)
    times = spread.times()
    assert (sum(times.counts), times.median_ms, sum(times.total)) == (1000, 12.0, 1500)
    assert times.sum_ms == 4000.0 * 500 + 12.0 * 1000
