"""The dashboards that come along ask for what there is: each query runs, each metric exists."""

import json
import re
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from db import catalogue, inferences
from db import session as database
from db.session import transaction
from inference_server.gateway.metrics import Metrics
from tests.db.factories import inference

HERE = Path(__file__).parents[2] / "resources" / "grafana" / "dashboards"
ENDINGS = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_sum", "_count"),
    "gauge": ("",),
    "info": ("_info",),
}
FILTER = re.compile(r"\$__timeFilter\(([\w.]+)\)")


def dashboard(name):
    return json.loads((HERE / name).read_text())


def queries():
    made = dashboard("hydra-verdicts.json")
    yield made["templating"]["list"][0]["query"]
    yield made["annotations"]["list"][0]["rawQuery"]
    for panel in made["panels"]:
        for target in panel["targets"]:
            yield target["rawSql"]


@pytest.mark.mariadb
def test_that_every_query_of_the_dashboard_runs_and_finds_what_was_judged(mariadb):
    mariadb.create("grafana")
    url = mariadb.url("grafana")
    database.migrate(url)
    engine = database.connect(url)
    with transaction(database.sessions(engine)) as session:
        catalogue.ensure_class(session, "Good", "good")
        plot = catalogue.register(session, "CDC_occupancy", True, classes=("Good",))
        inferences.store(session, [inference(plot, 1)])
    with engine.connect() as connection:
        found = []
        for query in queries():
            plain = FILTER.sub(r"\1 BETWEEN '2026-05-01' AND '2026-06-01'", query)
            plain = plain.replace("$plot_type", "CDC_occupancy").replace(":", "\\:")
            found.append(connection.execute(text(plain)).all())
    assert found[0] == [("CDC_occupancy",)]
    points, thresholds = found[2], found[3]
    assert [(row.metric, row.value) for row in points] == [("Good", 0.97)]
    assert [(row.metric, row.value) for row in thresholds] == [("Good threshold", 0.5)]
    engine.dispose()
    mariadb.drop("grafana")


def test_that_every_metric_of_the_dashboard_exists():
    known, families = set(), set()
    for family in text_string_to_metric_families(generate_latest(Metrics().registry).decode()):
        if family.name.endswith("_created"):
            continue
        families.add(family.name)
        known |= {f"{family.name}{ending}" for ending in ENDINGS[family.type]}
    asked = set()
    for panel in dashboard("hydra-server.json")["panels"]:
        for target in panel["targets"]:
            asked |= set(re.findall(r"hydra_\w+", target["expr"]))
    assert asked <= known
    stems = {re.sub("_(bucket|sum|count|total)$", "", each) for each in asked}
    assert families - {"hydra_build_info", "hydra_model_active_info"} <= stems, (
        "a figure nobody sees"
    )
