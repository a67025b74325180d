"""One example of every message of log and history, with every field filled."""

from datetime import UTC, datetime

from inference_server.protocol import activity as a
from inference_server.protocol import administration as adm
from inference_server.protocol import messages as m
from inference_server.protocol import records as r
from inference_server.protocol import site
from inference_server.protocol.people import Role

NOW = datetime(2026, 5, 14, 8, 12, 36, tzinfo=UTC)
FILTER = r.LogFilter(
    bad=True, unconfirmed=False, plot_type_ids=(1,), labels=("Bad",), run_periods=("RunPeriod-2026-05",),
    first_run=1, last_run=2, since=NOW, until=NOW, text="cdc",
)  # fmt: skip
STREAK = r.Streak(
    id=1, plot_type_id=1, plot_type="CDC_occupancy", chunked=True, group="CDC", contact="Ann",
    run_period="RunPeriod-2026-05", run=92317, first_chunk=3, last_chunk=8, first_at=NOW, last_at=NOW,
    length=6, open=True, label="Bad", severity=m.Severity.BAD, confirmed=True, confidence=0.97,
    first_hash="a" * 64, last_hash="b" * 64, comments=1, seen_by="ann", seen_at=NOW, seen_why="crate 7",
)  # fmt: skip
TIMELINE = r.Timeline(
    plot_type_id=1, step="hour", since=NOW, until=NOW, times=(NOW.timestamp(),), runs=(92317,), chunks=(8,),
    hashes=("a" * 64,), labels=("Good",), confirmed=(True,), pictures=(12,), noteworthy=(1,),
    curves=(
        r.Curve(
            name="Good", severity=m.Severity.GOOD, mean=(0.9,), low=(0.8,), high=(None,), threshold=(0.5,)
        ),
    ),
    switches=(r.ModelSwitch(at=NOW, before="35", after="41", who="ann", reason="better", place=3.5),),
    changes=(
        r.ChangePoint(
            at=NOW, label="Good", before=0.9, after=0.5, sentence="Good fell here.", place=3.5
        ),
    ),
    beam_off=((NOW.timestamp() - 60, NOW.timestamp()),), by_run=True, places=(3.5,), first_place=3.0, last_place=4.0,
    run_marks=(r.RunMark(place=3, run=92317),), off_places=((3.1, 3.2),),
)  # fmt: skip

RECORDS: tuple[m.Message, ...] = (
    r.GetLogPage(wanted=FILTER, after_at=NOW, after_id=3, limit=50),
    r.LogPage(streaks=(STREAK,), more=True),
    r.GetStreak(streak_id=1, from_the_beginning=True),
    r.StreakDetails(
        streak=STREAK,
        pictures=(
            r.StreakPicture(
                inference_id=1, picture_hash="a" * 64, chunk=3, judged_at=NOW, confidence=0.97, label="Bad",
                masked=1,
            ),
        ),
        comments=(r.StreakComment(who="ann", text="Crate 7", at=NOW),),
    ),
    r.CommentOnStreak(streak_id=1, text="Crate 7", person="ann"),
    r.GetRunPeriods(),
    r.RunPeriods(names=("RunPeriod-2026-05",)),
    r.GetReport(since=NOW, until=NOW, format="html", send=True),
    r.Report(media_type="text/html", streaks=3, sent_to=2),
    r.GetTimeline(
        plot_type_id=1, since=NOW, until=NOW, first_run=1, last_run=2, by_run=True, first_place=3.0,
        last_place=4.0,
    ),
    TIMELINE,
    a.GetActivity(),
    a.Activity(
        last_minute=1,
        today=2,
        times=(a.Times(name="decode", counts=(1,) * 13, median_ms=5.0, total=(2,) * 13, sum_ms=9.0),),
        days=(a.DayCount(day=NOW, pictures=5, noteworthy=1),),
        forecast="The disk is full on Monday.",
    ),
    a.GetStations(),
    a.Stations(
        stations=(
            a.Station(
                name="counting-room-3", key="shift", version="0.1.0", heard_at=NOW, sound=False,
                sentence="No device.",
            ),
        )
    ),
    adm.GetUsers(),
    adm.Users(
        users=(
            adm.UserInfo(
                name="ann", full_name="Ann", email="ann@lab", wants_report=True,
                rights=(adm.Right(role=Role.EXPERT, plot_type_id=1),),
            ),
        )
    ),
    adm.PutUser(name="ann", full_name="Ann", email="ann@lab", wants_report=True),
    adm.SetRight(name="ann", role=Role.EXPERT, plot_type_id=1, given=False),
    adm.GetAudit(
        before_id=3, subject="ann", limit=5, who="bob", what="user", since=NOW, until=NOW
    ),
    adm.Audit(
        entries=(
            adm.AuditEntry(
                id=1, at=NOW, who="ann", what="user", subject="bob", before={"a": 1}, after={"a": 2}
            ),
        ),
        more=True,
    ),
    adm.TryAgain(kept_as="q/a.png"),
    adm.TriedAgain(kept_as="q/a.png", total=2),
    site.GetSiteSettings(),
    site.SiteSettings(
        settings=(
            site.SiteSetting(
                key="retention.max_gb", name="Keep the store below", sentence="The oldest go first.",
                value=500.0, default=0.0, choices=(site.SettingChoice(value="a", words="A"),),
                unit="GB", least=1.0, most=1e6, who="ann", at=NOW,
            ),
        )
    ),
    site.SetSiteSetting(key="leader_board.shown", value=False, expected=True, dry_run=True),
    site.GetRetention(max_age_days=90.0, max_gb=0.0),
    site.RetentionPlan(pictures=3, bytes=9, sentence="Some go.", max_age_days=90.0, max_gb=1.0),
)  # fmt: skip
