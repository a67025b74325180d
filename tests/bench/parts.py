"""The parts of the pipeline by themselves, and the bare loops that the whole is compared with."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import msgspec
import numpy as np
from PIL import Image

from inference_server.config import Backbone
from inference_server.predict import backbone as backbones
from inference_server.predict import pixels
from tests.bench.figures import Figure

LIMITS = pixels.Limits()
ROUNDS = 3
BATCH = 16


def measure(pictures: Sequence[bytes], cache: Path, cores: int) -> list[Figure]:
    """Each part in pictures a second; ratios are to the bare loop on all cores."""
    cv2.setNumThreads(1)
    some = pictures[: 8 * BATCH]
    onnx = _backbone("onnx", cache, cores)
    torch = _backbone("torch", cache, cores)
    decoded = [pixels.decode(data, LIMITS) for data in some]
    fitted = np.stack([pixels.fit(each, onnx.size) for each in decoded])
    bare = _rate(lambda: _loop(some, onnx, 1), len(some))
    parts: list[tuple[str, Callable[[], object], int, str]] = [
        ("decode, OpenCV", lambda: [pixels.decode(data, LIMITS) for data in some], len(some), "one thread, checks included"),
        ("decode, Pillow", lambda: [_pillow(data) for data in some], len(some), "one thread"),
        ("resize", lambda: [pixels.fit(each, onnx.size) for each in decoded], len(some), "one thread"),
        ("thumbnail", lambda: [pixels.thumbnail(each) for each in decoded], len(some), "one thread, JPEG"),
        ("forward, ONNX Runtime", lambda: _forward(onnx, fitted, BATCH), len(some), f"batches of {BATCH}, {cores} threads"),
        ("forward, torch", lambda: _forward(torch, fitted, BATCH), len(some), f"batches of {BATCH}, {cores} threads"),
        ("plain loop", lambda: _plain(some[:32], torch), 32, "Pillow and torch, one picture at a time"),
        ("bare loop, pool", lambda: _loop(some, onnx, cores), len(some), f"decode in {cores} threads, then forward"),
    ]  # fmt: skip
    figures = [
        _figure("bare loop", bare, bare, "decode, resize, forward in turn; the measure of the rest")
    ]
    figures += [_figure(name, _rate(work, count), bare, note) for name, work, count, note in parts]
    return figures


def _figure(name: str, rate: float, bare: float, note: str) -> Figure:
    return Figure(name=name, value=rate, unit="pictures/s", ratio=rate / bare, note=note)


def _backbone(runtime: str, cache: Path, threads: int) -> backbones.Backbone:
    settings = msgspec.structs.replace(Backbone(), device="cpu", runtime=runtime)
    return backbones.load_backbone(settings, cache, threads)


def _rate(work: Callable[[], object], count: int) -> float:
    """Pictures a second, the best of some rounds after one to warm up."""
    work()
    best = float("inf")
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begin)
    return count / best


def _forward(network: backbones.Backbone, fitted: pixels.Pixels, batch: int) -> None:
    for start in range(0, len(fitted), batch):
        network.features(fitted[start : start + batch])


def _loop(pictures: Sequence[bytes], network: backbones.Backbone, threads: int) -> None:
    def fitted(data: bytes) -> pixels.Pixels:
        return pixels.fit(pixels.decode(data, LIMITS), network.size)

    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(pictures), BATCH):
            batch = pictures[start : start + BATCH]
            each = pool.map(fitted, batch) if threads > 1 else map(fitted, batch)
            network.features(np.stack(list(each)))


def _plain(pictures: Sequence[bytes], network: backbones.Backbone) -> None:
    """What a first script would do."""
    for data in pictures:
        with Image.open(io.BytesIO(data)) as picture:
            small = picture.convert("RGB").resize((network.size, network.size))
        network.features(np.array(small)[None])


def _pillow(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGB"))
