"""What can be taken back after a restart, and what a person's word is when something was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from db import catalogue, inferences, label_acts, labels
from db.label_acts import OwnVote, stacks
from db.session import transaction
from tests.db.factories import START, inference


def acts(*made: tuple[str, str, str]) -> label_acts.Stacks:
    """Votes as (client id, act, what it undoes)."""
    return stacks(OwnVote(vote, 1, None, START, act, undoes) for vote, act, undoes in made)


def names(stack) -> list[str]:
    return [act[0].act for act in stack]


def test_that_an_act_that_was_taken_back_can_be_done_again_and_taken_back_again():
    found = acts(("1", "a", ""), ("2", "b", ""), ("3", "c", "2"))
    assert (names(found.done), names(found.undone)) == (["a"], ["c"])
    found = acts(("1", "a", ""), ("2", "b", ""), ("3", "c", "2"), ("4", "d", "3"))
    assert (names(found.done), names(found.undone)) == (["a", "d"], [])
    found = acts(("1", "a", ""), ("2", "b", "1"), ("3", "c", "2"), ("4", "d", "3"))
    assert (names(found.done), names(found.undone)) == ([], ["d"])


def test_that_what_was_taken_back_is_forgotten_with_the_next_label():
    found = acts(("1", "a", ""), ("2", "b", "1"), ("3", "c", ""))
    assert (names(found.done), names(found.undone)) == (["c"], [])


def test_that_many_votes_of_one_act_are_one_step_and_what_lies_too_far_back_is_left_out():
    found = acts(("2", "b", "0"), ("3", "c", ""), ("4", "c", ""))
    assert [len(act) for act in found.done] == [2]


@pytest.fixture
def picture(sessions):
    with transaction(sessions) as session:
        for name, severity in (("Good", "good"), ("Bad", "bad"), ("LED", "neutral")):
            catalogue.ensure_class(session, name, severity)
        kind = catalogue.register(session, "CDC", chunked=True, classes=("Good", "Bad", "LED"))
        return inferences.store(session, [inference(kind, 1)])[0].picture_id


@pytest.fixture
def vote(sessions, picture):
    made = iter(range(100))

    def cast(class_name, *, who="ann", undoes=""):
        number = next(made)
        with transaction(sessions) as session:
            labels.vote(
                session, picture_id=picture, class_name=class_name, who=who, client_id=f"v{number}",
                at=START + timedelta(seconds=number), act=f"act{number}", undoes=undoes,
            )  # fmt: skip
        return f"v{number}"

    return cast


def test_that_taking_back_gives_the_word_to_others_and_puts_none_into_ones_mouth(
    sessions, picture, vote
):
    vote("Good", who="bob")
    mine = vote("Bad")
    back = vote("Good", undoes=mine)  # the station saw Good there before
    with sessions() as session:
        (last,) = [each for each in labels.votes_on(session, picture) if each.kind == "taken_back"]
        assert (last.who, last.class_name) == ("ann", None)
        assert labels.of_class(session, 1, "Good") == [picture]
        assert label_acts.before(session, "ann", [back]) == {back: "Bad"}
    vote("Bad", undoes=back)
    with sessions() as session:
        assert labels.of_class(session, 1, "Bad") == [picture]


def test_that_each_step_back_says_what_oneself_had_said_before_it(sessions, picture, vote):
    first, second = vote("Good"), vote("LED")
    vote("Bad", who="bob")
    vote(None, undoes=second)
    vote(None, undoes=first)
    with sessions() as session:
        words = [each.class_name for each in labels.votes_on(session, picture) if each.who == "ann"]
    assert words == ["Good", "LED", "Good", None]


def test_that_nobody_takes_back_what_another_said(sessions, picture, vote):
    bobs = vote("Bad", who="bob")
    vote("Good", undoes=bobs)
    with sessions() as session:
        assert labels.of_class(session, 1, "Good") == [picture]
        assert names(label_acts.of(session, "bob").done) == ["act0"]
        assert names(label_acts.of(session, "ann").done) == []
