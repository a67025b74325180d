"""Streaks of noteworthy verdicts: where each begins and ends (the original's IsTransition)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables.judging import EpisodeRow, InferenceRow


def follow(session: Session, rows: Sequence[InferenceRow]) -> None:
    """Prolong, end and begin episodes for fresh verdicts, in their order."""
    wanted = {row.plot_type_id for row in rows}
    query = select(EpisodeRow).where(EpisodeRow.plot_type_id.in_(wanted), EpisodeRow.open)
    going_on = {episode.plot_type_id: episode for episode in session.scalars(query)}
    for row in rows:
        episode = going_on.get(row.plot_type_id)
        if episode is not None and _goes_on(episode, row):
            _prolong(episode, row)
            continue
        if episode is not None:
            episode.open = False
            del going_on[row.plot_type_id]
        if row.noteworthy:
            going_on[row.plot_type_id] = _begin(row)
            session.add(going_on[row.plot_type_id])
    session.flush()


def _goes_on(episode: EpisodeRow, row: InferenceRow) -> bool:
    return row.noteworthy and (episode.run, episode.label, episode.confirmed) == (
        row.run, row.label, row.confirmed,
    )  # fmt: skip


def _prolong(episode: EpisodeRow, row: InferenceRow) -> None:
    episode.last_inference_id = row.id
    episode.first_chunk = min(episode.first_chunk, row.chunk)
    episode.last_chunk = max(episode.last_chunk, row.chunk)
    episode.last_at = max(episode.last_at, row.judged_at)
    episode.length += 1


def _begin(row: InferenceRow) -> EpisodeRow:
    return EpisodeRow(
        plot_type_id=row.plot_type_id,
        label=row.label,
        severity=row.severity,
        confirmed=row.confirmed,
        run=row.run,
        first_inference_id=row.id,
        last_inference_id=row.id,
        first_chunk=row.chunk,
        last_chunk=row.chunk,
        first_at=row.judged_at,
        last_at=row.judged_at,
        length=1,
        open=True,
    )
