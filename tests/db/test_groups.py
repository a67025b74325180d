"""Groups of plot types nest by their names."""

from __future__ import annotations

from sqlalchemy import select

from db import catalogue
from db.session import transaction
from db.tables.plots import GroupRow


def test_that_a_group_lies_in_the_one_before_the_slash(sessions):
    with transaction(sessions) as session:
        catalogue.register(session, "CDC_occupancy", chunked=True, group="Tracking/CDC")
        catalogue.register(session, "FDC_wires", chunked=True, group="Tracking/FDC")
        catalogue.register(session, "Tracks", chunked=True, group="Tracking")
        rows = {row.name: row for row in session.scalars(select(GroupRow))}
        assert set(rows) == {"Tracking", "Tracking/CDC", "Tracking/FDC"}
        assert rows["Tracking"].parent_id is None
        assert rows["Tracking/CDC"].parent_id == rows["Tracking"].id
        groups = [plot.group for plot in catalogue.load(session).plot_types]
    assert groups == ["Tracking/CDC", "Tracking/FDC", "Tracking"]
