"""One example of every public message, with every field filled."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from inference_server.protocol import alarms as a
from inference_server.protocol import comparison as duel
from inference_server.protocol import curves as crv
from inference_server.protocol import (
    detail,
    explain,
    label_acts,
    label_rules,
    labelling,
    masks,
    notices,
    people,
    questions,
    shadow,
)
from inference_server.protocol import library as lib
from inference_server.protocol import matrix as mat
from inference_server.protocol import messages as m
from inference_server.protocol import model_files as carried
from inference_server.protocol import plot_forms as forms
from inference_server.protocol import thresholds as thr
from tests.protocol.record_examples import RECORDS
from tests.protocol.replay_examples import REPLAYS

NOW = datetime(2026, 5, 14, 8, 12, 36, tzinfo=UTC)


AREA = masks.Area(left=0.1, top=0.2, right=0.3, bottom=0.4, mask_id=5)
MASK = masks.Mask(
    id=5, plot_type_id=1, plot_type="CDC_occupancy", areas=(AREA,), reason="Board 7 is off.", who="ann",
    since=NOW, contact="log entry 41", until=NOW, run_period="RunPeriod-2026-05", ended_at=NOW,
    ended_by="bob", filled=True,
)  # fmt: skip
MASKS: tuple[Any, ...] = (
    masks.GetMasks(limit=9),
    masks.SetMask(
        plot_type_id=1, areas=(AREA,), reason="Board 7 is off.", contact="ann", until=NOW,
        this_period=True, person="ann",
    ),
    masks.EndMask(mask_id=5, person="ann"),
    masks.Masks(masks=(MASK,), periods={1: "RunPeriod-2026-05"}),
)  # fmt: skip
QUESTIONS: tuple[Any, ...] = (
    questions.GetQuestions(model_id=41, offset=24, limit=9),
    questions.Questions(
        model_id=41, total=30, answered=1, offset=24,
        questions=(
            questions.ReportQuestion(
                picture_id=9, picture_hash="a" * 64, run_period="RunPeriod-2026-05", run=92317, chunk=8,
                said="Bad", confidence=0.9, labelled="Good", now="Bad", labelled_by="ann",
                answers=(
                    questions.ReportAnswer(who="ann", class_name="Bad", at=NOW, comment="Board 7."),
                ),
            ),
        ),
    ),
)  # fmt: skip
SHADOW: tuple[Any, ...] = (
    shadow.GetShadow(plot_type_id=1, limit=9),
    shadow.ShadowStanding(
        plot_type_id=1, model_id=41, active_id=35, since=NOW, judged=120, same=110, calls=4,
        shadow_calls=6, labelled=20, right=17, shadow_right=19,
        said=(shadow.SaidBoth(live="Good", said="Bad", count=6),),
        differences=(
            shadow.ShadowDifference(
                picture_id=9, picture_hash="a" * 64, run_period="RunPeriod-2026-05", run=92317, chunk=8,
                live="Good", live_confidence=0.6, said="Bad", confidence=0.9, judged_at=NOW,
            ),
        ),
    ),
)  # fmt: skip


def verdict(**fields: Any) -> m.Verdict:
    filled: dict[str, Any] = {
        "plot_type_id": 1,
        "plot_type": "CDC_occupancy",
        "chunked": True,
        "run_period": "RunPeriod-2026-05",
        "run": 92317,
        "chunk": 8,
        "picture_hash": "a" * 64,
        "label": "Bad",
        "severity": m.Severity.BAD,
        "confidence": 0.974,
        "confirmed": True,
        "scores": (
            m.ClassScore(name="Bad", severity=m.Severity.BAD, confidence=0.974, threshold=0.65),
        ),
        "anomaly": 6.2,
        "model_id": 35,
        "unbiased": True,
        "picture_time": NOW,
        "judged_at": NOW,
        "latency_ms": 41.5,
        "inference_id": 118402,
        "masked": (AREA,),
    }
    return m.Verdict(**(filled | fields))


COMPONENT = m.Component(
    role="predict", name="predict-0", host="dqm-1", pid=7, state="running", sentence="Judges.",
    next_step="", queue=1, done=2, ms_per_item=3.5, rss_mb=400.0, last_seen=NOW,
)  # fmt: skip
ITEM = m.QuarantineItem(path="a.png", reason="The file ends too early.", at=NOW, kept_as="q/a.png")
TRAINING = m.TrainingState(
    job_id=1, plot_type="CDC", state="done", sentence="Done.", fraction=1.0, model_id=3, metrics={"f1": 0.9}
)  # fmt: skip
PLOT_TYPE = m.PlotTypeInfo(
    id=1, name="CDC_occupancy", chunked=True, group="CDC", classes=("Good", "Bad"), masks=(MASK,)
)
NOTICE = notices.Notice(id=3, text="Solenoid ramps down at 06:00.", who="ann", at=NOW, until=NOW)
CLASS = m.ClassInfo(name="Bad", severity=m.Severity.BAD, colour="#8C1A12")
SHARE = mat.Share(value=0.98, low=0.95, high=0.99, of=120)
ENTRY = thr.ThresholdEntry(
    class_name="Bad", threshold=0.65, method="person", who="ann", reason="too many calls", at=NOW
)
MODEL = lib.ModelInfo(
    id=35, name="CDC 35", kind="head", created_at=NOW, who="ann", why="new runs", parent_id=34,
    backbone="efficientnet_lite0@224", labels=("Bad", "Good"), merged=True, seed=3, active=True,
    shadow=True, accuracy=SHARE, macro_f1=0.96, calibration_error=0.01, calibration_error_before=0.04,
    skills=(lib.ClassSkill(name="Bad", precision=0.9, recall=0.8, f1=0.85, count=30),),
    remarks=("Bad has only 4 labelled pictures; label more.",), pictures=120, runs=6,
    versions={"torch": "2"}, settings={"runs": "1-2"}, thresholds=(ENTRY,),
    ladder=(lib.LadderStep(rung=lib.Rung.TRAINED, who="ann", comment="", at=NOW),),
)  # fmt: skip
JUDGED = mat.JudgedPicture(
    picture_id=7, picture_hash="a" * 64, run_period="2026-05", run=92317, chunk=8, expert="Bad",
    labelled_by="ann", said="Good", confidence=0.9,
)  # fmt: skip
OUTCOME = thr.Outcome(
    threshold=0.8, confirmed=9, unconfirmed=2, wrong=1, missed=3, left=4, precision=0.9, recall=0.8,
    accuracy=0.99, calls_per_shift=1.4,
)  # fmt: skip
PREPARATION = m.Preparation(sentence="Preparing 3 of 16", fraction=0.2)

FILTER = labelling.LabelFilter(
    run_from=1, run_to=2, since=NOW, until=NOW, class_name="Bad", labeller="ann", said="Good",
    confidence_from=0.1, confidence_to=0.9, text="board",
)  # fmt: skip
LABEL_ITEM = labelling.LabelItem(
    picture_id=5, plot_type_id=1, plot_type="CDC_occupancy", run_period="RunPeriod-2026-05", run=92317,
    chunk=8, picture_hash="a" * 64, picture_time=NOW, why="Not labelled yet.", said="Bad",
    confidence=0.9, confirmed=True, unbiased=True, class_name="Good", who="ann", labelled_at=NOW,
    label_id=7, disputed=True, pin="training", weight=2, twins=(6,), remark="ann flagged it",
)  # fmt: skip
VOTE = labelling.Vote(
    client_id="u-1", picture_id=5, class_name="Bad", at=NOW, kind="label", comment="board 3",
    verdict_visible=False, seconds=1.2, seen_label_id=7, person="ann",
    act="a-1", undoes="u-0",
)  # fmt: skip
OWN_ACT = label_acts.OwnAct(
    at=NOW, plot_type="CDC_occupancy", run=92317, chunk=8,
    changes=(label_acts.OwnChange(picture_id=5, before="", after="Bad", client_id="u-1"),),
)  # fmt: skip
MOVE = labelling.LabelMove(
    picture_id=5, plot_type_id=1, class_name="Bad", who="ann", at=NOW, label_id=8, disputed=True
)
PALETTE_CLASS = labelling.PaletteClass(
    name="Bad", severity=m.Severity.BAD, colour="#8C1A12", key="2", description="A dead board.",
    teaches=True, labelled=3, example_hashes=("a" * 64,),
)  # fmt: skip
LABELLING: tuple[m.Message, ...] = (
    labelling.GetLabelQueue(
        plot_type_ids=(1,), queue=labelling.Queue.BAD, filter=FILTER, after="1/2/3", limit=5, fold=True,
        by_run=True,
    ),
    labelling.CastVotes(votes=(VOTE,)),
    labelling.GetVotes(picture_id=5),
    labelling.GetPalette(plot_type_id=1),
    labelling.GetCurrentLabels(picture_ids=(5, 6)),
    labelling.CurrentLabels(moves=(MOVE,)),
    labelling.GetSimilar(picture_id=5, limit=3),
    labelling.GetLabelProgress(plot_type_id=1),
    label_acts.GetOwnActs(person="ann"),
    labelling.SetTeaching(picture_ids=(5,), pin="training", weight=2),
    labelling.SetClass(
        plot_type_id=1, name="Bad", severity=m.Severity.BAD, colour="#8C1A12", key="2",
        description="A dead board.", rename_to="Broken",
    ),
    labelling.MergeClasses(plot_type_id=1, source="Broken", into="Bad"),
    label_rules.GetLabelRules(),
    label_rules.SetLabelRules(rule=label_rules.LabelRule.CONSENSUS, leader_board=False),
    label_rules.LabelRules(rule=label_rules.LabelRule.LATEST, leader_board=True),
    labelling.SplitClass(
        plot_type_id=1, source="Bad", into="Dead board", picture_ids=(5, 6), person="ann"
    ),
    labelling.ClassSplit(moves=(MOVE,), sentence="1 pictures that were Bad are Dead board now."),
    labelling.LabelPage(items=(LABEL_ITEM,), cursor="1/2/3", left=4, sizes={92317: 140}),
    labelling.VotesKept(client_ids=("u-1",), moves=(MOVE,), overtaken=(MOVE,)),
    labelling.Votes(
        votes=(
            labelling.VoteRecord(
                id=8, who="ann", class_name="Bad", kind="label", comment="", verdict_visible=True,
                seconds=1.2, at=NOW,
            ),
        )
    ),
    labelling.Palette(plot_type_id=1, classes=(PALETTE_CLASS,), may_label=True, may_edit=True),
    labelling.Similar(items=(LABEL_ITEM,), likeness=(0.9,)),
    labelling.LabelProgress(
        plot_type_id=1, by_class={"Bad": 3}, left=5, fleiss=0.8,
        scores=(labelling.LabellerScore(who="ann", labels=3, last_hour=1),),
        agreements=(labelling.Agreement(first="ann", second="bob", pictures=3, kappa=0.7),),
    ),
    label_acts.OwnActs(done=(OWN_ACT,), undone=(OWN_ACT,)),
    labelling.LabelsMoved(moves=(MOVE,)),
    labelling.PaletteChanged(plot_type_id=1),
)  # fmt: skip
HELD = a.Held(who="ann", why="called the expert", since=NOW, until=NOW)
ALARM = a.AlarmState(
    plot_type="CDC_occupancy", chunked=True, line=a.AlarmLine.VERDICT, serial=3,
    condition=a.AlarmCondition.ACKNOWLEDGED, severity=a.AlarmSeverity.MAJOR, active=True,
    chattering=True, sentence="is Bad, 97 % sure", since=NOW, plot_type_id=1, run=92317,
    first_chunk=8, last_chunk=9, picture_hash="a" * 64, acknowledged=HELD, shelf=HELD,
    maintenance=HELD, suppressed_by="No run goes on.",
)  # fmt: skip
ALARM_EVENT = a.AlarmEvent(
    uid="s-1", at=NOW, kind=a.AlarmEventKind.ACKNOWLEDGED, plot_type="CDC_occupancy", chunked=True,
    line=a.AlarmLine.VERDICT, severity=a.AlarmSeverity.MAJOR,
    condition=a.AlarmCondition.ACKNOWLEDGED, sentence="is Bad", who="ann", why="seen", run=92317,
    chunk=8, picture_hash="a" * 64,
)  # fmt: skip
CONDITIONS = a.Conditions(
    beam_current=210.0, beam_unit="nA", running=True, run=92317, source="file", at=NOW
)
FIGURES = a.Figures(
    start=NOW, end=NOW, raised=3, per_10_min=0.5, worst_10_min=2, floods=0,
    by_severity={"major": 3}, worst=(("CDC_occupancy", 3),), chattering=("CDC_occupancy",),
    stale=("FCAL_hits",), acknowledge_s=42.0,
)  # fmt: skip

EXAMPLES: tuple[m.Message, ...] = (
    *MASKS,
    *SHADOW,
    *QUESTIONS,
    a.AlarmChanged(alarm=ALARM, event=ALARM_EVENT),
    a.ConditionsChanged(conditions=CONDITIONS),
    a.AlarmSettingsChanged(plot_type_id=1, settings=a.AlarmSettings(beam_minimum=50.0)),
    a.StationSound(station="counting-room-3", works=False, sentence="No device."),
    a.Acknowledge(alarms=(ALARM.ref,), person="ann", why="seen"),
    a.Shelve(
        plot_type="CDC", chunked=True, line=a.AlarmLine.SUPPLY, hours=6, person="ann", why="noisy"
    ),
    a.Unshelve(plot_type="CDC", chunked=True, line=a.AlarmLine.SUPPLY, person="ann"),
    a.SetMaintenance(plot_type_ids=(1, 2), on=True, person="ann", why="new HV", hours=2.5),
    a.SetAlarmSettings(
        plot_type_id=1, settings=a.AlarmSettings(on_count=2, on_of=3), person="ann", why="flickers"
    ),
    a.GetAlarmSettings(plot_type_id=1),
    a.GetAlarmHistory(
        search="CDC", since=NOW, until=NOW, kinds=(a.AlarmEventKind.RAISED,), before=9, limit=5
    ),
    a.GetAlarmFigures(since=NOW, until=NOW),
    a.SetConditions(conditions=CONDITIONS),
    a.StationReport(station="counting-room-3", sound_works=False, sentence="No device."),
    a.AlarmHistory(events=(ALARM_EVENT,), next=7),
    a.AlarmFigures(figures=FIGURES),
    a.AlarmSettingsReply(plot_type_id=1, settings=a.AlarmSettings()),
    m.Judged(verdict=verdict()),
    m.Heartbeat(at=NOW),
    m.PlotTypesChanged(plot_types=(PLOT_TYPE,)),
    m.ComponentsChanged(components=(COMPONENT,)),
    m.Quarantined(item=ITEM, total=1),
    m.TrainingChanged(training=TRAINING),
    m.Preparing(preparation=PREPARATION),
    m.Hello(client="counting-room-3", version="0.1.0"),
    m.GetSnapshot(),
    m.GetThumbnail(picture_hash="a" * 64),
    m.GetPicture(picture_hash="a" * 64),
    m.StartTraining(plot_type_id=1, activate=True, runs="1-2", seed=3),
    m.StopTraining(job_id=4, keep_best=True),
    m.GetTrainings(),
    m.ActivateModel(plot_type_id=1, model_id=None, reason="flickers"),
    m.SetThreshold(model_id=35, class_name="Bad", threshold=0.8, reason="too many calls"),
    m.GetQuarantine(limit=5),
    m.Welcome(server="Hall D", version="0.1.0", experiment="GlueX", feed_port=5701),
    m.Snapshot(
        session="s", sequence=9, plot_types=(PLOT_TYPE,), classes=(CLASS,), verdicts=(verdict(),),
        components=(COMPONENT,), quarantined=1, preparation=PREPARATION, trainings=(TRAINING,), notice=NOTICE, logo=b"png", experiment="GlueX",
        alarms=(ALARM,), conditions=CONDITIONS, silent_stations=("counting-room-3",),
    ),
    m.Picture(picture_hash="a" * 64, media_type="image/png", masked=(AREA,)),
    m.Done(sentence="Done.", id=4),
    m.Trainings(trainings=(TRAINING,)),
    m.Quarantine(items=(ITEM,), total=1),
    m.Refused(code="forbidden", sentence="No.", next_step="Ask."),
    *LABELLING,
    *RECORDS,
    *REPLAYS,
    explain.HeatmapReady(picture_hash="a" * 64, class_name="Bad", model_id=35, trouble="Gone."),
    explain.GetHeatmap(picture_hash="a" * 64, class_name="Bad", plot_type_id=1),
    explain.Heatmap(picture_hash="a" * 64, class_name="Bad", model_id=35, made=True),
    notices.NoticePosted(notice=NOTICE),
    notices.SetNotice(text="Beam back at 07:00.", until=NOW, person="ann"),
    notices.GetNotice(),
    notices.NoticeIs(notice=NOTICE),
    detail.GetHistoryOf(plot_type_id=1, at=NOW, before=3, after=2, thumbnails=True),
    detail.History(plot_type_id=1, verdicts=(verdict(),)),
    detail.GetStrips(length=5),
    detail.Strips(
        strips={1: (detail.Mark(at=NOW, severity=m.Severity.BAD, confirmed=True, judged=True),)}
    ),
    detail.GetReference(plot_type_id=1, before=NOW),
    detail.Reference(plot_type_id=1, verdict=verdict()),
    detail.GetDetail(plot_type_id=1, picture_hash="a" * 64),
    detail.Detail(
        picture_hash="a" * 64, model_name="heads of May", model_made_at=NOW, model_by="ann",
        thresholds=(detail.Threshold(class_name="Bad", value=0.65, method="max_f1", who="ann", at=NOW),),
        label="Bad", label_by="bob", classes=("Good", "Bad"), may_label=True, in_a_row=3, streak_since=NOW,
        bad_this_week=2, logbook="files in /logbook",
    ),
    detail.CastVote(
        plot_type_id=1, picture_hash="a" * 64, class_name="Bad", client_id="x", person="ann",
        verdict_visible=False, seconds=2.5,
    ),
    detail.WriteLogEntry(plot_type_id=1, picture_hash="a" * 64, text="HV trip", client_id="x", person="ann"),
    detail.GetRuns(limit=5),
    detail.Runs(runs=(detail.RunInfo(run=1, run_period="2026", first_seen=NOW, last_seen=NOW),)),
    detail.GetRun(run=1, run_period="2026"),
    detail.RunVerdicts(run=1, run_period="2026", verdicts=(verdict(),)),
    people.GetMyRights(),
    people.MyRights(
        who="ann", everywhere=people.Role.SHIFTER, by_plot_type={1: people.Role.EXPERT}, open_house=True
    ),
    carried.GetModelFile(model_id=35, onnx=True),
    carried.TakeModelFile(name="a.hydra-model", data=b"x", person="ann"),
    carried.ModelFile(model_id=35, name="a.onnx"),
    lib.GetModels(plot_type_id=1),
    lib.GetModelAt(plot_type_id=1, at=NOW),
    mat.GetMatrix(model_id=35, source=mat.Source.UNBIASED),
    mat.GetMatrixPictures(
        model_id=35, source=mat.Source.LABELLED, expert="Bad", said="Good", low=0.5, high=0.6,
        offset=24, limit=24,
    ),
    thr.GetThresholds(model_id=35),
    thr.TryThreshold(model_id=35, class_name="Bad", threshold=0.8, runs=5),
    crv.GetModelCurves(model_id=35, class_name="Bad"),
    duel.CompareModels(model_id=35, other_id=41, offset=0, limit=10),
    lib.SignOff(model_id=35, rung=lib.Rung.SIGNED, comment="good", person="ann"),
    lib.SetSignoffRule(needed=True),
    lib.SetShadow(plot_type_id=1, model_id=41),
    lib.GetTrainingPlan(plot_type_id=1),
    forms.SavePlotType(
        plot_type_id=None, name="CDC", chunked=True, group="CDC", contact="ann", guidance="Call.",
        description="Hits", collect_fraction=0.1, stale_after_s=60.0, ignored=True,
        classes=(forms.ClassChoice(name="Bad", severity=m.Severity.BAD),),
    ),
    forms.FindFiles(name="CDC", chunked=True),
    lib.Models(
        plot_type_id=1, models=(MODEL,), signoff_needed=True,
        ledger=(lib.Activation(model_id=35, who="ann", reason="better", at=NOW),),
    ),
    lib.ModelAt(plot_type_id=1, at=NOW, model_id=None),
    mat.ConfusionMatrix(
        model_id=35, source=mat.Source.VALIDATION, classes=("Good", "Bad"), total=3, waiting=4,
        taught=2, note="Wait.", cells=(mat.MatrixCell(expert="Bad", said="Good", bars=(0,) * 40),),
        skill=mat.MatrixSkill(accuracy=SHARE, macro_f1=SHARE, bad_recall=SHARE, bad_precision=None),
    ),
    mat.MatrixPictures(total=1, offset=0, pictures=(JUDGED,)),
    thr.ThresholdHistory(model_id=35, entries=(ENTRY,)),
    thr.WhatIf(
        model_id=35, class_name="Bad", now=OUTCOME, then=OUTCOME, total=100, runs=5, hours=7.5
    ),
    crv.ModelCurves(
        model_id=35, class_name="Bad", calibration_error=0.01,
        passes=(crv.CurvePoint(1, 0.9, 1.0, 0.6),),
        metric=(crv.MetricPoint(threshold=0.5, precision=0.9, recall=0.8, f1=0.85, accuracy=0.97),),
        calibration=(crv.CalibrationBar(confidence=0.9, right=SHARE),),
        learning=(crv.LearningPoint(model_id=35, pictures=120, accuracy=SHARE),),
        grown=(crv.LearningPoint(model_id=35, pictures=60, accuracy=SHARE),), growth="More help.",
    ),
    duel.Comparison(
        model_id=35, other_id=41, total=9, both_right=5, only_first=1, only_other=2, both_wrong=1,
        p_value=0.04, differing=3, unseen=True, newest=50_000,
        changes=(
            duel.ClassChange(
                name="Bad", count=4, recall=0.8, other_recall=0.9, precision=0.7, other_precision=0.6
            ),
        ),
        differences=(duel.Difference(picture=JUDGED, other_said="Bad", other_confidence=0.7),),
    ),
    lib.TrainingPlan(
        plot_type_id=1, by_class={"Bad": 4}, runs=2, pictures=4, with_features=3,
        times=(lib.DepthTime(depth="quick", seconds=2.5, trainings=3),),
        networks=(lib.NetworkChoice(name="resnet18", trained=True),),
    ),
    forms.FoundFiles(
        files=(forms.FoundFile(path="a.png", plot_type="CDC", chunked=True, run=1, chunk=2),),
        matching=1, others={"FDC": 3}, searched=4,
    ),
    lib.LibraryChanged(plot_type_id=1, who="ann", what="threshold"),
)  # fmt: skip
