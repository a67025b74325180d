"""Models as the library lists them: a family tree, a ladder, figures with their error bars."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hydra_desktop.models import library, model_facts
from inference_server.protocol.library import LadderStep, ModelInfo, Models, Rung
from inference_server.protocol.matrix import MatrixSkill, Share

NOW = datetime(2026, 5, 14, 8, 0, tzinfo=UTC)


def model(number: int, parent: int | None = None, **fields: Any) -> ModelInfo:
    return ModelInfo(
        id=number,
        name=str(number),
        kind="head",
        created_at=NOW,
        who="ann",
        parent_id=parent,
        **fields,
    )


def tree(*models: ModelInfo) -> list[tuple[int, int]]:
    return [(each.id, depth) for each, depth in model_facts.family_tree(models)]


def test_that_children_stand_below_their_parent_and_the_newest_family_first() -> None:
    given = (model(6, 2), model(5, 4), model(4, 1), model(3), model(2, 1), model(1))
    assert tree(*given) == [(1, 0), (2, 1), (6, 2), (4, 1), (5, 2), (3, 0)]


def test_that_a_parent_that_is_gone_or_in_a_circle_hides_no_model() -> None:
    assert sorted(tree(model(2, 3), model(3, 2), model(4, 99))) == [(2, 0), (3, 1), (4, 0)]


def test_that_every_rung_of_the_ladder_has_its_name_and_date_or_is_still_to_be_taken() -> None:
    steps = (
        LadderStep(rung=Rung.TRAINED, who="trainer", comment="", at=NOW),
        LadderStep(rung=Rung.REVIEWED, who="bob", comment="two wrong labels", at=NOW),
    )
    facts = dict(model_facts.facts(model(1, ladder=steps), Models(plot_type_id=1, models=()), NOW))
    assert facts["Trained"].startswith("trainer, ")
    assert facts["Report reviewed"].endswith(": two wrong labels")
    assert facts["Signed off"] == "Not yet"


def test_that_figures_come_with_their_error_bars() -> None:
    known = model(
        1, macro_f1=0.681, macro_f1_range=(0.632, 0.719), bad_recall=0.8, bad_recall_range=(0.7, 0.9),
        settings={"depth": "thorough", "data_set": "0123456789abcdef"}, seed=7,
    )  # fmt: skip
    facts = dict(model_facts.facts(known, Models(plot_type_id=1, models=()), NOW))
    assert facts["Macro-F1"] == "0.68 (0.63 to 0.72)"
    assert facts["Bad found"] == "0.80 (0.70 to 0.90)"
    assert "Bad right" not in facts
    assert facts["Depth"] == "thorough, seed 7, data set 01234567"
    share = Share(value=0.5, low=0.4, high=0.6, of=100)
    words = library.skill_words(MatrixSkill(accuracy=share, macro_f1=share))
    assert words.replace("\u00a0", " ") == (
        "Accuracy 0.50 (0.40 to 0.60)   Macro-F1 0.50 (0.40 to 0.60)"
    )
