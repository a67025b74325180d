"""Features of many pictures: decoded in a pool, passed through the backbone in batches."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

import numpy as np

from inference_server.config import Config
from inference_server.predict import pixels
from inference_server.predict.backbone import Backbone, load_backbone
from inference_server.predict.pixels import Limits, Pixels, Unreadable

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Seen(Generic[Key]):
    """One picture's features (float16, little endian), or why it has none."""

    key: Key
    data: bytes
    features: bytes = b""
    width: int = 0
    height: int = 0
    error: str = ""


class Extractor:
    """The configured backbone over streams of pictures; it is loaded when the first one comes."""

    def __init__(self, config: Config, threads: int) -> None:
        self._config = config
        self._threads = threads or len(os.sched_getaffinity(0))
        self._limits = Limits.of(config)
        self._backbone: Backbone | None = None

    def see(
        self,
        pictures: Iterable[tuple[Key, bytes]],
        change: Callable[[Key, Pixels], Pixels] = lambda _key, picture: picture,
    ) -> Iterator[list[Seen[Key]]]:
        """Batches in the order of ``pictures``; the next is decoded while one is in the network.

        ``change`` is done to each decoded picture, on the threads that decode.
        """
        size = self._config.backbone.size
        stream = iter(pictures)
        with ThreadPoolExecutor(self._threads, thread_name_prefix="decode") as pool:

            def begin() -> list[tuple[Key, bytes, Future[_Decoded]]]:
                chunk = itertools.islice(stream, self._config.backbone.batch)
                return [
                    (key, data, pool.submit(self._decode, data, size, partial(change, key)))
                    for key, data in chunk
                ]

            following = begin()
            while following:
                current, following = following, begin()
                yield self._pass([(key, data, job.result()) for key, data, job in current])

    def _decode(self, data: bytes, size: int, change: Callable[[Pixels], Pixels]) -> _Decoded:
        try:
            picture = pixels.decode(data, self._limits)
        except Unreadable as error:
            return _Decoded(None, 0, 0, str(error))
        return _Decoded(pixels.fit(change(picture), size), picture.shape[1], picture.shape[0], "")

    def _pass(self, batch: list[tuple[Key, bytes, _Decoded]]) -> list[Seen[Key]]:
        fitted = [decoded.fitted for _, _, decoded in batch if decoded.fitted is not None]
        rows = iter(self._features(fitted) if fitted else ())
        return [
            Seen(key, data, error=decoded.error)
            if decoded.fitted is None
            else Seen(key, data, next(rows).tobytes(), decoded.width, decoded.height)
            for key, data, decoded in batch
        ]

    def _features(self, fitted: list[Pixels]) -> np.ndarray:
        if self._backbone is None:
            self._backbone = load_backbone(
                self._config.backbone, self._config.backbones_dir, self._threads
            )
        return self._backbone.features(np.stack(fitted)).astype("<f2")


@dataclass(frozen=True, slots=True)
class _Decoded:
    fitted: Pixels | None
    width: int
    height: int
    error: str
