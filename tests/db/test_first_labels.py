"""A first label put in with many others is the same as one voted for alone."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from db import catalogue, first_labels, inferences, labels, pictures, settings
from db.first_labels import FirstLabel
from db.label_rule import RULES
from db.session import transaction
from db.tables.people import CurrentLabelRow, LabelRow
from tests.db.factories import inference

NOW = datetime(2026, 5, 14, 9, 0, tzinfo=UTC)
OWN = {"id", "client_id", "picture_id", "label_id"}  # what differs between any two


def columns(row):
    return {
        each.name: getattr(row, each.name) for each in row.__table__.columns if each.name not in OWN
    }


@pytest.mark.parametrize("rule", RULES)
def test_that_a_first_label_is_the_one_that_a_vote_would_have_made(sessions, rule):
    with transaction(sessions) as session:
        catalogue.ensure_class(session, "Bad", "bad")
        kind = catalogue.register(session, "CDC_occupancy", chunked=True)
        settings.write(session, labels.RULE, {"rule": rule}, who="admin")
        one, other = (
            pictures.add(session, inferences._picture(inference(kind, chunk))) for chunk in (1, 2)
        )
        labels.vote(
            session, picture_id=one, class_name="Bad", who="ann", at=NOW, client_id="1",
            verdict_visible=False,
        )  # fmt: skip
        first_labels.put(session, [FirstLabel("2", other, kind, "Bad")], who="ann", at=NOW)
    with sessions() as session:
        for table in (LabelRow, CurrentLabelRow):
            rows = {row.picture_id: row for row in session.scalars(select(table))}
            assert columns(rows[one]) == columns(rows[other])
        votes = session.scalars(select(LabelRow).where(LabelRow.client_id == "2")).one()
        assert session.get(CurrentLabelRow, other).label_id == votes.id


def test_that_no_label_at_all_is_no_mistake(sessions):
    with transaction(sessions) as session:
        first_labels.put(session, [], who="ann", at=NOW)
