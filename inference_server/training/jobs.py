"""One training, from the labels in the database to a registered model."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from db import inferences
from db.session import transaction
from inference_server.config import Config
from inference_server.training import outcome
from inference_server.training.dataset import DataSet, NotTrainable, gather
from inference_server.training.expected import Took
from inference_server.training.look_through import look_through
from inference_server.training.outcome import Order, Outcome
from inference_server.training.progress import Asked, Tell, Told, check
from inference_server.training.recipe import Recipe
from inference_server.training.report import sentence
from inference_server.training.rescore import rescore
from inference_server.training.thresholds import PER_SHIFT, Rule

LATELY = timedelta(days=14)
SHIFT = timedelta(hours=8)


def train(
    config: Config,
    sessions: sessionmaker[Session],
    plot_type_id: int,
    order: Order,
    recipe: Recipe | None = None,
    *,
    threads: int = 0,
    tell: Tell = lambda _told: None,
    asked: Asked = lambda: "",
    work: Path | None = None,
) -> int:
    """Train a model for a plot type on its labelled pictures; its id.

    ``threads``: 0 = all cores. ``work``: a directory for a training that can be interrupted; a second
    call with the same one goes on where the first was. Raises NotTrainable, TuneFailed, Stopped,
    NetworkError, DatabaseAway, OSError.
    """
    recipe = recipe or Recipe()
    begun, resumed = time.monotonic(), work is not None and work.exists()
    data = gather(
        config, sessions, plot_type_id, recipe, threads=threads, tell=tell, asked=asked, work=work
    )
    rule = _rule(sessions, data, recipe)
    looked_at = time.monotonic()
    made = _fit(config, data, recipe, rule, threads, tell, asked, work)
    if not resumed:  # else it took longer than can be told
        took = Took(
            recipe.depth, len(data.pictures), data.looked, looked_at - begun,
            time.monotonic() - looked_at,
        )  # fmt: skip
        made = replace(made, about=made.about | took.settings())
    check(asked)
    tell(Told("Stores the model.", 0.99))
    model_id = outcome.keep(config, sessions, data, recipe, order, made)
    look_through(config, sessions, model_id, threads=threads, tell=tell, asked=asked)
    rescore(config, sessions, model_id, tell=tell, asked=asked)
    tell(Told(_ending(made), 1.0))
    return model_id


def _ending(made: Outcome) -> str:
    figures = sentence(made.card.metrics)
    early = made.about.get("ended") == outcome.STOPPED
    return f"Stopped early, and the best so far is kept: {figures}" if early else figures


def _fit(
    config: Config,
    data: DataSet,
    recipe: Recipe,
    rule: Rule,
    threads: int,
    tell: Tell,
    asked: Asked,
    work: Path | None,
) -> Outcome:
    # Imported here: what trains needs torch.
    from inference_server.training import deep, shallow
    from inference_server.training.material import FitError

    try:
        if recipe.depth != "full":
            return shallow.train(
                config, data, recipe, rule, threads=threads, tell=tell, asked=asked
            )
        with _directory(config, work) as folder:
            return deep.train(
                config, data, recipe, rule, work=folder, threads=threads, tell=tell, asked=asked
            )
    except FitError as error:
        raise NotTrainable(str(error)) from error


def work_dir(config: Config, job_id: int) -> Path:
    """Where a training of the queue keeps what it needs to go on after an interruption."""
    return config.data_dir / "training" / f"job-{job_id}"


def forget(config: Config, job_id: int) -> None:
    """Remove what an ended training kept."""
    shutil.rmtree(work_dir(config, job_id), ignore_errors=True)


def tidy(config: Config, unfinished: Collection[int]) -> None:
    """Remove what trainings kept that ended while nobody looked."""
    wanted = {work_dir(config, job_id).name for job_id in unfinished}
    for folder in (config.data_dir / "training").glob("job-*"):
        if folder.name not in wanted:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _directory(config: Config, work: Path | None) -> Iterator[Path]:
    """``work``, or a directory that is gone afterwards."""
    if work is not None:
        yield work
        return
    place = config.data_dir / "training"
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place, prefix="once-") as folder:
        yield Path(folder)


def _rule(sessions: sessionmaker[Session], data: DataSet, recipe: Recipe) -> Rule:
    pictures = recipe.pictures_per_shift
    if recipe.false_calls and not pictures:
        with transaction(sessions) as session:
            since = datetime.now(UTC) - LATELY
            pictures = inferences.rate(session, data.plot_type.id, since, SHIFT) or PER_SHIFT
    return Rule(
        bad=data.classes("bad"),
        precision=recipe.precision,
        false_calls=recipe.false_calls,
        pictures_per_shift=pictures or PER_SHIFT,
    )
