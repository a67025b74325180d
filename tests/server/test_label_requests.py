"""The labeler's requests as a desktop asks them, on both kinds of database."""

from __future__ import annotations

import numpy as np
import pytest

from db import catalogue, inferences, models, pictures
from db.session import transaction
from db.tables.people import RightRow, UserRow
from inference_server.gateway.requests import Requests
from inference_server.protocol import labelling as p
from inference_server.protocol.base import Severity
from inference_server.protocol.label_acts import GetOwnActs
from inference_server.protocol.label_rules import (
    GetLabelRules,
    LabelRule,
    LabelRules,
    SetLabelRules,
)
from inference_server.protocol.messages import Done, Refused
from tests.db.factories import START, inference, model
from tests.server.pictures import settings

BACKBONE = "efficientnet_lite0@64"
# What no statement of its own stands behind is asked on one kind only.
sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def requests(tmp_path, sessions):
    made = Requests(settings(tmp_path), sessions)
    yield made
    made.close()


@pytest.fixture
def ask(requests):
    def asked(request, who="ann"):
        return requests.answer(request, who).reply

    return asked


@pytest.fixture
def plot_type(sessions):
    with transaction(sessions) as session:
        for name, severity in (("Good", "good"), ("Bad", "bad"), ("LED", "neutral")):
            catalogue.ensure_class(session, name, severity)
        return catalogue.register(session, "CDC", chunked=True, classes=("Good", "Bad", "LED"))


@pytest.fixture
def said():
    """What the model says other than a sure Good, by chunk."""
    return {}


@pytest.fixture
def judged(sessions, plot_type, said):
    """Ids of seven judged pictures, by chunk."""
    with transaction(sessions) as session:
        of = models.add(session, model(plot_type))
        rows = [
            inference(plot_type, chunk, model_id=of, **said.get(chunk, {})) for chunk in range(1, 8)
        ]
        stored = inferences.store(session, rows)
    return {chunk: place.picture_id for chunk, place in enumerate(stored, 1)}


def queue(plot_type, name=p.Queue.UNLABELLED, **fields):
    return p.GetLabelQueue(plot_type_ids=(plot_type,), queue=name, **fields)


def vote(picture, class_name="Good", *, number=1, **fields):
    return p.Vote(
        client_id=f"v{number}", picture_id=picture, class_name=class_name, at=START, **fields
    )


def cast(*votes):
    return p.CastVotes(votes=votes)


# ---------------------------------------------------------------- queues


def test_that_pages_follow_by_their_cursor_until_there_is_none(ask, plot_type, judged):
    seen, left, page = [], [], ask(queue(plot_type, limit=3))
    while True:
        seen += [item.chunk for item in page.items]
        left.append(page.left)
        if not page.cursor:
            break
        page = ask(queue(plot_type, limit=3, after=page.cursor))
    assert seen == [7, 6, 5, 4, 3, 2, 1]
    assert left == [7, None, None]


@sqlite
def test_that_a_bad_cursor_is_refused_with_a_sentence(ask, plot_type, judged):
    refused = ask(queue(plot_type, after="nonsense"))
    assert isinstance(refused, Refused)
    assert "cursor" in refused.sentence


@pytest.mark.parametrize("name", list(p.Queue))
def test_that_every_queue_answers_and_says_why_a_picture_is_in_it(ask, plot_type, judged, name):
    ask(cast(vote(judged[1], "Bad"), vote(judged[1], "LED", number=2, person="bob")))
    page = ask(queue(plot_type, name))
    assert isinstance(page, p.LabelPage)
    assert page.left == len(page.items)
    assert all(item.why.endswith(".") for item in page.items)


@sqlite
def test_that_who_said_what_and_who_asked_for_a_look_is_told(ask, plot_type, judged):
    ask(cast(vote(judged[1], "Bad"), vote(judged[1], "LED", number=2, person="bob")))
    ask(cast(vote(judged[2], None, number=3, kind="flag")))
    ask(cast(vote(judged[3], None, number=4, kind="comment", comment="dim")))
    (disputed,) = ask(queue(plot_type, p.Queue.DISPUTED)).items
    assert disputed.why == "ann said Bad. bob said LED."
    (flagged,) = ask(queue(plot_type, p.Queue.FLAGGED)).items
    assert (flagged.picture_id, flagged.why) == (judged[2], "ann flagged it.")
    remarks = {item.picture_id: item.remark for item in ask(queue(plot_type)).items if item.remark}
    assert remarks == {judged[2]: "ann flagged it", judged[3]: "ann: dim"}


@sqlite
def test_that_a_page_by_run_says_how_many_a_run_has_and_goes_on_by_its_own_cursor(
    ask, plot_type, judged
):
    first = ask(queue(plot_type, p.Queue.UNCERTAIN, by_run=True, limit=4))
    rest = ask(queue(plot_type, p.Queue.UNCERTAIN, by_run=True, limit=4, after=first.cursor))
    assert [len(page.items) for page in (first, rest)] == [4, 3]
    assert list(first.sizes.values()) == [7]
    assert isinstance(ask(queue(plot_type, p.Queue.UNCERTAIN, after=first.cursor)), Refused)


# ---------------------------------------------------------------- votes


def test_that_a_vote_sent_twice_counts_once_and_order_is_kept(ask, plot_type, judged):
    batch = cast(
        *(vote(judged[1], name, number=n) for n, name in enumerate(("Good", "Bad", "LED")))
    )
    first, again = ask(batch), ask(batch)
    assert first.moves == again.moves
    assert first.client_ids == ("v0", "v1", "v2")
    kept = ask(p.GetVotes(picture_id=judged[1])).votes
    assert [(each.who, each.class_name) for each in kept] == [
        ("ann", "Good"), ("ann", "Bad"), ("ann", "LED"),
    ]  # fmt: skip
    assert first.moves[0].class_name == "LED"


@sqlite
def test_that_an_answer_goes_with_news_for_every_desktop(requests, plot_type, judged):
    result = requests.answer(cast(vote(judged[1])), "ann")
    (news,) = result.news
    assert isinstance(news, p.LabelsMoved)
    assert news.moves == result.reply.moves


@sqlite
def test_that_the_labels_of_now_are_told_of_pictures_with_and_without_one(ask, plot_type, judged):
    (told,) = ask(cast(vote(judged[1], "Bad"))).moves
    found = ask(p.GetCurrentLabels(picture_ids=(judged[1], judged[2], 9_999))).moves
    assert found[0] == told
    assert [(each.picture_id, each.class_name) for each in found[1:]] == [(judged[2], "")]
    assert "at most 500" in ask(p.GetCurrentLabels(picture_ids=tuple(range(501)))).sentence


@sqlite
def test_that_who_overtakes_another_is_told_and_both_votes_stay(ask, plot_type, judged):
    (bobs,) = ask(cast(vote(judged[1], "Bad")), "bob").moves
    kept = ask(cast(vote(judged[1], "Good", number=2)))
    assert kept.overtaken == (bobs,)
    assert len(ask(p.GetVotes(picture_id=judged[1])).votes) == 2
    seen = vote(judged[1], "LED", number=3, seen_label_id=kept.moves[0].label_id)
    assert ask(cast(seen), "bob").overtaken == ()


@sqlite
def test_that_verdict_seen_and_time_taken_are_kept_with_the_vote(ask, plot_type, judged):
    said = vote(judged[2], verdict_visible=False, seconds=1.25, comment="dim", person="cem")
    ask(cast(said), "shift")
    (kept,) = ask(p.GetVotes(picture_id=judged[2])).votes
    assert (kept.who, kept.verdict_visible, kept.seconds, kept.comment) == (
        "cem",
        False,
        1.25,
        "dim",
    )


def test_that_one_wrong_vote_refuses_its_batch_and_leaves_no_trace(ask, plot_type, judged):
    refused = ask(cast(vote(judged[1]), vote(judged[2], "Nonsense", number=2)))
    assert isinstance(refused, Refused)
    assert "there is no class Nonsense" in refused.sentence
    assert ask(p.GetVotes(picture_id=judged[1])).votes == ()


@sqlite
def test_that_more_votes_than_a_transaction_takes_are_refused(ask, plot_type, judged):
    many = cast(*(vote(judged[1], number=n) for n in range(501)))
    assert "at most 500" in ask(many).sentence


def test_that_without_the_role_nothing_is_changed(ask, sessions, plot_type, judged):
    with transaction(sessions) as session:
        for name, role in (("boss", "admin"), ("vera", "viewer"), ("lab", "labeller")):
            user = UserRow(name=name, created_at=START)
            session.add(user)
            session.flush()
            session.add(RightRow(user_id=user.id, role=role))
    merge = p.MergeClasses(plot_type_id=plot_type, source="LED", into="Bad")
    pin = p.SetTeaching(picture_ids=(judged[1],), pin="training")
    split = p.SplitClass(plot_type_id=plot_type, source="LED", into="x", picture_ids=(judged[1],))
    asked = (
        ("vera", cast(vote(judged[1]))),
        ("vera", pin),
        ("lab", merge),
        ("lab", split),
        ("lab", SetLabelRules(leader_board=False)),
    )
    for who, request in asked:
        assert ask(request, who).code == "forbidden-role"
    assert ask(p.GetVotes(picture_id=judged[1])).votes == ()
    palette = ask(p.GetPalette(plot_type_id=plot_type), "vera")
    assert (palette.may_label, palette.may_edit, len(palette.classes)) == (False, False, 3)
    assert isinstance(ask(cast(vote(judged[1])), "lab"), p.VotesKept)


@sqlite
def test_that_ones_own_acts_come_back_oldest_first_with_what_was_taken_back(ask, plot_type, judged):
    ask(cast(vote(judged[1], "Bad", act="a"), vote(judged[2], "Bad", number=2, act="a")))
    ask(cast(vote(judged[1], "LED", number=3, act="b")))
    ask(cast(vote(judged[3], "Good", number=4, act="c"), vote(judged[4], number=5)), "bob")
    ask(cast(vote(judged[1], "Bad", number=6, act="d", undoes="v3")))
    own = ask(GetOwnActs())
    (done,), (undone,) = own.done, own.undone
    changes = [(each.picture_id, each.before, each.after) for each in done.changes]
    assert changes == [(judged[1], "", "Bad"), (judged[2], "", "Bad")]
    assert (done.plot_type, done.chunk) == ("CDC", 1)
    assert [(each.before, each.after, each.client_id) for each in undone.changes] == [
        ("Bad", "LED", "v6")
    ]
    (bobs,) = ask(GetOwnActs(person="bob")).done
    assert [each.client_id for each in bobs.changes] == ["v4"]


# ---------------------------------------------------------------- likeness


def features(sessions, vectors):
    with transaction(sessions) as session:
        pictures.put_features(
            session,
            [
                (number, BACKBONE, vector.astype("<f2").tobytes())
                for number, vector in vectors.items()
            ],
        )


@pytest.fixture
def alike(sessions, judged):
    """1 to 5 are neighbours of a quiet run, 6 and 7 show the same fault: as real features lie."""
    dice = np.random.default_rng(3)
    good = np.abs(dice.normal(size=1280))
    fault = good * (1 + 0.12 * dice.normal(size=1280))  # 0.993 alike: a dead board, measured
    shown = {chunk: good if chunk < 6 else fault for chunk in judged}
    noisy = {n: vector * (1 + 0.02 * dice.normal(size=1280)) for n, vector in shown.items()}
    features(sessions, {judged[chunk]: vector for chunk, vector in noisy.items()})


FAULT = {"label": "Bad", "severity": "bad", "confidence": 0.9}
UNSURE = {"confirmed": False}


@sqlite
@pytest.mark.parametrize(
    "said",
    [
        {6: FAULT, 7: FAULT},
        dict.fromkeys(range(1, 8), UNSURE),  # it takes the fault for Good, but is sure of nothing
    ],
    ids=["told apart", "unsure"],
)
def test_that_near_copies_fold_and_a_faulty_one_never_with_good_ones(ask, plot_type, judged, alike):
    page = ask(queue(plot_type, fold=True))
    folded = {item.chunk: set(item.twins) for item in page.items}
    assert folded == {7: {judged[6]}, 5: {judged[n] for n in (4, 3, 2, 1)}}


@sqlite
def test_that_a_page_of_near_copies_only_folds_into_one(ask, plot_type, judged, alike):
    ask(cast(vote(judged[6], "Bad"), vote(judged[7], "Bad", number=2)))
    page = ask(queue(plot_type, fold=True))
    assert [(item.chunk, len(item.twins)) for item in page.items] == [(5, 4)]


@sqlite
def test_that_similar_pictures_come_nearest_first_and_without_labelled_ones(
    ask, plot_type, judged, alike
):
    ask(cast(vote(judged[2])))
    found = ask(p.GetSimilar(picture_id=judged[1]))
    assert {item.chunk for item in found.items[:3]} == {3, 4, 5}
    assert [item.chunk for item in found.items if item.chunk in {2, 1}] == []
    assert list(found.likeness) == sorted(found.likeness, reverse=True)


@sqlite
def test_that_a_picture_without_features_is_refused_with_the_reason(ask, plot_type, judged):
    assert "no features yet" in ask(p.GetSimilar(picture_id=judged[1])).sentence


# ---------------------------------------------------------------- classes and progress


def test_that_progress_counts_classes_people_and_agreement(ask, plot_type, judged):
    numbers = iter(range(100))
    for chunk in (1, 2, 3, 4):
        ask(cast(vote(judged[chunk], "Good" if chunk < 3 else "Bad", number=next(numbers))))
        said = "Good" if chunk < 3 else "LED"
        ask(cast(vote(judged[chunk], said, number=next(numbers))), "bob")
    progress = ask(p.GetLabelProgress(plot_type_id=plot_type))
    assert progress.by_class == {"Good": 2, "LED": 2}
    assert progress.left == 3
    assert [(each.who, each.labels) for each in progress.scores] == [("bob", 4)]
    (pair,) = progress.agreements
    # Cohen: both say Good twice, ann Bad and bob LED twice: observed 0.5, by chance 0.25.
    assert (pair.first, pair.second, pair.pictures) == ("ann", "bob", 4)
    assert pair.kappa == pytest.approx(1 / 3)
    assert progress.fleiss is not None
    assert progress.fleiss_by_class["Good"] == pytest.approx(1.0)  # nobody called one of them else
    assert progress.fleiss_by_class["Bad"] < progress.fleiss


@sqlite
def test_that_a_site_can_switch_the_leader_board_off(ask, plot_type, judged):
    ask(cast(vote(judged[1])))
    assert ask(GetLabelRules()) == LabelRules(rule=LabelRule.LATEST, leader_board=True)
    ask(SetLabelRules(leader_board=False))
    assert ask(p.GetLabelProgress(plot_type_id=plot_type)).scores == ()
    assert ask(GetLabelRules()) == LabelRules(rule=LabelRule.LATEST, leader_board=False)


def test_that_another_rule_decides_anew_on_what_people_do_not_agree_on(
    requests, ask, plot_type, judged
):
    ask(cast(vote(judged[1], "Good"), vote(judged[2], "Good", number=2)))
    ask(cast(vote(judged[1], "Bad", number=3)), "bob")
    result = requests.answer(SetLabelRules(rule=LabelRule.CONSENSUS), "boss")
    assert "1 pictures with several votes" in result.reply.sentence
    (news,) = result.news
    assert [(move.picture_id, move.class_name) for move in news.moves] == [(judged[1], "")]
    assert ask(p.GetLabelProgress(plot_type_id=plot_type)).by_class == {"Good": 1}
    ask(SetLabelRules(rule=LabelRule.LATEST))
    assert ask(p.GetLabelProgress(plot_type_id=plot_type)).by_class == {"Good": 1, "Bad": 1}


def test_that_a_renamed_class_keeps_its_labels_key_and_examples(ask, plot_type, judged):
    ask(cast(vote(judged[1], "LED")))
    done = ask(
        p.SetClass(plot_type_id=plot_type, name="LED", key="l", rename_to="Pulser",
                   severity=Severity.NEUTRAL, description="The pulser runs")
    )  # fmt: skip
    assert isinstance(done, Done)
    palette = ask(p.GetPalette(plot_type_id=plot_type))
    (renamed,) = [each for each in palette.classes if each.name == "Pulser"]
    assert (renamed.key, renamed.labelled, len(renamed.example_hashes)) == ("l", 1, 1)
    assert ask(p.GetVotes(picture_id=judged[1])).votes[0].class_name == "Pulser"


@sqlite
def test_that_two_classes_cannot_have_one_key(ask, plot_type, judged):
    ask(p.SetClass(plot_type_id=plot_type, name="LED", key="l"))
    refused = ask(p.SetClass(plot_type_id=plot_type, name="Bad", key="l", severity=Severity.BAD))
    assert "the key l is that of LED already" in refused.sentence


def test_that_merging_votes_for_the_other_class_and_tells_everybody(
    requests, ask, plot_type, judged
):
    ask(cast(vote(judged[1], "LED"), vote(judged[2], "LED", number=2)))
    merge = p.MergeClasses(plot_type_id=plot_type, source="LED", into="Bad")
    result = requests.answer(merge, "boss")
    assert "2 pictures" in result.reply.sentence
    moved = [news for news in result.news if isinstance(news, p.LabelsMoved)]
    assert {move.class_name for news in moved for move in news.moves} == {"Bad"}
    assert [each.class_name for each in ask(p.GetVotes(picture_id=judged[1])).votes] == [
        "LED",
        "Bad",
    ]
    names = [each.name for each in ask(p.GetPalette(plot_type_id=plot_type)).classes]
    assert names == ["Good", "Bad"]


@sqlite
@pytest.mark.parametrize("into", ["LED", "Nonsense"])
def test_that_a_class_merges_only_into_another_of_the_plot_type(ask, plot_type, judged, into):
    ask(cast(vote(judged[1], "LED")))
    refused = ask(p.MergeClasses(plot_type_id=plot_type, source="LED", into=into))
    assert isinstance(refused, Refused)
    assert len(ask(p.GetPalette(plot_type_id=plot_type)).classes) == 3


def test_that_a_class_is_split_in_one_command_as_votes_that_everybody_hears_of(
    requests, ask, plot_type, judged
):
    three = (vote(judged[n], name, number=n) for n, name in ((1, "LED"), (2, "LED"), (3, "Good")))
    ask(cast(*three))
    chosen = (judged[1], judged[3])
    split = p.SplitClass(
        plot_type_id=plot_type, source="LED", into="Dim LED", picture_ids=chosen, person="cem"
    )
    result = requests.answer(split, "boss")
    assert [(move.picture_id, move.class_name) for move in result.reply.moves] == [
        (judged[1], "Dim LED")
    ]
    assert "1 pictures that were LED are Dim LED now. 1 chosen ones" in result.reply.sentence
    (moved,) = [news for news in result.news if isinstance(news, p.LabelsMoved)]
    assert moved.moves == result.reply.moves
    kept = ask(p.GetVotes(picture_id=judged[1])).votes
    assert [(each.who, each.class_name) for each in kept] == [("ann", "LED"), ("cem", "Dim LED")]
    palette = ask(p.GetPalette(plot_type_id=plot_type)).classes
    assert {each.name: each.labelled for each in palette} == {
        "Good": 1, "Bad": 0, "LED": 1, "Dim LED": 1,
    }  # fmt: skip


@sqlite
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"into": "Good"}, "Good is a class of this plot type already"),
        ({"source": "Nonsense"}, "Nonsense is no class"),
        ({"source": "Bad"}, "none of the chosen pictures is labelled Bad"),
        ({"picture_ids": tuple(range(2001))}, "at most 2000"),
    ],
)
def test_that_a_split_that_cannot_be_changes_nothing(ask, plot_type, judged, fields, words):
    ask(cast(vote(judged[1], "LED")))
    whole = {"source": "LED", "into": "Dim LED", "picture_ids": (judged[1],)} | fields
    refused = ask(p.SplitClass(plot_type_id=plot_type, **whole))
    assert words in refused.sentence
    assert len(ask(p.GetPalette(plot_type_id=plot_type)).classes) == 3
    assert len(ask(p.GetVotes(picture_id=judged[1])).votes) == 1


@sqlite
def test_that_a_class_can_be_one_that_does_not_teach(ask, plot_type, judged):
    ask(p.SetClass(plot_type_id=plot_type, name="Ignore", teaches=False))
    palette = ask(p.GetPalette(plot_type_id=plot_type))
    assert {each.name: each.teaches for each in palette.classes} == {
        "Good": True, "Bad": True, "LED": True, "Ignore": False,
    }  # fmt: skip


def test_that_pins_and_weights_come_back_with_the_queue(ask, plot_type, judged):
    ask(p.SetTeaching(picture_ids=(judged[1], judged[2]), pin="validation"))
    ask(p.SetTeaching(picture_ids=(judged[2],), weight=0))
    items = {item.chunk: item for item in ask(queue(plot_type)).items}
    assert [(items[n].pin, items[n].weight) for n in (1, 2, 3)] == [
        ("validation", 1), ("validation", 0), ("", 1),
    ]  # fmt: skip
