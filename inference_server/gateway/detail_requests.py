"""The detail view: chunks around a moment, the reference, what is behind a verdict, votes, log book."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from db import audit, catalogue, detail, labels, models, rights
from db.session import transaction
from db.values import Inference, PlotType
from inference_server import logbook
from inference_server.gateway import translate
from inference_server.gateway.answers import Handlers, Means, Result, must
from inference_server.protocol.detail import (
    CastVote,
    Detail,
    GetDetail,
    GetHistoryOf,
    GetReference,
    GetRun,
    GetRuns,
    GetStrips,
    History,
    Mark,
    Reference,
    RunInfo,
    Runs,
    RunVerdicts,
    Strips,
    Threshold,
    WriteLogEntry,
)
from inference_server.protocol.messages import Done, Refused, Severity, Verdict

MOST = 500  # verdicts in one answer


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {
        GetHistoryOf: lambda request, _who: _history(means, request),
        GetStrips: lambda request, _who: _strips(means, request),
        GetReference: lambda request, _who: _reference(means, request),
        GetDetail: lambda request, who: _detail(means, request, who),
        CastVote: lambda request, who: _vote(means, request, who),
        WriteLogEntry: lambda request, who: _log_entry(means, request, who),
        GetRuns: lambda request, _who: _runs(means, request),
        GetRun: lambda request, _who: _run(means, request),
    }


def _history(means: Means, request: GetHistoryOf) -> Result:
    before, after = min(request.before, MOST), min(request.after, MOST)
    with transaction(means.sessions) as session:
        found = detail.around(session, request.plot_type_id, request.at, before, after)
        said = _said(session)
    verdicts = tuple(said(each) for each in found)
    reply = History(plot_type_id=request.plot_type_id, verdicts=verdicts)
    return Result(reply, _thumbnails(means, found) if request.thumbnails else ())


def _strips(means: Means, request: GetStrips) -> Result:
    with transaction(means.sessions) as session:
        found = detail.strips(session, min(request.length, MOST))
    return Result(
        Strips(
            strips={
                number: tuple(
                    Mark(at=at, severity=Severity(how), confirmed=sure, judged=judged)
                    for at, how, sure, judged in rows
                )
                for number, rows in found.items()
            }
        )
    )


def _reference(means: Means, request: GetReference) -> Result:
    with transaction(means.sessions) as session:
        found = detail.reference(session, request.plot_type_id, request.before)
        said = _said(session)
    if found is None:
        sentence = "There is no earlier Good picture of this plot."
        return Result(Refused(code="not-found", sentence=sentence))
    return Result(Reference(plot_type_id=request.plot_type_id, verdict=said(found)))


def _detail(means: Means, request: GetDetail, who: str) -> Result:
    now = datetime.now(UTC)
    with transaction(means.sessions) as session:
        kind = _kind(session, request.plot_type_id)
        found = detail.of_picture(session, kind.id, request.picture_hash)
        may = rights.of(session, who).may("labeller", kind.id)
        label, by = detail.label_of(session, found.picture_id) if found else ("", "")
        streak = detail.streak(session, found) if found else None
        model_id = found.model_id if found else None
        model = next(iter(models.load(session, [model_id] if model_id else [])), None)
        rows = detail.thresholds(session, model.id) if model else []
        bad = detail.bad_since(session, kind.id, now)
    return Result(
        Detail(
            picture_hash=request.picture_hash,
            model_name=model.name if model else "",
            model_made_at=model.created_at if model else None,
            model_by=model.who if model else "",
            thresholds=tuple(
                Threshold(
                    class_name=row.class_name,
                    value=row.value,
                    method=row.method,
                    who=row.who,
                    at=row.at,
                )
                for row in rows
            ),
            label=label,
            label_by=by,
            classes=tuple(each.name for each in kind.classes),
            may_label=may and found is not None,
            in_a_row=streak.length if streak else 0,
            streak_since=streak.since if streak else None,
            bad_this_week=bad,
            logbook=logbook.describe(means.config.logbook),
        )
    )


def _vote(means: Means, request: CastVote, who: str) -> Result:
    with transaction(means.sessions) as session:
        must(session, who, "labeller", request.plot_type_id)
        picture = _picture(session, request.plot_type_id, request.picture_hash)
        kind = _kind(session, request.plot_type_id)
        if request.class_name not in {each.name for each in kind.classes}:
            raise ValueError(f"{kind.name} has no class {request.class_name}")
        number = labels.vote(
            session,
            picture_id=picture.picture_id,
            class_name=request.class_name,
            who=request.person or who,
            at=datetime.now(UTC),
            client_id=request.client_id,
            verdict_visible=request.verdict_visible,
            seconds=request.seconds,
        )
    return Result(Done(sentence=f"Labelled {request.class_name}.", id=number))


def _log_entry(means: Means, request: WriteLogEntry, who: str) -> Result:
    person = request.person or who
    with transaction(means.sessions) as session:
        must(session, who, "shifter", request.plot_type_id)
        found = _picture(session, request.plot_type_id, request.picture_hash)
    picture = means.pictures.read(found.picture_hash, found.extension)
    if picture is None:
        picture = means.thumbnails.read(found.picture_hash, "jpg") or b""
    entry = logbook.Entry(
        key=request.client_id,
        at=datetime.now(UTC),
        who=person,
        plot_type=found.plot_type,
        run=f"{found.run}.{found.chunk}" if found.chunked else str(found.run),
        verdict=_verdict_words(found),
        text=request.text.strip(),
        picture=picture,
        extension=found.extension,
    )
    where = logbook.write(means.config.logbook, entry)
    with transaction(means.sessions) as session:
        audit.write(
            session, who=person, what="log book", subject=found.plot_type, before={},
            after={"run": entry.run, "text": entry.text, "where": where},
        )  # fmt: skip
    return Result(Done(sentence=f"Written to the log book: {where}."))


def _runs(means: Means, request: GetRuns) -> Result:
    with transaction(means.sessions) as session:
        found = detail.runs(session, min(request.limit, MOST), request.up_to)
    return Result(
        Runs(
            runs=tuple(
                RunInfo(
                    run=each.number,
                    run_period=each.run_period,
                    first_seen=each.first_seen,
                    last_seen=each.last_seen,
                )
                for each in found
            )
        )
    )


def _run(means: Means, request: GetRun) -> Result:
    with transaction(means.sessions) as session:
        found = detail.of_run(session, request.run, request.run_period)
        said = _said(session)
    reply = RunVerdicts(
        run=request.run,
        run_period=request.run_period,
        verdicts=tuple(said(each) for each in found),
    )
    return Result(reply, _thumbnails(means, found))


def _said(session: Session) -> Callable[[Inference], Verdict]:
    classes = catalogue.load(session).classes
    severities = {each.name: Severity(each.severity) for each in classes}
    return lambda row: translate.verdict(row, severities)


def _thumbnails(means: Means, rows: Sequence[Inference]) -> tuple[bytes, ...]:
    return tuple(means.thumbnails.read(each.picture_hash, "jpg") or b"" for each in rows)


def _kind(session: Session, plot_type_id: int) -> PlotType:
    for each in catalogue.load(session).plot_types:
        if each.id == plot_type_id:
            return each
    raise KeyError(f"there is no plot type {plot_type_id}")


def _picture(session: Session, plot_type_id: int, picture_hash: str) -> Inference:
    if (found := detail.of_picture(session, plot_type_id, picture_hash)) is None:
        raise KeyError("the database does not know this picture yet")
    return found


def _verdict_words(found: Inference) -> str:
    if found.model_id is None:
        return "not judged"
    standing = "Confirmed" if found.confirmed else "Unconfirmed"
    return f"{found.label} {found.confidence:.3f}, {standing}"
