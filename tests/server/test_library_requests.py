"""The model library as a desktop asks for it, answered from a real database and real model files."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import event

from db import catalogue, inferences, labels, models, pictures
from db.session import transaction
from inference_server.gateway import evaluate
from inference_server.gateway.requests import Requests
from inference_server.predict.heads import WEIGHTS, Card, Head, Weights, save
from inference_server.protocol import comparison as duel
from inference_server.protocol import curves as crv
from inference_server.protocol import library as lib
from inference_server.protocol import matrix as mat
from inference_server.protocol import messages as m
from inference_server.protocol import model_files as carried
from inference_server.protocol import plot_forms as forms
from inference_server.protocol import thresholds as thr
from inference_server.protocol.labelling import CastVotes, Vote, VotesKept
from tests.db.factories import START, inference, model
from tests.server.pictures import settings

BACKBONE = "efficientnet_lite0@64"
LABELS = ("Bad", "Good")


@pytest.fixture
def config(tmp_path):
    return settings(tmp_path)


@pytest.fixture
def requests(config, sqlite_sessions):
    made = Requests(config, sqlite_sessions)
    yield made
    made.close()


@pytest.fixture
def ask(requests):
    def asked(request, who="ann"):
        return requests.answer(request, who).reply

    return asked


@pytest.fixture
def plot_type(sqlite_sessions):
    with transaction(sqlite_sessions) as session:
        for name, severity in {"Good": "good", "Bad": "bad"}.items():
            catalogue.ensure_class(session, name, severity)
        return catalogue.register(session, "CDC", chunked=True, classes=["Good", "Bad"])


def new_model(config, sessions, plot_type, name="one", sign=1.0, **fields):
    """A head that is the surer of Bad the larger the one feature is (``sign`` -1: the smaller)."""
    matrix = np.array([[sign], [-sign]], np.float32)
    flat = np.zeros(1, np.float32)
    weights = Weights(flat, flat + 1, matrix, np.zeros(2, np.float32), np.zeros((0, 1), np.float16))
    card = Card(plot_type="CDC", labels=LABELS, backbone=BACKBONE)
    save(config.models_dir / name, Head(card, weights))
    with transaction(sessions) as session:
        return models.add(
            session, model(plot_type, name=name, folder=name, backbone=BACKBONE, **fields)
        )


def labelled(sessions, plot_type, given, start=1, **fields):
    """Pictures with (label, feature); their ids."""
    with transaction(sessions) as session:
        rows = [inference(plot_type, start + n, **fields) for n in range(len(given))]
        ids = [place.picture_id for place in inferences.store(session, rows)]
        for picture, (name, value) in zip(ids, given, strict=True):
            labels.vote(
                session, picture_id=picture, class_name=name, who="ann", at=START,
                client_id=f"first {picture}",
            )  # fmt: skip
            vector = np.array([value], "<f2").tobytes()
            pictures.put_features(session, [(picture, BACKBONE, vector)])
        return ids


PICTURES = [("Bad", 3.0), ("Bad", 1.0), ("Good", -2.0), ("Good", 2.0), ("Good", -4.0)]


def cells(reply):
    return {(cell.expert, cell.said): sum(cell.bars) for cell in reply.cells}


def test_that_models_come_with_star_ladder_ledger_and_error_bars(
    config, sqlite_sessions, plot_type, ask
):
    figures = {"accuracy": 0.9, "validation": 50, "macro_f1": 0.8, "pictures": 60}
    old = new_model(config, sqlite_sessions, plot_type, "old")
    new = new_model(config, sqlite_sessions, plot_type, "new", parent_id=old, metrics=figures)
    ask(m.ActivateModel(plot_type_id=plot_type, model_id=old, reason="first"))
    reply = ask(lib.GetModels(plot_type_id=plot_type))
    assert [(each.id, each.active, each.parent_id) for each in reply.models] == [
        (new, False, old), (old, True, None),
    ]  # fmt: skip
    assert reply.models[0].accuracy.low < 0.9 < reply.models[0].accuracy.high
    assert reply.models[1].accuracy is None
    assert [step.rung for step in reply.models[0].ladder] == [lib.Rung.TRAINED]
    assert [(line.model_id, line.reason) for line in reply.ledger] == [(old, "first")]
    at = ask(lib.GetModelAt(plot_type_id=plot_type, at=datetime.now(UTC)))
    assert at.model_id == old
    before = ask(lib.GetModelAt(plot_type_id=plot_type, at=START - timedelta(days=900)))
    assert before.model_id is None


def test_that_labelled_pictures_are_judged_when_the_matrix_is_asked_for(
    config, sqlite_sessions, plot_type, ask
):
    model_id = new_model(config, sqlite_sessions, plot_type)
    labelled(sqlite_sessions, plot_type, PICTURES)
    reply = ask(mat.GetMatrix(model_id=model_id, source=mat.Source.LABELLED))
    assert cells(reply) == {("Bad", "Bad"): 2, ("Good", "Good"): 2, ("Good", "Bad"): 1}
    assert (reply.total, reply.waiting, reply.classes) == (5, 0, ("Good", "Bad"))
    page = ask(
        mat.GetMatrixPictures(
            model_id=model_id, source=mat.Source.LABELLED, expert="Good", said="Bad"
        )
    )
    (picture,) = page.pictures
    assert (page.total, picture.said, picture.run) == (1, "Bad", 92317)
    assert picture.confidence == pytest.approx(1 / (1 + np.exp(-4.0)), abs=1e-3)


def test_that_after_a_start_no_picture_is_looked_for_where_all_were_judged(
    config, sqlite_sessions, plot_type, ask
):
    model_id = new_model(config, sqlite_sessions, plot_type)
    labelled(sqlite_sessions, plot_type, PICTURES)
    question = mat.GetMatrix(model_id=model_id, source=mat.Source.LABELLED)
    before, fresh = ask(question), Requests(config, sqlite_sessions)
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    engine = sqlite_sessions.kw["bind"]
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert fresh.answer(question, "ann").reply == before
        assert not [each for each in statements if "FROM pictures" in each]
        labelled(sqlite_sessions, plot_type, [("Bad", 5.0)], start=50)
        assert fresh.answer(question, "ann").reply.total == before.total + 1
    finally:
        event.remove(engine, "before_cursor_execute", note)
        fresh.close()


def test_that_a_long_evaluation_is_done_bit_by_bit(
    config, sqlite_sessions, plot_type, ask, monkeypatch
):
    model_id = new_model(config, sqlite_sessions, plot_type)
    labelled(sqlite_sessions, plot_type, PICTURES)
    monkeypatch.setattr(evaluate, "CHUNK", 2)
    monkeypatch.setattr(evaluate, "BUDGET_S", 1e-9)
    seen = []
    for _ in range(20):
        reply = ask(mat.GetMatrix(model_id=model_id, source=mat.Source.LABELLED))
        seen.append((reply.total, reply.waiting))
        monkeypatch.setattr(evaluate, "BUDGET_S", evaluate.BUDGET_S + 0.02)
        if reply.total == 5:
            break
    assert seen[0][0] < 5
    assert seen[0][1] > 0
    assert seen[-1] == (5, 0)


def test_that_a_label_given_on_the_spot_moves_the_picture(config, sqlite_sessions, plot_type, ask):
    model_id = new_model(config, sqlite_sessions, plot_type)
    ids = labelled(sqlite_sessions, plot_type, PICTURES)
    ask(mat.GetMatrix(model_id=model_id, source=mat.Source.LABELLED))
    vote = Vote(picture_id=ids[3], class_name="Bad", client_id="x", at=datetime.now(UTC))
    assert isinstance(ask(CastVotes(votes=(vote,))), VotesKept)
    reply = ask(mat.GetMatrix(model_id=model_id, source=mat.Source.LABELLED))
    assert cells(reply) == {("Bad", "Bad"): 3, ("Good", "Good"): 2}


def test_that_a_threshold_is_tried_before_it_is_set(config, sqlite_sessions, plot_type, ask):
    model_id = new_model(config, sqlite_sessions, plot_type)
    labelled(sqlite_sessions, plot_type, PICTURES)
    ask(mat.GetMatrix(model_id=model_id, source=mat.Source.LABELLED))
    live = {"model_id": model_id, "label": "Bad", "severity": "bad"}
    with transaction(sqlite_sessions) as session:
        for n, sure in enumerate((0.7, 0.9, 0.99, 0.7)):
            inferences.store(session, [inference(plot_type, 100 + n * 30, confidence=sure, **live)])
    reply = ask(
        thr.TryThreshold(
            model_id=model_id, class_name="Bad", threshold=0.95, source=mat.Source.LABELLED
        )
    )
    assert (reply.now.threshold, reply.then.threshold) == (0.65, 0.95)
    assert (reply.now.wrong, reply.now.missed, reply.now.left) == (1, 0, 0)
    assert (reply.then.wrong, reply.then.missed, reply.then.left) == (1, 1, 1)
    assert reply.hours == pytest.approx(1.5)
    assert reply.now.calls_per_shift == pytest.approx(8 / 1.5)
    assert reply.then.recall == pytest.approx(0.5)
    good = ask(thr.TryThreshold(model_id=model_id, class_name="Good", threshold=0.9))
    assert good.now.calls_per_shift is None


def test_that_a_threshold_that_somebody_else_moved_meanwhile_is_not_overwritten(
    config, sqlite_sessions, plot_type, requests, ask
):
    model_id = new_model(config, sqlite_sessions, plot_type)

    def move(value, expected):
        return m.SetThreshold(
            model_id=model_id, class_name="Bad", threshold=value, reason="r", expected=expected,
            person="bob",
        )  # fmt: skip

    result = requests.answer(move(0.72, 0.65), "station")
    assert isinstance(result.reply, m.Done)
    assert result.catalogue_changed
    refused = ask(move(0.8, 0.65))
    assert refused.code == "conflict"
    assert "bob set Bad to 0.72" in refused.sentence
    assert isinstance(ask(move(0.8, 0.72)), m.Done)
    newest, second, *_ = ask(thr.GetThresholds(model_id=model_id)).entries
    assert [(each.threshold, each.who) for each in (newest, second)] == [
        (0.8, "bob"),
        (0.72, "bob"),
    ]


def test_that_the_sites_rule_asks_for_a_signature_before_activation(
    config, sqlite_sessions, plot_type, ask
):
    model_id = new_model(config, sqlite_sessions, plot_type)
    ask(lib.SetSignoffRule(needed=True))
    wish = m.ActivateModel(plot_type_id=plot_type, model_id=model_id, reason="better")
    refused = ask(wish)
    assert "not signed off" in refused.sentence
    assert not ask(lib.GetModels(plot_type_id=plot_type)).models[0].active
    ask(lib.SignOff(model_id=model_id, rung=lib.Rung.REVIEWED, person="bob"))
    ask(lib.SignOff(model_id=model_id, rung=lib.Rung.SIGNED, comment="good", person="ann"))
    assert isinstance(ask(wish), m.Done)
    (known,) = ask(lib.GetModels(plot_type_id=plot_type)).models
    assert known.active
    assert [step.who for step in known.ladder] == ["expert", "bob", "ann"]


@pytest.mark.parametrize("damage", [b"", b"\x00" * 64, None])
def test_that_a_damaged_model_is_refused_and_the_active_one_stays(
    config, sqlite_sessions, plot_type, ask, damage
):
    old = new_model(config, sqlite_sessions, plot_type, "old")
    new = new_model(config, sqlite_sessions, plot_type, "new")
    ask(m.ActivateModel(plot_type_id=plot_type, model_id=old, reason="first"))
    weights = config.models_dir / "new" / WEIGHTS
    if damage is None:
        weights.unlink()
    else:
        weights.write_bytes(damage)
    refused = ask(m.ActivateModel(plot_type_id=plot_type, model_id=new, reason="better"))
    assert isinstance(refused, m.Refused)
    assert "the active one stays" in refused.sentence
    active = [each.id for each in ask(lib.GetModels(plot_type_id=plot_type)).models if each.active]
    assert active == [old]


def test_that_two_models_are_compared_on_the_same_pictures(config, sqlite_sessions, plot_type, ask):
    ids = labelled(sqlite_sessions, plot_type, PICTURES)
    first = new_model(
        config, sqlite_sessions, plot_type, "a", training=((ids[0], "Bad", "training"),)
    )
    second = new_model(config, sqlite_sessions, plot_type, "b", sign=-1.0)
    reply = ask(duel.CompareModels(model_id=first, other_id=second))
    assert (reply.total, reply.unseen) == (4, True)
    assert (reply.only_first, reply.only_other, reply.both_right) == (3, 1, 0)
    assert reply.p_value == pytest.approx(0.625)
    assert (reply.differing, len(reply.differences)) == (4, 4)
    surest = reply.differences[0]
    assert surest.picture.said != surest.other_said
    assert {change.name: change.recall for change in reply.changes} == {"Bad": 1.0, "Good": 2 / 3}


def test_that_a_candidate_in_the_shadow_judges_the_unbiased_stream(
    config, sqlite_sessions, plot_type, ask
):
    active = new_model(config, sqlite_sessions, plot_type, "active")
    candidate = new_model(config, sqlite_sessions, plot_type, "candidate", sign=-1.0)
    later = datetime.now(UTC) + timedelta(minutes=1)
    labelled(
        sqlite_sessions, plot_type, [("Bad", 3.0)], unbiased=True, model_id=active, label="Bad",
        judged_at=later,
    )  # fmt: skip
    stream = mat.GetMatrix(model_id=candidate, source=mat.Source.UNBIASED)
    assert ask(stream).total == 0
    ask(lib.SetShadow(plot_type_id=plot_type, model_id=candidate))
    assert cells(ask(stream)) == {("Bad", "Good"): 1}
    assert cells(ask(mat.GetMatrix(model_id=active, source=mat.Source.UNBIASED))) == {
        ("Bad", "Bad"): 1
    }
    with transaction(sqlite_sessions) as session:
        (verdict,) = inferences.newest(session)
        assert (verdict.model_id, verdict.label) == (active, "Bad")


def test_that_curves_and_learning_are_drawn_from_what_was_counted(
    config, sqlite_sessions, plot_type, ask
):
    figures = {"accuracy": 0.9, "validation": 50, "pictures": 60}
    model_id = new_model(
        config, sqlite_sessions, plot_type, metrics=figures,
        curves={"passes": [[1, 0.9, 1.0, 0.6], [2, 0.5, 0.7, 0.8]]},
    )  # fmt: skip
    labelled(sqlite_sessions, plot_type, PICTURES)
    ask(mat.GetMatrix(model_id=model_id, source=mat.Source.LABELLED))
    reply = ask(crv.GetModelCurves(model_id=model_id, class_name="Bad", source=mat.Source.LABELLED))
    assert reply.metric[0].recall == 1.0
    assert reply.metric[-1].recall == 0.0
    assert sum(bar.right.of for bar in reply.calibration) == 5
    assert [(point.model_id, point.pictures) for point in reply.learning] == [(model_id, 60)]
    assert [(each.number, each.accuracy) for each in reply.passes] == [(1, 0.6), (2, 0.8)]
    assert reply.grown == ()


def test_that_the_learning_curve_of_a_training_comes_with_error_bars(
    config, sqlite_sessions, plot_type, ask
):
    curves = {"labels": [[12, 60, 100, 0.5], [50, 80, 100, 0.7]]}
    model_id = new_model(config, sqlite_sessions, plot_type, curves=curves)
    reply = ask(crv.GetModelCurves(model_id=model_id, class_name="Bad"))
    assert [(each.pictures, each.accuracy.value) for each in reply.grown] == [(12, 0.6), (50, 0.8)]
    assert reply.growth.startswith("With 12 labels 60% were right, with 50 80%: twice as many")
    assert reply.grown[0].accuracy.low < 0.6 < reply.grown[0].accuracy.high


def test_that_a_plot_type_is_made_and_changed_from_the_desktop(
    config, sqlite_sessions, requests, ask
):
    classes = (
        forms.ClassChoice(name="Good", severity=m.Severity.GOOD),
        forms.ClassChoice(name="Hole", severity=m.Severity.BAD),
    )
    wish = forms.SavePlotType(
        plot_type_id=None, name="FDC", chunked=True, group="FDC", classes=classes
    )
    result = requests.answer(wish, "ann")
    assert result.catalogue_changed
    number = result.reply.id
    changed = forms.SavePlotType(
        plot_type_id=number, name="FDC_wires", chunked=True, contact="bob", collect_fraction=0.5,
        classes=classes[:1],
    )  # fmt: skip
    assert isinstance(ask(changed), m.Done)
    with transaction(sqlite_sessions) as session:
        (known,) = catalogue.load(session).plot_types
    assert (known.name, known.contact, known.collect_fraction, known.group) == (
        "FDC_wires", "bob", 0.5, "",
    )  # fmt: skip
    assert [each.name for each in known.classes] == ["Good"]
    assert (
        "already"
        in ask(forms.SavePlotType(plot_type_id=None, name="FDC_wires", chunked=True)).sentence
    )
    assert (
        "second plot type"
        in ask(forms.SavePlotType(plot_type_id=number, name="FDC_wires", chunked=False)).sentence
    )


def test_that_files_of_the_inbox_are_found_by_the_name_of_the_plot(tmp_path, sqlite_sessions):
    from inference_server.config import Inbox

    inbox = tmp_path / "inbox"
    for name in ("Run000100/CDC_0001.png", "Run000100/CDC_0002.png", "Run000100/FDC_0001.png"):
        (inbox / name).parent.mkdir(parents=True, exist_ok=True)
        (inbox / name).write_bytes(b"x")
    requests = Requests(settings(tmp_path, inboxes=(Inbox(path=inbox),)), sqlite_sessions)
    reply = requests.answer(forms.FindFiles(name="CDC", chunked=True), "ann").reply
    requests.close()
    assert (reply.matching, reply.others) == (2, {"FDC": 1})
    assert {each.chunk for each in reply.files} == {1, 2}


def test_that_the_training_plan_counts_labels_runs_and_features(
    config, sqlite_sessions, plot_type, ask
):
    labelled(sqlite_sessions, plot_type, PICTURES)
    reply = ask(lib.GetTrainingPlan(plot_type_id=plot_type))
    assert (reply.by_class, reply.runs, reply.pictures) == ({"Bad": 2, "Good": 3}, 1, 5)
    assert reply.with_features == 5
    assert [each.depth for each in reply.times] == ["quick", "thorough", "full"]
    assert {each.trainings for each in reply.times} == {0}
    noted = {"depth": "quick", "looked": 0, "look_seconds": 0.0, "train_seconds": 50.0}
    new_model(config, sqlite_sessions, plot_type, settings=noted, metrics={"pictures": 5})
    trained = {each.name: each.trained for each in reply.networks}
    assert trained["efficientnet_lite0"]
    assert not any(trained[name] for name in ("inception_v3", "resnet18", "resnet50"))
    quick = ask(lib.GetTrainingPlan(plot_type_id=plot_type)).times[0]
    assert (quick.seconds, quick.trainings) == (pytest.approx(50.0), 1)


def test_that_a_model_is_handed_out_as_a_file_and_a_hostile_file_is_refused(
    config, sqlite_sessions, plot_type, requests, ask
):
    model_id = new_model(config, sqlite_sessions, plot_type)
    result = requests.answer(carried.GetModelFile(model_id=model_id), "ann")
    assert isinstance(result.reply, carried.ModelFile)
    assert result.reply.name == "one.hydra-model"
    (data,) = result.blobs
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert set(archive.namelist()) == {"hydra-model.json", "card.json", "weights.safetensors"}
    refused = ask(carried.TakeModelFile(name="../../evil", data=data[: len(data) // 2]))
    assert isinstance(refused, m.Refused)
    assert len(refused.sentence) > 30
    assert len(ask(lib.GetModels(plot_type_id=plot_type)).models) == 1
