"""A site brings its labelled pictures; ``exports`` is the way out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from sqlalchemy.orm import Session, sessionmaker

from db import catalogue, first_labels, labels, pictures
from db.first_labels import FirstLabel
from db.session import transaction
from db.values import NewPicture
from inference_server import labelled_files
from inference_server.config import Config
from inference_server.labelled_files import BadRow, LabelledFile
from inference_server.predict.backbone import identity
from inference_server.store import Item, PictureStore
from inference_server.training.features import Extractor, Seen

Progress = Callable[[int, int], None]  # done, total
Known: TypeAlias = tuple[int, str, int, int, str]  # plot type, run period, run, chunk, hash

CORRECTED_AT_ONCE = 500  # labels in one transaction

# What a class means where nobody has said so; everything else is neutral until an expert does.
SEVERITIES = {
    "good": "good",
    "acceptable": "good",
    "ok": "good",
    "bad": "bad",
    "nodata": "warning",
    "no_data": "warning",
    "warning": "warning",
}
NO_TEACHERS = frozenset({"ignore"})  # classes that say "leave this picture alone"


@dataclass(slots=True)
class Imported:
    """What became of the pictures."""

    imported: int = 0
    known: int = 0
    corrected: int = 0  # of the known ones: the label is another than at the last import
    rejected: list[str] = field(default_factory=list)


def import_labels(
    config: Config,
    sessions: sessionmaker[Session],
    path: Path,
    *,
    who: str = "import",
    plot_type: str = "",
    run_period: str = "",
    progress: Progress = lambda _done, _total: None,
    threads: int = 0,
    extractor: Extractor | None = None,
) -> Imported:
    """Take in the labelled pictures of a directory or a CSV (see ``labelled_files.read``).

    Pictures go to the picture store, labels to the votes, features to the cache. What is there
    already is left as it is, so an interrupted import is simply started again. A bad row is reported
    and the rest goes on. ``extractor``: one that is loaded already, for many imports after each other.
    Raises BadTable, DatabaseAway, OSError (disk full).
    """
    result = Imported()
    files = []
    for found in labelled_files.read(path, plot_type, run_period):
        if isinstance(found, BadRow):
            result.rejected.append(str(found))
        else:
            files.append(found)
    extractor = extractor or Extractor(config, threads)
    _Import(config, sessions, who, result, progress, extractor).take(files)
    return result


class _Import:
    """One import under way."""

    def __init__(
        self,
        config: Config,
        sessions: sessionmaker[Session],
        who: str,
        result: Imported,
        progress: Progress,
        extractor: Extractor,
    ) -> None:
        self._config = config
        self._sessions = sessions
        self._who = who
        self._result = result
        self._progress = progress
        self._extractor = extractor
        self._backbone = identity(config.backbone)
        self._ids: dict[tuple[str, bool], int] = {}
        self._known: dict[Known, tuple[int, str]] = {}
        self._corrections: list[tuple[LabelledFile, str, int]] = []
        self._done = 0

    def take(self, files: Sequence[LabelledFile]) -> None:
        self._register(files)
        self._total = len(files)
        store = PictureStore(self._config.pictures_dir)
        try:
            for batch in self._extractor.see(self._unknown(files)):
                self._store(batch, store)
                self._move(len(batch))
            self._correct()
        finally:
            store.close()
        self._progress(self._total, self._total)

    def _register(self, files: Sequence[LabelledFile]) -> None:
        """Plot types with all the classes they now have, and what is known of them."""
        with transaction(self._sessions) as session:
            present = {
                (plot.name, plot.chunked): [known.name for known in plot.classes]
                for plot in catalogue.load(session).plot_types
            }
            for kind in dict.fromkeys((each.plot_type, each.chunked) for each in files):
                fresh = {each.label for each in files if (each.plot_type, each.chunked) == kind}
                names = [*present.get(kind, ()), *sorted(fresh - set(present.get(kind, ())))]
                for name in names:
                    _ensure_class(session, name)
                self._ids[kind] = catalogue.register(
                    session, *kind, collect_fraction=self._config.collect_fraction
                )
                catalogue.set_classes(session, self._ids[kind], names)
                self._known |= {
                    (
                        self._ids[kind], each.run_period, each.run, each.chunk, each.picture_hash,
                    ): (each.picture_id, each.class_name)
                    for each in pictures.labelled(session, self._ids[kind], self._backbone)
                    if each.features and each.stored
                }  # fmt: skip

    def _unknown(self, files: Sequence[LabelledFile]) -> Iterator[tuple[LabelledFile, bytes]]:
        """The files that are not in yet, with their bytes."""
        for file in files:
            try:
                data = file.path.read_bytes()
            except OSError as error:
                self._reject(file, f"cannot be read: {error.strerror}.")
                continue
            digest = hashlib.sha256(data).hexdigest()
            known = self._known.get((*self._key(file), digest))
            if known is None:
                yield file, data
                continue
            self._result.known += 1
            if known[1] != file.label:
                self._corrections.append((file, digest, known[0]))
            self._move(1)

    def _correct(self) -> None:
        """What was known under another label: the table's word counts, once."""
        for start in range(0, len(self._corrections), CORRECTED_AT_ONCE):
            with transaction(self._sessions) as session:
                for file, digest, picture_id in self._corrections[start:][:CORRECTED_AT_ONCE]:
                    self._result.corrected += self._vote(session, file, digest, picture_id)

    def _key(self, file: LabelledFile) -> tuple[int, str, int, int]:
        return self._ids[file.plot_type, file.chunked], file.run_period, file.run, file.chunk

    def _reject(self, file: LabelledFile, reason: str) -> None:
        self._result.rejected.append(f"{file.path.name}: {reason}")
        self._move(1)

    def _move(self, count: int) -> None:
        self._done += count
        if self._done < self._total:
            self._progress(self._done, self._total)

    def _store(self, batch: Sequence[Seen[LabelledFile]], store: PictureStore) -> None:
        """Files first, then the rows that speak of them, in one transaction."""
        readable = [each for each in batch if not each.error]
        self._result.rejected += [
            f"{each.key.path.name}: {each.error}" for each in batch if each.error
        ]
        hashes = [hashlib.sha256(each.data).hexdigest() for each in readable]
        store.put_many(
            Item(digest, _extension(each.key.path), each.data)
            for each, digest in zip(readable, hashes, strict=True)
        )
        with transaction(self._sessions) as session:
            places = pictures.add_all(
                session,
                [
                    self._picture(each, digest)
                    for each, digest in zip(readable, hashes, strict=True)
                ],
            )
            self._label(session, list(zip(readable, hashes, places, strict=True)))
            pictures.put_features(
                session,
                [
                    (picture_id, self._backbone, each.features)
                    for each, (picture_id, _) in zip(readable, places, strict=True)
                ],
            )
        self._result.imported += len(readable)

    def _label(
        self, session: Session, rows: Sequence[tuple[Seen[LabelledFile], str, tuple[int, bool]]]
    ) -> None:
        """``rows``: what was seen, its hash, and which picture it is, new or known."""
        first = [self._first(each.key, digest, which) for each, digest, (which, new) in rows if new]
        first_labels.put(session, first, who=self._who, at=datetime.now(UTC))
        for each, digest, (which, new) in rows:
            if not new:
                self._vote(session, each.key, digest, which)

    def _picture(self, seen: Seen[LabelledFile], digest: str) -> NewPicture:
        file, time = seen.key, seen.key.path.stat().st_mtime
        plot_type_id, run_period, run, chunk = self._key(file)
        return NewPicture(
            plot_type_id=plot_type_id,
            run_period=run_period,
            run=run,
            chunk=chunk,
            picture_hash=digest,
            picture_time=datetime.fromtimestamp(time, UTC),
            file_name=file.path.name[-255:],
            extension=_extension(file.path),
            width=seen.width,
            height=seen.height,
            size_bytes=len(seen.data),
            stored=True,
            source="import",
            collected="import",
            received_at=datetime.now(UTC),
        )

    def _vote(self, session: Session, file: LabelledFile, digest: str, picture_id: int) -> bool:
        """Whether this label is news: an import again must not outvote what people said since."""
        client_id = self._client_id(file, digest)
        if labels.was_sent(session, client_id):
            return False
        labels.vote(
            session, picture_id=picture_id, class_name=file.label, who=self._who,
            at=datetime.now(UTC), client_id=client_id, verdict_visible=False,
        )  # fmt: skip
        return True

    def _first(self, file: LabelledFile, digest: str, picture_id: int) -> FirstLabel:
        plot_type_id, *_ = self._key(file)
        return FirstLabel(self._client_id(file, digest), picture_id, plot_type_id, file.label)

    def _client_id(self, file: LabelledFile, digest: str) -> str:
        same = "\n".join([*map(str, self._key(file)), digest, file.label, self._who])
        return f"import-{hashlib.sha256(same.encode()).hexdigest()[:40]}"


def _ensure_class(session: Session, name: str) -> None:
    plain = name.lower().replace(" ", "").replace("-", "_")
    catalogue.ensure_class(
        session, name, SEVERITIES.get(plain, "neutral"), teaches=plain not in NO_TEACHERS
    )


def _extension(path: Path) -> str:
    return path.suffix.lower().lstrip(".")
