"""Plot types: made, changed, and which files would belong to one."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator

from db import plot_types
from db.session import transaction
from inference_server.config import Config
from inference_server.feeder.names import Name, Names, UnknownName, is_ours
from inference_server.gateway.answers import Handlers, Means, Result, must
from inference_server.protocol.library import LibraryChanged
from inference_server.protocol.messages import Done
from inference_server.protocol.plot_forms import FindFiles, FoundFile, FoundFiles, SavePlotType

SEARCHED = 5000  # files of the inboxes that are looked at
SHOWN = 12


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {
        SavePlotType: lambda request, who: _save(means, request, who),
        FindFiles: lambda request, _who: _find(means, request),
    }


def _save(means: Means, request: SavePlotType, who: str) -> Result:
    wanted = plot_types.Wanted(
        name=request.name.strip(),
        chunked=request.chunked,
        fields={
            "group": request.group.strip(),
            "contact": request.contact.strip(),
            "guidance": request.guidance.strip(),
            "description": request.description.strip(),
            "collect_fraction": request.collect_fraction,
            "stale_after_s": request.stale_after_s,
            "ignored": request.ignored,
        },
        classes=[(each.name, each.severity) for each in request.classes],
    )
    with transaction(means.sessions) as session:
        must(session, who, "maintainer", request.plot_type_id)
        number = plot_types.save(session, request.plot_type_id, wanted, who=who)
    made = "made" if request.plot_type_id is None else "changed"
    return Result(
        Done(sentence=f"{wanted.name} is {made}.", id=number),
        catalogue_changed=True,
        news=(LibraryChanged(plot_type_id=number, who=who, what="plot type"),),
    )


def _find(means: Means, request: FindFiles) -> Result:
    """Files that wait in an inbox, and pictures that came under the name before."""
    matching, others, searched = [], Counter[str](), 0
    for path, name in _waiting(means.config):
        searched += 1
        if (name.plot_type, name.chunked) == (request.name, request.chunked):
            matching.append(_found(path, name))
        else:
            others[name.plot_type] += 1
    with transaction(means.sessions) as session:
        known = plot_types.newest_files(session, request.name, request.chunked, SHOWN)
        stored = [
            FoundFile(
                path=row.file_name,
                plot_type=request.name,
                chunked=request.chunked,
                run=row.run,
                chunk=row.chunk,
            )
            for row in known
        ]
    found = matching + stored
    return Result(
        FoundFiles(
            files=tuple(found[:SHOWN]),
            matching=len(found),
            others=dict(others.most_common(SHOWN)),
            searched=searched,
        )
    )


def _waiting(config: Config) -> Iterator[tuple[str, Name]]:
    for inbox in config.inboxes:
        names = Names(
            inbox.patterns, run_period=inbox.run_period, inbox_name=inbox.path.resolve().name
        )
        for path in itertools.islice(inbox.path.rglob("*"), SEARCHED):
            relative = path.relative_to(inbox.path).as_posix()
            if not is_ours(relative, bool(inbox.patterns)):
                continue
            try:
                yield relative, names.read(relative)
            except UnknownName:
                continue  # the feeder sets it aside and says why


def _found(path: str, name: Name) -> FoundFile:
    return FoundFile(
        path=path, plot_type=name.plot_type, chunked=name.chunked, run=name.run, chunk=name.chunk
    )
