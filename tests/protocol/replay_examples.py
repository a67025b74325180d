"""One example of every message of a replay, with every field filled."""

from datetime import UTC, datetime

from inference_server.protocol import messages as m
from inference_server.protocol import replay as p
from inference_server.protocol.alarms import AlarmSeverity

NOW = datetime(2026, 5, 14, 8, 12, 36, tzinfo=UTC)
VERDICT = m.Verdict(
    plot_type_id=1, plot_type="CDC_occupancy", chunked=True, run_period="RunPeriod-2026-05", run=92317,
    chunk=8, picture_hash="a" * 64, label="Bad", severity=m.Severity.BAD, confidence=0.97, confirmed=True,
    picture_time=NOW, judged_at=NOW, inference_id=7,
)  # fmt: skip

REPLAYS: tuple[m.Message, ...] = (
    p.GetReplay(
        run=92317,
        run_period="RunPeriod-2026-05",
        models={1: 41},
        after_at=NOW,
        after_id=6,
        limit=10,
    ),
    p.Replay(
        verdicts=(VERDICT,),
        anew=(p.Anew(inference_id=7, verdict=VERDICT),),
        labels={7: "Bad"},
        total=1,
        waiting=1,
        left_out=1,
        more=True,
        note="It is damaged.",
    ),
    p.GetReplayCalls(
        run=92317, run_period="RunPeriod-2026-05", models={1: 41}, until_at=NOW, until_id=6
    ),
    p.ReplayCalls(
        calls=(
            p.ReplayCall(
                at=NOW, plot_type_id=1, plot_type="CDC_occupancy", severity=AlarmSeverity.MAJOR,
                sentence="is Bad, 97 % sure", chunk=8,
            ),
        )
    ),
)  # fmt: skip
