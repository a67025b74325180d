# ruff: noqa: F811 - fixtures are arguments
"""A past run told again: its verdicts in order, judged anew by another model, and what would have called."""

import shutil
from datetime import timedelta

import msgspec
import numpy as np
import pytest
from sqlalchemy import func, select

from db import catalogue, inferences, labels, models, pictures, reruns
from db.session import transaction
from db.tables.alarms import AlarmEventRow
from db.tables.judging import EvaluationRow, InferenceRow
from inference_server.predict import heads
from inference_server.predict.backbone import identity
from inference_server.protocol.alarms import AlarmSeverity
from inference_server.protocol.client import Refusal
from inference_server.protocol.detail import GetRuns
from inference_server.protocol.replay import GetReplay, GetReplayCalls
from tests.db.factories import START, inference, model
from tests.server.both_databases import client, config, gateway, key  # noqa: F401 - fixtures

RUN = {"run": 92317, "run_period": "RunPeriod-2026-05"}
BAD = {"label": "Bad", "severity": "bad", "scores": {"Good": 0.1, "Bad": 0.9}, "confidence": 0.9}


@pytest.fixture
def plot(sessions, config):
    """Ten verdicts of one run, the sixth Bad; and a second model that calls the even ones Bad."""
    with transaction(sessions) as session:
        catalogue.ensure_class(session, "Good", "good")
        catalogue.ensure_class(session, "Bad", "bad")
        plot = catalogue.register(session, "CDC_occupancy", True, classes=("Good", "Bad"))
        first = models.add(session, model(plot))
        models.add(session, model(plot, name="CDC_occupancy 2", folder="CDC_occupancy/2"))
        stored = inferences.store(
            session,
            [
                inference(plot, n, model_id=first, stored=n != 10, **(BAD if n == 6 else {}))
                for n in range(1, 11)
            ],
        )
        inferences.store(session, [inference(plot, 1, run=92316, model_id=first)])
        even = [(each.picture_id, n % 2 == 0) for n, each in enumerate(stored[:8], 1)]
        pictures.put_features(
            session,
            [
                (n, identity(config.backbone), np.array([-1.0 if bad else 1.0], "<f2").tobytes())
                for n, bad in even
            ],
        )
        labels.vote(
            session, picture_id=stored[5].picture_id, class_name="Good", who="ann", at=START,
            client_id="one", verdict_visible=True, seconds=None,
        )  # fmt: skip
    blank = np.zeros(1, np.float32)
    weights = heads.Weights(
        blank, blank + 1, np.array([[-9.0], [9.0]], np.float32), np.zeros(2, np.float32),
        np.zeros((0, 1), np.float16),
    )  # fmt: skip
    card = heads.Card(
        plot_type="CDC_occupancy", labels=("Bad", "Good"), backbone=identity(config.backbone)
    )
    heads.save(config.models_dir / "CDC_occupancy/2", heads.Head(card, weights))
    return plot


def second(sessions):
    with transaction(sessions) as session:
        return models.history(session, 1)[0].id


def test_that_a_run_comes_in_the_order_of_judging_page_by_page(plot, client):
    first, _ = client.ask(GetReplay(**RUN, limit=4))
    assert [each.chunk for each in first.verdicts] == [1, 2, 3, 4]
    assert (first.total, first.more, first.anew) == (10, True, ())
    last = first.verdicts[-1]
    rest, _ = client.ask(GetReplay(**RUN, after_at=last.judged_at, after_id=last.inference_id))
    assert [each.chunk for each in rest.verdicts] == [5, 6, 7, 8, 9, 10]
    assert (rest.more, list(rest.labels.values())) == (False, ["Good"])


def test_that_another_model_judges_what_it_can_and_says_what_it_cannot(plot, client, sessions):
    found, _ = client.ask(GetReplay(**RUN, models={plot: second(sessions)}))
    said = {each.verdict.chunk: each.verdict for each in found.anew}
    assert [said[n].label for n in range(1, 9)] == ["Good", "Bad"] * 4
    assert said[2].confirmed
    assert said[2].scores[0].threshold == 0.65
    assert (found.waiting, found.left_out) == (1, 1)  # the ninth has no features, the tenth no file
    assert [each.label for each in found.verdicts].count("Bad") == 1


def test_that_a_model_of_features_that_are_gone_says_so_and_nobody_waits(
    plot, client, config, sessions
):
    folder = config.models_dir / "CDC_occupancy/2"
    head = heads.load(folder)
    shutil.rmtree(folder)
    heads.save(
        folder, heads.Head(msgspec.structs.replace(head.card, backbone="old@1"), head.weights)
    )
    found, _ = client.ask(GetReplay(**RUN, models={plot: second(sessions)}))
    assert "which this server no longer computes" in found.note
    assert (found.waiting, found.left_out) == (0, 10)


def test_that_what_a_role_said_for_a_replay_is_used(plot, client, sessions):
    other = second(sessions)
    with transaction(sessions) as session:
        ninth, tenth = [each.picture_id for each in inferences.export(session, run=(92317, 92317))][
            8:
        ]
        reruns.keep(session, other, {ninth: {"Bad": 0.7, "Good": 0.3}, tenth: {}})
    found, _ = client.ask(GetReplay(**RUN, models={plot: other}))
    assert (found.waiting, found.left_out) == (0, 1)
    assert found.anew[-1].verdict.label == "Bad"


def test_that_the_same_model_is_asked_with_its_thresholds_of_now(plot, client, sessions):
    with transaction(sessions) as session:
        models.set_threshold(session, 1, "Bad", 0.95, who="ann")
    found, _ = client.ask(GetReplay(**RUN, models={plot: 1}))
    sixth = found.anew[5].verdict
    assert (sixth.label, sixth.confirmed) == ("Bad", False)
    assert found.verdicts[5].confirmed


def test_that_calls_are_told_and_neither_verdict_nor_alarm_is_stored(plot, client, sessions):
    with transaction(sessions) as session:
        before = session.scalar(select(func.count(InferenceRow.id)))
    then, _ = client.ask(GetReplayCalls(**RUN))
    [call] = [each for each in then.calls if each.severity is AlarmSeverity.MAJOR]
    assert (call.plot_type, call.chunk) == ("CDC_occupancy", 6)
    assert call.sentence == "is Bad, 90 % sure"
    assert call.at == START + timedelta(minutes=6)
    anew, _ = client.ask(GetReplayCalls(**RUN, models={plot: second(sessions)}))
    called = [each.chunk for each in anew.calls if each.severity is AlarmSeverity.MAJOR]
    assert called == [2, 4, 6, 8]
    with transaction(sessions) as session:
        assert session.scalar(select(func.count(InferenceRow.id))) == before
        assert session.scalar(select(func.count(AlarmEventRow.id))) == 0
        assert session.scalar(select(func.count(EvaluationRow.id))) == 0


def test_that_calls_are_told_of_the_beginning_of_a_run_alone(plot, client, sessions):
    told, _ = client.ask(GetReplay(**RUN))
    anew = {plot: second(sessions)}
    for last, chunks in ((3, [2]), (4, [2, 4]), (10, [2, 4, 6, 8])):
        until = told.verdicts[last - 1]
        found, _ = client.ask(
            GetReplayCalls(
                **RUN, models=anew, until_at=until.judged_at, until_id=until.inference_id
            )
        )
        called = [each.chunk for each in found.calls if each.severity is AlarmSeverity.MAJOR]
        assert called == chunks


def test_that_a_model_of_another_plot_type_is_refused(plot, client):
    with pytest.raises(Refusal, match="has no model 99"):
        client.ask(GetReplay(**RUN, models={plot: 99}))


def test_that_an_old_run_is_found_by_its_number(plot, client):
    found, _ = client.ask(GetRuns(up_to=92316))
    assert [each.run for each in found.runs] == [92316]
