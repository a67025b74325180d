"""What people do: labels, thresholds, activations; nothing of it is ever overwritten."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from db import catalogue, inferences, labels, models, pictures, trainings
from db.session import transaction
from db.tables.people import AuditRow, LabelRow
from tests.db.factories import inference, model

NOW = datetime(2026, 5, 14, 9, 0, tzinfo=UTC)


@pytest.fixture
def plot_type(sessions):
    with transaction(sessions) as session:
        for name, severity in (("Good", "good"), ("Bad", "bad")):
            catalogue.ensure_class(session, name, severity)
        catalogue.ensure_class(session, "Ignore", "neutral", teaches=False)
        return catalogue.register(session, "CDC_occupancy", chunked=True, classes=("Good", "Bad"))


@pytest.fixture
def picture(sessions, plot_type):
    with transaction(sessions) as session:
        return inferences.store(session, [inference(plot_type)])[0].picture_id


def vote(session, picture, class_name, client_id, kind="label"):
    return labels.vote(
        session, picture_id=picture, class_name=class_name, who="ann", at=NOW, client_id=client_id, kind=kind
    )  # fmt: skip


def current(session):
    return [row.class_name for row in labels.export(session)]


def test_that_the_newest_vote_counts_and_every_vote_is_kept(sessions, picture):
    with transaction(sessions) as session:
        vote(session, picture, "Good", "1")
        vote(session, picture, "Bad", "2")
        assert current(session) == ["Bad"]
        assert session.scalar(select(func.count(LabelRow.id))) == 2


def test_that_a_vote_sent_twice_counts_once(sessions, picture):
    with transaction(sessions) as session:
        first = vote(session, picture, "Good", "1")
    with transaction(sessions) as session:
        assert vote(session, picture, "Good", "1") == first
        assert session.scalar(select(func.count(LabelRow.id))) == 1


def test_that_taking_back_leaves_no_label_and_unsure_changes_none(sessions, picture):
    with transaction(sessions) as session:
        vote(session, picture, "Good", "1")
        vote(session, picture, None, "2", kind="unsure")
        assert current(session) == ["Good"]
        vote(session, picture, None, "3", kind="taken_back")
        assert current(session) == []


def test_that_ignored_pictures_do_not_teach(sessions, plot_type, picture):
    with transaction(sessions) as session:
        pictures.put_features(session, [(picture, "net@224", b"\x00\x3c")])
        vote(session, picture, "Good", "1")
        (found,) = pictures.labelled(session, plot_type, "net@224")
        assert (found.class_name, found.features) == ("Good", b"\x00\x3c")
        assert pictures.labelled(session, plot_type, "other")[0].features is None
        vote(session, picture, "Ignore", "2")
        assert pictures.labelled(session, plot_type, "net@224") == []


def test_that_the_newest_threshold_is_in_force_and_the_change_is_on_record(sessions, plot_type):
    with transaction(sessions) as session:
        made = models.add(session, model(plot_type))
        models.set_threshold(session, made, "Bad", 0.8, who="ann", reason="too many calls")
        models.activate(session, plot_type, made, who="ann", reason="first")
    with sessions() as session:
        (active,) = catalogue.load(session).models
        assert active.thresholds == {"Good": 0.5, "Bad": 0.8}
        entries = session.scalars(
            select(AuditRow).where(AuditRow.who == "ann").order_by(AuditRow.id)
        ).all()
        assert [(row.what, row.who) for row in entries] == [
            ("threshold", "ann"),
            ("active model", "ann"),
        ]
        assert entries[0].before == {"threshold": 0.65}


@pytest.mark.parametrize("threshold", [-0.1, 1.1])
def test_that_a_threshold_outside_0_and_1_is_refused(sessions, plot_type, threshold):
    with transaction(sessions) as session:
        made = models.add(session, model(plot_type))
        with pytest.raises(ValueError, match="between 0 and 1"):
            models.set_threshold(session, made, "Bad", threshold, who="ann")


def test_that_a_model_of_another_plot_type_cannot_be_activated(sessions, plot_type):
    with transaction(sessions) as session:
        other = catalogue.register(session, "FCAL_occupancy", chunked=True)
        made = models.add(session, model(other))
        with pytest.raises(KeyError, match="has no model"):
            models.activate(session, plot_type, made, who="ann", reason="")


def test_that_the_ledger_answers_which_model_was_live(sessions, plot_type):
    with transaction(sessions) as session:
        made = models.add(session, model(plot_type))
        before = datetime.now(UTC)
        models.activate(session, plot_type, made, who="ann", reason="")
        assert models.active_at(session, plot_type, before) is None
        assert models.active_at(session, plot_type, datetime.now(UTC)) == made


def test_that_registering_twice_gives_one_plot_type_per_kind(sessions, plot_type):
    with transaction(sessions) as session:
        assert catalogue.register(session, "CDC_occupancy", chunked=True) == plot_type
        assert catalogue.register(session, "CDC_occupancy", chunked=False) != plot_type


def test_that_properties_of_a_plot_type_change_with_an_audit_entry(sessions, plot_type):
    with transaction(sessions) as session:
        catalogue.update(
            session,
            plot_type,
            who="ann",
            group="CDC",
            guidance="Check the HV.",
            collect_fraction=0.1,
        )
        (found,) = catalogue.load(session).plot_types
        assert (found.group, found.guidance, found.collect_fraction) == (
            "CDC",
            "Check the HV.",
            0.1,
        )
        (entry,) = session.scalars(select(AuditRow).where(AuditRow.who == "ann"))
        assert entry.before == {"group": "", "guidance": "", "collect_fraction": 0.02}
        assert entry.after == {
            "group": "CDC",
            "guidance": "Check the HV.",
            "collect_fraction": 0.1,
        }
        with pytest.raises(KeyError, match="no property"):
            catalogue.update(session, plot_type, who="ann", name="other")


def test_that_classes_keep_the_order_given_and_one_taken_away_is_gone(sessions, plot_type):
    with transaction(sessions) as session:
        catalogue.set_classes(session, plot_type, ["Ignore", "Bad"], who="ann")
    with transaction(sessions) as session:
        (found,) = catalogue.load(session).plot_types
        assert [each.name for each in found.classes] == ["Ignore", "Bad"]
        (entry,) = session.scalars(select(AuditRow).where(AuditRow.who == "ann"))
        assert (entry.before, entry.after) == (
            {"classes": ["Good", "Bad"]},
            {"classes": ["Ignore", "Bad"]},
        )
        with pytest.raises(KeyError, match="no class Purple"):
            catalogue.set_classes(session, plot_type, ["Purple"])


def test_that_a_vote_for_what_does_not_exist_is_refused(sessions, picture):
    with transaction(sessions) as session:
        with pytest.raises(KeyError, match="no class Purple"):
            vote(session, picture, "Purple", "1")
        with pytest.raises(KeyError, match="no picture 4711"):
            vote(session, 4711, "Good", "1")


def test_that_every_script_and_sign_survives(sessions, picture):
    words = "Драйфкамера ☢️ 漂移室 '; DROP TABLE labels; --"
    with transaction(sessions) as session:
        labels.vote(
            session, picture_id=picture, class_name="Bad", who="Ünal", at=NOW, client_id="1",
            comment=words,
        )  # fmt: skip
    with sessions() as session:
        assert session.scalars(select(LabelRow.comment)).one() == words
        assert [row.who for row in labels.export(session)] == ["Ünal"]


def test_that_names_that_differ_in_case_only_are_two(sessions, plot_type):
    with transaction(sessions) as session:
        assert catalogue.register(session, "cdc_occupancy", chunked=True) != plot_type


def test_that_a_training_survives_its_trainer(sessions, plot_type):
    with transaction(sessions) as session:
        job = trainings.queue(session, plot_type, who="ann", settings={"seed": 1})
        assert trainings.take(session).id == job
        assert trainings.take(session) is None
        assert trainings.put_back(session) == 1
        assert trainings.take(session).settings == {"seed": 1}
