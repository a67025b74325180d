"""Streaks of noteworthy verdicts: where each begins and ends (the original's IsTransition)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables.judging import EpisodeRow
from db.values import NewInference


def noteworthy(verdict: NewInference) -> bool:
    """Whether the log shows it: Bad, or Unconfirmed, in the eyes of a model."""
    return verdict.model_id is not None and (verdict.severity == "bad" or not verdict.confirmed)


def follow(session: Session, verdicts: Sequence[tuple[int, NewInference]]) -> None:
    """Prolong, end and begin episodes for fresh verdicts (with their ids), in their order."""
    wanted = {verdict.plot_type_id for _, verdict in verdicts}
    query = select(EpisodeRow).where(EpisodeRow.plot_type_id.in_(wanted), EpisodeRow.open)
    going_on = {episode.plot_type_id: episode for episode in session.scalars(query)}
    for number, verdict in verdicts:
        episode = going_on.get(verdict.plot_type_id)
        if episode is not None and _goes_on(episode, verdict):
            _prolong(episode, number, verdict)
            continue
        if episode is not None:
            episode.open = False
            del going_on[verdict.plot_type_id]
        if noteworthy(verdict):
            going_on[verdict.plot_type_id] = _begin(number, verdict)
            session.add(going_on[verdict.plot_type_id])
    session.flush()


def _goes_on(episode: EpisodeRow, verdict: NewInference) -> bool:
    return noteworthy(verdict) and (episode.run, episode.label, episode.confirmed) == (
        verdict.run, verdict.label, verdict.confirmed,
    )  # fmt: skip


def _prolong(episode: EpisodeRow, number: int, verdict: NewInference) -> None:
    episode.last_inference_id = number
    episode.first_chunk = min(episode.first_chunk, verdict.chunk)
    episode.last_chunk = max(episode.last_chunk, verdict.chunk)
    episode.last_at = max(episode.last_at, verdict.judged_at)
    episode.length += 1


def _begin(number: int, verdict: NewInference) -> EpisodeRow:
    return EpisodeRow(
        plot_type_id=verdict.plot_type_id,
        label=verdict.label,
        severity=verdict.severity,
        confirmed=verdict.confirmed,
        run=verdict.run,
        first_inference_id=number,
        last_inference_id=number,
        first_chunk=verdict.chunk,
        last_chunk=verdict.chunk,
        first_at=verdict.judged_at,
        last_at=verdict.judged_at,
        length=1,
        open=True,
    )
