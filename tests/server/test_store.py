"""The picture store and the quarantine, on a real disk."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from inference_server import quarantine
from inference_server.store import Item, PictureStore


def item(data: bytes, extension: str = "png") -> Item:
    return Item(hashlib.sha256(data).hexdigest(), extension, data)


@pytest.fixture(params=[True, False], ids=["durable", "quick"])
def store(request, tmp_path):
    store = PictureStore(tmp_path / "pictures", durable=request.param)
    yield store
    store.close()


def test_that_a_picture_is_found_under_its_hash(store):
    one = item(b"picture")
    path = store.put(one.picture_hash, one.extension, one.data)
    assert path == store.path(one.picture_hash, "png")
    assert path.parts[-3:] == (
        one.picture_hash[:2],
        one.picture_hash[2:4],
        f"{one.picture_hash}.png",
    )
    assert store.read(one.picture_hash, "png") == b"picture"
    assert store.read(one.picture_hash, "jpg") is None


def test_that_many_are_stored_together_and_nothing_else_is_left(store, tmp_path):
    items = [item(str(number).encode()) for number in range(40)]
    store.put_many([*items, *items])
    store.put_many(items)
    assert all(store.read(each.picture_hash, "png") == each.data for each in items)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 40
    assert len(list(store.files())) == 40


def test_that_deleting_says_what_it_freed(store):
    one = item(b"picture")
    store.put_many([one])
    assert store.delete(one.picture_hash, "png") == len(b"picture")
    assert store.delete(one.picture_hash, "png") == 0
    assert store.read(one.picture_hash, "png") is None


def test_that_a_file_cut_short_by_a_power_cut_is_written_again(store):
    one = item(b"picture")
    store.put_many([one])
    store.path(one.picture_hash, "png").write_bytes(b"")
    assert store.read(one.picture_hash, "png") is None
    store.put_many([one])
    assert store.read(one.picture_hash, "png") == b"picture"


@pytest.mark.parametrize(
    ("name", "extension"), [("../../etc/passwd", "png"), ("ab" * 32, "../x"), ("", "png")]
)
def test_that_no_name_leads_out_of_the_store(store, name, extension):
    with pytest.raises(ValueError, match="is not a"):
        store.path(name, extension)


def test_that_quarantine_keeps_the_file_and_the_reason_and_overwrites_nothing(tmp_path):
    root = tmp_path / "quarantine"
    for number in range(3):
        path = tmp_path / "x_1.png"
        path.write_bytes(str(number).encode())
        told = quarantine.move_in(root, "Run1/x_1.png", path, f"Reason {number}.")
        assert not path.exists()
        assert told.reason == f"Reason {number}."
    kept = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    assert kept == [
        "Run1/x_1.2.png",
        "Run1/x_1.2.png.reason.txt",
        "Run1/x_1.3.png",
        "Run1/x_1.3.png.reason.txt",
        "Run1/x_1.png",
        "Run1/x_1.png.reason.txt",
    ]
    assert (root / "Run1" / "x_1.2.png").read_bytes() == b"1"
    assert "Reason 1." in (root / "Run1" / "x_1.2.png.reason.txt").read_text()


@pytest.mark.parametrize("name", ["../../x.png", "/etc/x.png", "", "x" * 400 + ".png"])
def test_that_no_name_leads_out_of_the_quarantine(tmp_path, name):
    root = tmp_path / "quarantine"
    told = quarantine.write_in(root, name, "somewhere", b"data", "Unreadable.")
    assert root.resolve() in type(root)(told.kept_as).resolve().parents


def test_that_a_failed_move_leaves_the_file_and_no_stray_reason(tmp_path):
    root = tmp_path / "quarantine"
    with pytest.raises(OSError, match="No such file"):
        quarantine.move_in(root, "x.png", tmp_path / "missing.png", "Reason.")
    assert [path for path in root.rglob("*") if path.is_file()] == []


def test_that_several_may_store_the_same_pictures_at_once(store):
    items = [item(str(number).encode()) for number in range(100)]
    start = threading.Barrier(4)

    def put(_number):
        start.wait()
        for each in items:
            store.put(each.picture_hash, each.extension, each.data)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, range(4)))
    assert {store.read(each.picture_hash, "png") for each in items} == {each.data for each in items}
