"""Which label counts when people say different things."""

import pytest

from db.label_rule import Said, decide

ANN, BOB, CEM = ("ann", "bob", "cem")


def votes(*said):
    return [Said(number, who, name) for number, (who, name) in enumerate(said, start=1)]


@pytest.mark.parametrize(
    ("said", "rule", "expected", "disputed"),
    [
        ([], "latest", None, False),
        ([(ANN, "Good"), (ANN, "Bad")], "latest", "Bad", False),
        ([(ANN, "Good"), (BOB, "Bad")], "latest", "Bad", True),
        ([(ANN, "Good"), (ANN, None)], "latest", None, False),
        ([(ANN, "Good"), (BOB, "Bad")], "consensus", None, True),
        ([(ANN, "Good"), (BOB, "Bad"), (CEM, "Good")], "consensus", "Good", True),
        ([(ANN, "Good"), (BOB, "Good")], "consensus", "Good", False),
        ([(BOB, "Good"), (ANN, "Bad")], "adjudication", "Bad", False),
        ([(BOB, "Good"), (CEM, "Bad")], "adjudication", None, True),
        ([(BOB, "Good"), (CEM, "Good")], "adjudication", "Good", False),
    ],
)
def test_that_the_rule_decides(said, rule, expected, disputed):
    outcome = decide(votes(*said), rule, experts={ANN})
    assert (outcome.vote.class_name if outcome.vote else None, outcome.disputed) == (
        expected,
        disputed,
    )


def test_that_an_unknown_rule_is_named():
    with pytest.raises(ValueError, match="no rule dice; the rules are latest"):
        decide([], "dice")
