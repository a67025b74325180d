"""The names of pictures: RSAI's, the plain ones, and configured patterns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_server.feeder.names import BadPattern, Name, Names, UnknownName, is_ours

READ = {
    "RSAI": (
        "RunPeriod-2023-01/Run120345/CDC_occupancy_0003.png",
        Name("CDC_occupancy", True, "RunPeriod-2023-01", 120345, 3),
    ),
    "RSAI with a numbered pad": ("P/Run000042/FDC-2_0001.png", Name("FDC", True, "P", 42, 1)),
    "RSAI with a named pad": ("P/Run42/FDC-wires_0001.png", Name("FDC-wires", True, "P", 42, 1)),
    "a whole-run plot": ("P/Run42/BCAL.png", Name("BCAL", False, "P", 42, 0)),
    "a plain run directory": ("42/TOF_0010.PNG", Name("TOF", True, "", 42, 10)),
    "a directory above the period": ("a/b/P/Run7/x_1.jpeg", Name("x", True, "P", 7, 1)),
    "a JPEG in capitals": ("Run7/x_1.JPG", Name("x", True, "", 7, 1)),
    "a plot named with a number": ("Run7/hist_2_0003.png", Name("hist_2", True, "", 7, 3)),
    "run and chunk in the name": ("x_y_120345_0007.png", Name("x_y", True, "", 120345, 7)),
    "the same below a period": ("P/x_120345_0007.png", Name("x", True, "P", 120345, 7)),
    "a whole run in the name": ("x_Run0012.png", Name("x", False, "", 12, 0)),
}


@pytest.mark.parametrize(("path", "name"), READ.values(), ids=READ.keys())
def test_that_a_name_says_plot_type_period_run_and_chunk(path, name):
    assert Names().read(path) == name


@pytest.mark.parametrize(
    "path",
    [
        "CDC_0001.png",
        "x.png",
        "Run12/_0001.gif",
        "notes/readme.pdf",
        "Run12/\t_1.png",
        "Run9999999999/x_1.png",
    ],
)
def test_that_a_name_without_a_run_or_of_another_format_is_unknown(path):
    with pytest.raises(UnknownName, match=r"\."):
        Names().read(path)


plots = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,40}[A-Za-z]", fullmatch=True)
numbers = st.integers(0, 999_999_999)


@given(plot=plots, run=numbers, chunk=numbers, period=plots, pad=st.none() | st.integers(0, 99))
def test_that_every_name_written_the_rsai_way_is_read_back(plot, run, chunk, period, pad):
    suffix = "" if pad is None else f"-{pad}"
    path = f"{period}/Run{run:06d}/{plot}{suffix}_{chunk:04d}.png"
    assert Names().read(path) == Name(plot, True, period, run, chunk)


@given(plot=plots, run=numbers, chunk=numbers)
def test_that_every_name_that_holds_its_run_is_read_back(plot, run, chunk):
    assert Names().read(f"{plot}_{run}_{chunk:04d}.jpg") == Name(plot, True, "", run, chunk)


@given(st.text(max_size=60))
def test_that_any_text_is_either_read_or_refused_with_a_sentence(text):
    try:
        name = Names().read(text)
    except UnknownName as error:
        assert str(error)  # noqa: PT017 - both outcomes are right
    else:
        assert 0 <= name.run < 2**31
        assert 0 <= name.chunk < 2**31
        assert name.plot_type


def test_that_a_configured_run_period_goes_before_the_directory():
    assert Names(run_period="2024-08").read("P/Run7/x_1.png").run_period == "2024-08"


def test_that_an_inbox_named_like_a_run_period_is_one():
    assert (
        Names(inbox_name="RunPeriod-2023-01").read("Run7/x_1.png").run_period == "RunPeriod-2023-01"
    )
    assert Names(inbox_name="inbox").read("Run7/x_1.png").run_period == ""


def test_that_configured_patterns_replace_the_built_in_ones():
    names = Names([r"(?P<run>\d+)-(?P<plot>\w+)\.canvas(?:\.(?P<chunk>\d+))?\.png"])
    assert names.read("12-TOF.canvas.3.png") == Name("TOF", True, "", 12, 3)
    assert names.read("12-TOF.canvas.png") == Name("TOF", False, "", 12, 0)
    with pytest.raises(UnknownName, match="patterns"):
        names.read("Run12/TOF_0003.png")


@pytest.mark.parametrize("pattern", ["(", r"(?P<plot>\w+)\.png"])
def test_that_a_pattern_that_cannot_work_is_refused_at_once(pattern):
    with pytest.raises(BadPattern):
        Names([pattern])


@pytest.mark.parametrize(
    ("path", "ours"),
    [("Run1/x_1.png", True), ("x.pdf", True), ("Run1/.x_1.png", False), ("x_1.png.tmp", False),
     (".git/x.png", False), ("x.png~", False), ("log.txt", False)],
)  # fmt: skip
def test_that_hidden_and_temporary_files_and_those_that_are_no_pictures_are_left_alone(path, ours):
    assert is_ours(path) is ours
