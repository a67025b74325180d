from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PySide6.QtWidgets import QApplication

from tests.bench import label_by_keys
from tests.bench.hall import Hall
from tests.server.pictures import BACKBONE, labelled_folder


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch):
    """A backbone that starts at once, and one thread for networks as small as these."""
    monkeypatch.setattr(label_by_keys, "Backbone", lambda **_: BACKBONE)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.slow
def test_that_labels_made_by_keys_make_heads_that_judge_other_runs(
    tmp_path: Path,
    qapp: QApplication,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    kept: list[list[tuple[int, str | None]]] = []
    votes = Hall.votes
    monkeypatch.setattr(Hall, "votes", lambda hall: kept.append(votes(hall)) or kept[-1])
    folder = labelled_folder(tmp_path / "in", runs=8)
    words = [str(folder), "--order", "uncertain", "--a-class", "3", "4", "--first", "2"]
    assert label_by_keys.main([*words, "--keep", str(tmp_path / "kept")]) == 0
    table = [line.split(" | ") for line in capsys.readouterr().out.splitlines()]
    assert [row[2] for row in table] == ["9", "12"]
    assert min(float(row[3].rstrip(" |")) for row in table) > 0.7
    rows = [row for row, _ in kept[0]]
    assert len(rows) == len(set(rows)) == 12
