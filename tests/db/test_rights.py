"""Roles: an open house until somebody is admin, then only what was given."""

from datetime import UTC, datetime

import pytest

from db import catalogue, rights
from db.session import transaction
from db.tables.people import RightRow, UserRow


def give(session, who, role, plot_type_id=None):
    user = UserRow(name=who, created_at=datetime.now(UTC))
    session.add(user)
    session.flush()
    session.add(RightRow(user_id=user.id, role=role, plot_type_id=plot_type_id))


def test_that_everybody_may_everything_until_an_admin_is_named(sessions):
    with transaction(sessions) as session:
        assert rights.of(session, "ann").may("admin")
        give(session, "boss", "admin")
        assert not rights.of(session, "ann").may("shifter")
        assert rights.of(session, "boss").may("expert")


def test_that_a_role_for_one_plot_type_opens_no_other(sessions):
    with transaction(sessions) as session:
        plot_type = catalogue.register(session, "CDC_occupancy", chunked=True)
        give(session, "boss", "admin")
        give(session, "ann", "expert", plot_type)
        ann = rights.of(session, "ann")
    assert ann.may("labeller", plot_type)
    assert not ann.may("labeller", plot_type + 1)
    assert not ann.may("labeller")


def test_that_an_unknown_role_is_an_error(sessions):
    with transaction(sessions) as session, pytest.raises(ValueError, match="emperor"):
        rights.of(session, "ann").may("emperor")
