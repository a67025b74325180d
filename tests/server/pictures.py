"""Pictures and settings for tests of predict, training and transfer: tiny, quick, real."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from inference_server.config import Backbone, Config

SIZE = 64
BACKBONE = Backbone(name="efficientnet_lite0", size=SIZE, device="cpu", runtime="torch", batch=4)


def settings(folder: Path, **extra: object) -> Config:
    """A server in ``folder`` with a backbone that starts at once."""
    return Config(data_dir=folder, backbone=BACKBONE, **extra)


def plot(label: str, seed: int) -> bytes:
    """A small occupancy plot as PNG: Good is full, Bad has a hole, NoData is blank."""
    random = np.random.default_rng(seed)
    pixels = np.full((60, 80, 3), 255, np.uint8)
    if label != "NoData":
        counts = random.poisson(20, (50, 70))
        if label == "Bad":
            counts[10:30, 20:50] = 0
        pixels[5:55, 5:75, 0] = counts * 6
        pixels[5:55, 5:75, 1] = 255 - counts * 5
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def labelled_folder(root: Path, name: str = "CDC_occupancy", runs: int = 4) -> Path:
    """``root/<class>/<name>_<run>_<chunk>.png``: two pictures of each class in each run."""
    for index, label in enumerate(("Good", "Bad", "NoData")):
        (root / label).mkdir(parents=True)
        for run in range(100, 100 + runs):
            for chunk in range(2):
                seed = run * 100 + chunk * 10 + index
                (root / label / f"{name}_{run:06d}_{chunk * 3 + index:04d}.png").write_bytes(
                    plot(label, seed)
                )
    return root
