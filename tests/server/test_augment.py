from __future__ import annotations

import cv2
import numpy as np
import pytest

from inference_server.training import augment as changes
from inference_server.training.augment import PLAIN, Strength, augment

NUMBERS = Strength(0, 0, 0, 0, 1.0)
FRAME = (60, 40, 360, 240)  # left, top, right, bottom


def plot() -> np.ndarray:
    """A frame with a histogram that rises to the right, numbers below and at the left."""
    picture = np.full((300, 400, 3), 255, np.uint8)
    left, top, right, bottom = FRAME
    cv2.rectangle(picture, (left, top), (right, bottom), (0, 0, 0), 1)
    for column in range(left + 10, right - 10, 6):
        cv2.line(picture, (column, bottom), (column, bottom - column // 3), (40, 40, 200), 2)
        cv2.circle(picture, (column, top + 20), 3, (0, 0, 0), -1)  # as small as a letter, but data
    for number, x in enumerate(range(left, right, 60)):
        cv2.putText(picture, f"{number}{7 - number}", (x, bottom + 22), 0, 0.45, (0, 0, 0), 1)
    cv2.putText(picture, "run 92317", (150, 25), 0, 0.5, (0, 0, 0), 1)
    return picture


def random(seed=1):
    return np.random.default_rng(seed)


def test_that_nothing_wanted_changes_nothing():
    assert np.array_equal(augment(plot(), random(), PLAIN), plot())


def test_that_the_same_seed_gives_the_same_copy_and_another_another():
    one, same, other = (augment(plot(), random(seed), Strength()) for seed in (3, 3, 4))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert one.shape == plot().shape


def test_that_the_numbers_change_and_the_data_inside_the_frame_do_not():
    changed, before = augment(plot(), random(), NUMBERS), plot()
    left, top, right, bottom = FRAME
    inside = np.s_[top : bottom + 1, left : right + 1]
    assert np.array_equal(changed[inside], before[inside])
    assert not np.array_equal(changed[:top], before[:top])
    assert not np.array_equal(changed[bottom + 1 :], before[bottom + 1 :])
    assert abs(int(changed.sum()) - int(before.sum())) < 0.001 * before.sum(), "swapped, not drawn"


@pytest.mark.parametrize("seed", range(20))
def test_that_a_plot_is_neither_mirrored_nor_turned(seed):
    changed = augment(plot(), random(seed), Strength()).astype(np.int16)
    blue = changed[..., 2] - changed[..., 0] > 80
    columns, rows = blue.sum(axis=0), blue.sum(axis=1)
    assert columns[260:350].sum() > 1.5 * columns[70:160].sum(), "rises to the right"
    assert rows[200:280].sum() > 2 * rows[80:160].sum(), "stands on its axis"


@pytest.mark.parametrize("seed", range(20))
def test_that_a_copy_moves_by_a_few_per_cent_at_most(seed):
    only = Strength(brightness=0, contrast=0, glyphs=0)
    found = np.argwhere(augment(plot(), random(seed), only).min(axis=2) < 100)
    expected = np.argwhere(plot().min(axis=2) < 100)
    limit = (0.02 + 0.04) * np.array([300, 400]) + 2
    assert (np.abs(found.mean(axis=0) - expected.mean(axis=0)) < limit).all()


def test_that_a_picture_without_a_frame_keeps_its_numbers():
    blank = np.full((60, 80, 3), 255, np.uint8)
    cv2.putText(blank, "12 34", (5, 30), 0, 0.4, (0, 0, 0), 1)
    assert np.array_equal(augment(blank, random(), NUMBERS), blank)
    assert len(changes._glyphs(blank)) == 0
