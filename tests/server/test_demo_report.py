"""The demo's report must not be able to hide a loss."""

from inference_server.demo.report import Drawn, Found, judge

DRAWN = [
    Drawn("CDC", 1, 1, "Good", ""),
    Drawn("CDC", 1, 2, "Bad", "dead board"),
    Drawn("CDC", 1, 3, "Good", ""),
]


def report(found):
    return judge(DRAWN, found, [10.0, 20.0, 30.0], [100.0, 120.0], seconds=2.0, errors=0)


def test_that_a_complete_run_reports_no_loss():
    result = report([Found(d.plot_type, d.run, d.chunk, d.label) for d in DRAWN])
    assert (result.pictures_in, result.verdicts, result.lost, result.duplicated) == (3, 3, 0, 0)
    assert (result.bad_injected, result.bad_found, result.false_bad) == (1, 1, 0)
    assert result.images_per_s == 1.5
    assert result.peak_rss_mb == 120.0


def test_that_a_missing_and_a_double_picture_are_both_counted():
    found = [Found("CDC", 1, 1, "Good"), Found("CDC", 1, 1, "Good"), Found("CDC", 1, 3, "Bad")]
    result = report(found)
    assert (result.lost, result.duplicated) == (1, 1)
    assert (result.bad_found, result.false_bad) == (0, 1)


def test_that_pictures_of_other_runs_do_not_fill_a_gap():
    assert report([Found("CDC", 2, chunk, "Good") for chunk in (1, 2, 3)]).lost == 3
