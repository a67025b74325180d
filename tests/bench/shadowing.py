"""What whole networks in the shadow cost the verdicts: the same feed without them and with one for every plot type."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from db import catalogue, library, models
from db import session as database
from db.tables.judging import EvaluationRow
from db.values import NewModel, PlotType
from inference_server.config import Config
from inference_server.predict import fast, networks, whole
from inference_server.predict.heads import Card
from tests.bench import drawing
from tests.bench.figures import Figure
from tests.bench.training import RATE, latencies
from tests.bench.whole import WARM, hear_all, paced, teach
from tests.server.live import LiveServer, live

NETWORK, SIZE = "mobilenet_v3_small", 224


def measure(folder: Path, *, seconds: float, cores: int) -> list[Figure]:
    """Verdict latency at RATE without candidates, then with untrained whole networks in the shadow."""
    count = int(seconds * RATE)
    pictures, _ = drawing.drawn(WARM + 2 * count)
    teach(folder, cores)
    config = LiveServer(folder, backbone="").config
    engine = database.connect(config.database)
    sessions = database.sessions(engine)
    _shadow(config, sessions, on=False)
    with live(folder, backbone="") as (server, heard):
        hear_all(server, heard, pictures[:WARM])
        alone = paced(server, heard, pictures[WARM : WARM + count], RATE)
    _shadow(config, sessions, on=True)
    before = _judged(sessions)
    with live(folder, backbone="") as (server, heard):
        beside = paced(server, heard, pictures[WARM + count :], RATE)
    share = 100 * (_judged(sessions) - before) / count
    engine.dispose()
    return [
        *latencies("without a shadow", alone),
        *latencies("with networks in the shadow", beside, alone),
        Figure(name="judged in the shadow", value=share, unit="%", note="of these pictures"),
    ]


def _shadow(config: Config, sessions: sessionmaker[Session], *, on: bool) -> None:
    with database.transaction(sessions) as session:
        kinds = [each for each in catalogue.load(session).plot_types if each.model_id is not None]
    for kind in kinds:
        number = _candidate(config, sessions, kind) if on else None
        with database.transaction(sessions) as session:
            library.set_shadow(session, kind.id, number, who="bench")


def _candidate(config: Config, sessions: sessionmaker[Session], kind: PlotType) -> int:
    """An untrained network: how long it computes does not depend on what it learned."""
    labels = tuple(sorted(each.name for each in kind.classes))
    card = Card(plot_type=kind.name, labels=labels, backbone="", architecture=NETWORK, size=SIZE)
    with database.transaction(sessions) as session:
        name = f"bench/{kind.id}-{len(models.history(session, kind.id))}"
    place = config.models_dir / name
    whole.save(place, card, networks.Classifier(NETWORK, len(labels)))
    fast.make(place, whole.load(place))
    new = NewModel(
        plot_type_id=kind.id, name=name, folder=name, who="bench", backbone=NETWORK, labels=labels,
        seed=1, thresholds=dict.fromkeys(labels, 0.5), kind="network",
    )  # fmt: skip
    with database.transaction(sessions) as session:
        return models.add(session, new)


def _judged(sessions: sessionmaker[Session]) -> int:
    query = select(func.count()).where(EvaluationRow.purpose == "shadow")
    with database.transaction(sessions) as session:
        return session.scalar(query) or 0
