from __future__ import annotations

import json
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from inference_server.predict import heads
from inference_server.predict.heads import Card, Head, HeadError, Weights


def head(classes: int = 3, dim: int = 6, **card: object) -> Head:
    random = np.random.default_rng(2)
    weights = Weights(
        mean=random.normal(size=dim).astype(np.float32),
        spread=random.uniform(0.5, 2, dim).astype(np.float32),
        matrix=random.normal(size=(classes, dim)).astype(np.float32),
        bias=random.normal(size=classes).astype(np.float32),
        references=random.normal(size=(4, dim)).astype(np.float16),
    )
    labels = tuple(f"Class{index}" for index in range(classes))
    made = Card(plot_type="CDC_occupancy", labels=labels, backbone="test@8", anomaly_scale=2.0)
    return Head(msgspec.structs.replace(made, **card), weights)


def features(count: int = 9, dim: int = 6) -> np.ndarray:
    return np.random.default_rng(3).normal(size=(count, dim)).astype(np.float32)


def test_that_scores_are_probabilities():
    scores = head().scores(features() * 1e4)
    assert scores.shape == (9, 3)
    assert np.isfinite(scores).all()
    assert np.allclose(scores.sum(axis=1), 1)


def test_that_temperature_changes_the_confidence_and_not_the_class():
    sure, calm = head().scores(features()), head(temperature=5.0).scores(features())
    assert (sure.argmax(axis=1) == calm.argmax(axis=1)).all()
    assert (sure.max(axis=1) > calm.max(axis=1)).all()


def test_that_a_remembered_picture_is_no_anomaly_and_a_strange_one_is():
    made = head()
    known = made.weights.references.astype(np.float32)
    assert made.anomaly(known).max() < 0.01
    assert made.anomaly(known + 100).min() > 10


def test_that_the_anomaly_is_the_distance_per_feature_over_the_scale():
    made = head()
    own = (features() - made.weights.mean) / made.weights.spread
    known = (made.weights.references.astype(np.float32) - made.weights.mean) / made.weights.spread
    by_hand = np.sqrt(np.square(own[:, None] - known[None]).mean(axis=2)).min(axis=1) / 2.0
    assert np.allclose(made.anomaly(features()), by_hand, atol=1e-3)


def test_that_a_head_without_enough_good_pictures_gives_no_anomaly():
    assert np.isnan(head(anomaly_scale=0.0).anomaly(features())).all()


def test_that_a_saved_head_judges_as_before(tmp_path):
    made = head(temperature=1.7)
    heads.save(tmp_path / "new", made)
    again = heads.load(tmp_path / "new")
    assert np.array_equal(again.scores(features()), made.scores(features()))
    assert np.array_equal(again.anomaly(features()), made.anomaly(features()))
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_that_a_model_is_never_changed(tmp_path):
    heads.save(tmp_path / "new", head())
    with pytest.raises(FileExistsError):
        heads.save(tmp_path / "new", head(temperature=2.0))


def _cut(folder):
    file = folder / heads.WEIGHTS
    file.write_bytes(file.read_bytes()[:-1])


def _drop(folder):
    (folder / heads.WEIGHTS).unlink()


def _garble(folder):
    (folder / heads.CARD).write_text("{")


def _from_the_future(folder):
    card = json.loads((folder / heads.CARD).read_text())
    (folder / heads.CARD).write_text(json.dumps(card | {"version": 99}))


def _more_classes(folder):
    card = json.loads((folder / heads.CARD).read_text())
    (folder / heads.CARD).write_text(json.dumps(card | {"labels": ["A"]}))


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (_cut, "checksum"),
        (_drop, "cannot be read"),
        (_garble, "damaged"),
        (_from_the_future, "Update the server"),
        (_more_classes, "do not fit"),
    ],
)
def test_that_a_damaged_model_is_refused_in_a_sentence(tmp_path, damage, word):
    heads.save(tmp_path / "new", head())
    damage(tmp_path / "new")
    with pytest.raises(HeadError, match=word):
        heads.load(tmp_path / "new")


def test_that_a_constant_feature_does_not_break_a_head():
    made = head()
    spread = made.weights.spread.copy()
    spread[0] = 0
    scores = Head(made.card, replace(made.weights, spread=spread)).scores(features())
    assert np.isfinite(scores).all()
