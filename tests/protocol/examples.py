"""One example of every public message, with every field filled."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from inference_server.protocol import messages as m
from inference_server.protocol import people
from inference_server.protocol import records as r

NOW = datetime(2026, 5, 14, 8, 12, 36, tzinfo=UTC)


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
    id=1, name="CDC_occupancy", chunked=True, group="CDC", classes=("Good", "Bad")
)
CLASS = m.ClassInfo(name="Bad", severity=m.Severity.BAD, colour="#8C1A12")
PREPARATION = m.Preparation(sentence="Preparing 3 of 16", fraction=0.2)

FILTER = r.LogFilter(
    bad=True, unconfirmed=False, plot_type_ids=(1,), labels=("Bad",), run_periods=("RunPeriod-2026-05",),
    first_run=1, last_run=2, since=NOW, until=NOW, text="cdc",
)  # fmt: skip
STREAK = r.Streak(
    id=1, plot_type_id=1, plot_type="CDC_occupancy", chunked=True, group="CDC", contact="Ann",
    run_period="RunPeriod-2026-05", run=92317, first_chunk=3, last_chunk=8, first_at=NOW, last_at=NOW,
    length=6, open=True, label="Bad", severity=m.Severity.BAD, confirmed=True, confidence=0.97,
    first_hash="a" * 64, last_hash="b" * 64, comments=1,
)  # fmt: skip
TIMELINE = r.Timeline(
    plot_type_id=1, step="hour", since=NOW, until=NOW, times=(NOW.timestamp(),), runs=(92317,), chunks=(8,),
    hashes=("a" * 64,), labels=("Good",), confirmed=(True,), pictures=(12,), noteworthy=(1,),
    curves=(
        r.Curve(
            name="Good", severity=m.Severity.GOOD, mean=(0.9,), low=(0.8,), high=(None,), threshold=(0.5,)
        ),
    ),
    switches=(r.ModelSwitch(at=NOW, before="35", after="41", who="ann", reason="better"),),
    changes=(
        r.ChangePoint(at=NOW, label="Good", before=0.9, after=0.5, sentence="Good fell here."),
    ),
)  # fmt: skip

EXAMPLES: tuple[m.Message, ...] = (
    r.GetLogPage(wanted=FILTER, after_at=NOW, after_id=3, limit=50),
    r.LogPage(streaks=(STREAK,), more=True),
    r.GetStreak(streak_id=1, from_the_beginning=True),
    r.StreakDetails(
        streak=STREAK,
        pictures=(
            r.StreakPicture(
                inference_id=1, picture_hash="a" * 64, chunk=3, judged_at=NOW, confidence=0.97
            ),
        ),
        comments=(r.StreakComment(who="ann", text="Crate 7", at=NOW),),
    ),
    r.CommentOnStreak(streak_id=1, text="Crate 7", person="ann"),
    r.GetRunPeriods(),
    r.RunPeriods(names=("RunPeriod-2026-05",)),
    r.GetReport(since=NOW, until=NOW, format="html", send=True),
    r.Report(media_type="text/html", streaks=3, sent_to=2),
    r.GetTimeline(plot_type_id=1, since=NOW, until=NOW, first_run=1, last_run=2),
    TIMELINE,
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
    m.GetTrainings(),
    m.ActivateModel(plot_type_id=1, model_id=None, reason="flickers"),
    m.SetThreshold(model_id=35, class_name="Bad", threshold=0.8, reason="too many calls"),
    m.GetQuarantine(limit=5),
    m.Welcome(server="Hall D", version="0.1.0", experiment="GlueX", feed_port=5701),
    m.Snapshot(
        session="s", sequence=9, plot_types=(PLOT_TYPE,), classes=(CLASS,), verdicts=(verdict(),),
        components=(COMPONENT,), quarantined=1, preparation=PREPARATION, trainings=(TRAINING,),
    ),
    m.Picture(picture_hash="a" * 64, media_type="image/png"),
    m.Done(sentence="Done.", id=4),
    m.Trainings(trainings=(TRAINING,)),
    m.Quarantine(items=(ITEM,), total=1),
    m.Refused(code="forbidden", sentence="No.", next_step="Ask."),
    people.GetMyRights(),
    people.MyRights(
        who="ann", everywhere=people.Role.SHIFTER, by_plot_type={1: people.Role.EXPERT}, open_house=True
    ),
)  # fmt: skip
