"""Palettes, progress, and how pictures teach."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from db import catalogue, label_queue, labels, pictures, rights, settings, teaching, vocabulary
from db.label_filter import Narrowing
from db.session import transaction
from inference_server import agreement
from inference_server.gateway import label_requests
from inference_server.gateway.answers import Handlers, Means, Result, must
from inference_server.protocol.base import Severity
from inference_server.protocol.class_changes import MergeClasses, SetClass, SplitClass
from inference_server.protocol.labelling import (
    Agreement,
    ClassSplit,
    GetLabelProgress,
    GetPalette,
    LabellerScore,
    LabelProgress,
    LabelsMoved,
    Palette,
    PaletteChanged,
    PaletteClass,
    SetTeaching,
)
from inference_server.protocol.messages import Done

EXAMPLES = 3  # pictures shown for each class
MOST_SPLIT = 2000  # pictures in one transaction
LEADER_BOARD = "leader_board"  # key in the settings


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {
        GetPalette: lambda request, who: _palette(means, request.plot_type_id, who),
        GetLabelProgress: lambda request, _who: _progress(means, request.plot_type_id),
        SetTeaching: lambda request, who: _teach(means, request, who),
        SetClass: lambda request, who: _set_class(means, request, who),
        MergeClasses: lambda request, who: _merge(means, request, who),
        SplitClass: lambda request, who: _split(means, request, who),
    }


def _palette(means: Means, plot_type_id: int, who: str) -> Result:
    with transaction(means.sessions) as session:
        held = rights.of(session, who)
        kinds = {each.id: each for each in catalogue.load(session).plot_types}
        if plot_type_id not in kinds:
            raise KeyError(f"there is no plot type {plot_type_id}")
        counts = labels.counts(session, plot_type_id)
        classes = tuple(
            PaletteClass(
                name=each.name,
                severity=Severity(each.severity),
                colour=each.colour,
                key=each.key,
                description=each.description,
                teaches=each.teaches,
                labelled=counts.get(each.name, 0),
                example_hashes=tuple(labels.examples(session, plot_type_id, each.name, EXAMPLES)),
            )
            for each in kinds[plot_type_id].classes
        )
    return Result(
        Palette(
            plot_type_id=plot_type_id,
            classes=classes,
            may_label=held.may("labeller", plot_type_id),
            may_edit=held.may("expert", plot_type_id),
        )
    )


def _progress(means: Means, plot_type_id: int) -> Result:
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    with transaction(means.sessions) as session:
        by_class = labels.counts(session, plot_type_id)
        left = label_queue.count(session, "unlabelled", [plot_type_id], Narrowing())
        shown = settings.read(session, LEADER_BOARD).get("shown", True)
        people = labels.labellers(session, plot_type_id, hour_ago) if shown else []
        said = labels.last_words(session, plot_type_id)
    ratings = [list(words.values()) for words in said.values()]
    return Result(
        LabelProgress(
            plot_type_id=plot_type_id,
            by_class=by_class,
            left=left,
            scores=tuple(
                LabellerScore(who=who, labels=number, last_hour=late)
                for who, number, late in people
            ),
            agreements=tuple(
                Agreement(first=first, second=second, pictures=number, kappa=kappa)
                for (first, second), (number, kappa) in agreement.by_pair(said).items()
            ),
            fleiss=agreement.fleiss(ratings),
            fleiss_by_class={
                name: kappa
                for name, kappa in agreement.by_class(ratings).items()
                if kappa is not None
            },
        )
    )


def _teach(means: Means, request: SetTeaching, who: str) -> Result:
    with transaction(means.sessions) as session:
        for picture in request.picture_ids:
            must(session, who, "labeller", pictures.kind_of(session, picture))
        teaching.mark(session, request.picture_ids, pin=request.pin, weight=request.weight, who=who)
    return Result(Done(sentence=f"{len(request.picture_ids)} pictures are marked."))


def _set_class(means: Means, request: SetClass, who: str) -> Result:
    with transaction(means.sessions) as session:
        must(session, who, "expert", request.plot_type_id)
        name = request.name
        if request.rename_to and request.rename_to != name:
            must(session, who, "expert")  # the name is the whole site's
            vocabulary.rename(session, name, request.rename_to, who=who)
            name = request.rename_to
        vocabulary.change(
            session, request.plot_type_id, name, severity=request.severity,
            colour=request.colour, key=request.key, description=request.description, who=who,
            teaches=request.teaches,
        )  # fmt: skip
    return _changed(request.plot_type_id, f"{name} is stored.")


def _merge(means: Means, request: MergeClasses, who: str) -> Result:
    now = datetime.now(UTC)
    with transaction(means.sessions) as session:
        must(session, who, "expert", request.plot_type_id)
        kinds = {each.id: each for each in catalogue.load(session).plot_types}
        left = [each.name for each in kinds[request.plot_type_id].classes]
        if request.into == request.source or request.into not in left:
            raise ValueError(f"{request.source} can only become another class of this plot type")
        moved = labels.of_class(session, request.plot_type_id, request.source)
        for picture in moved:
            labels.vote(
                session, picture_id=picture, class_name=request.into, who=who, at=now,
                client_id=str(uuid.uuid4()), comment=f"{request.source} merged into {request.into}",
            )  # fmt: skip
        catalogue.set_classes(
            session, request.plot_type_id,
            [name for name in left if name != request.source], who=who,
        )  # fmt: skip
        told = tuple(label_requests.moves(label_queue.by_ids(session, moved)).values())
    sentence = f"{len(moved)} pictures that were {request.source} are {request.into} now."
    return _changed(request.plot_type_id, sentence, LabelsMoved(moves=told))


def _split(means: Means, request: SplitClass, who: str) -> Result:
    now = datetime.now(UTC)
    with transaction(means.sessions) as session:
        must(session, who, "expert", request.plot_type_id)
        kinds = {each.id: each for each in catalogue.load(session).plot_types}
        known = {each.name: each for each in kinds[request.plot_type_id].classes}
        _check_split(request, known)
        vocabulary.change(
            session, request.plot_type_id, request.into,
            severity=known[request.source].severity, colour="", key="",
            description="", who=who, teaches=known[request.source].teaches,
        )  # fmt: skip
        chosen = label_queue.by_ids(session, request.picture_ids)
        moved = [
            each.picture_id
            for each in chosen
            if (each.plot_type_id, each.class_name) == (request.plot_type_id, request.source)
        ]
        if not moved:
            raise ValueError(f"none of the chosen pictures is labelled {request.source}")
        act, votes = str(uuid.uuid4()), {picture: str(uuid.uuid4()) for picture in moved}
        for picture, vote in votes.items():
            labels.vote(
                session, picture_id=picture, class_name=request.into, who=request.person or who,
                at=now, client_id=vote, comment=f"split off {request.source}", act=act,
            )  # fmt: skip
        told = tuple(label_requests.moves(label_queue.by_ids(session, moved)).values())
    sentence = f"{len(moved)} pictures that were {request.source} are {request.into} now."
    if left := len(request.picture_ids) - len(moved):
        sentence += f" {left} chosen ones had another label, and keep it."
    return Result(
        ClassSplit(moves=told, sentence=sentence, votes=votes),
        catalogue_changed=True,
        news=(LabelsMoved(moves=told), PaletteChanged(plot_type_id=request.plot_type_id)),
    )


def _check_split(request: SplitClass, known: Collection[str]) -> None:
    if len(request.picture_ids) > MOST_SPLIT:
        raise ValueError(f"at most {MOST_SPLIT} pictures are split off at once")
    if request.source not in known:
        raise ValueError(f"{request.source} is no class of this plot type")
    if request.into in known:
        raise ValueError(
            f"{request.into} is a class of this plot type already; label the pictures with its key"
        )


def _changed(plot_type_id: int, sentence: str, *news: LabelsMoved) -> Result:
    return Result(
        Done(sentence=sentence),
        catalogue_changed=True,
        news=(*news, PaletteChanged(plot_type_id=plot_type_id)),
    )
