"""The journal: nothing acknowledged is lost, whatever happens to the process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_server.keeper.journal import Corrupt, Journal, read

records = st.lists(st.binary(max_size=200), max_size=12)


def everything(journal):
    return [record for segment in journal.sealed() for record in read(segment)]


@given(batches=st.lists(records, max_size=5))
def test_that_records_come_back_in_order_over_files_and_restarts(tmp_path_factory, batches):
    folder = tmp_path_factory.mktemp("journal")
    for batch in batches:
        journal = Journal(folder, segment_bytes=300)
        journal.append(batch)
        journal.close()
    assert everything(Journal(folder)) == [record for batch in batches for record in batch]


@given(batch=records, cut=st.integers(1, 300))
def test_that_a_torn_end_costs_at_most_what_was_cut(tmp_path_factory, batch, cut):
    folder = tmp_path_factory.mktemp("journal")
    journal = Journal(folder)
    journal.append([*batch, b"last"])
    (segment,) = journal.sealed()
    with segment.open("r+b") as file:
        file.truncate(max(0, segment.stat().st_size - cut))
    found = list(read(segment))
    assert found == [*batch, b"last"][: len(found)]


def test_that_damage_in_the_middle_is_told_and_kept_for_a_person(tmp_path):
    journal = Journal(tmp_path)
    journal.append([b"first", b"second", b"third"])
    (segment,) = journal.sealed()
    content = bytearray(segment.read_bytes())
    content[8 + 5 + 8] ^= 0xFF  # in "second"
    segment.write_bytes(content)
    reader = read(segment)
    assert next(reader) == b"first"
    with pytest.raises(Corrupt):
        next(reader)
    aside = journal.put_aside(segment)
    assert aside.exists()
    assert journal.is_empty()


def test_that_a_discarded_file_is_gone_and_later_ones_are_not(tmp_path):
    journal = Journal(tmp_path)
    journal.append([b"first"])
    (first,) = journal.sealed()
    journal.append([b"second"])
    journal.discard(first)
    assert not journal.is_empty()
    assert everything(journal) == [b"second"]


WRITER = """
import sys
from pathlib import Path
from inference_server.keeper.journal import Journal
journal = Journal(Path(sys.argv[1]))
for number in range(10**9):
    journal.append([str(number).encode() * 50])
    print(number, flush=True)
"""


def test_that_what_was_acknowledged_survives_kill_9(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE
    ) as process:
        for line in process.stdout:
            if int(line) == 20:
                os.kill(process.pid, signal.SIGKILL)
                break
        acknowledged = [int(line) for line in process.stdout]
    found = everything(Journal(tmp_path))
    last = max([20, *acknowledged])
    assert len(found) > last
    assert found == [str(number).encode() * 50 for number in range(len(found))]
