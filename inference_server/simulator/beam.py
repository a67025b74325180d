"""Beam conditions of a run and a chunk: how many events, where the beam is, where its peak is."""

from __future__ import annotations

from dataclasses import replace

from inference_server.simulator.values import BEAM_TRIP, NO_DATA, Conditions, generator


def conditions_of(seed: int, run: int, chunk: int) -> Conditions:
    """What the accelerator delivers: a run has its current and beam spot, a chunk drifts around them."""
    of_run = generator(seed, "beam", run)
    of_chunk = generator(seed, "beam", run, chunk)
    current = float(of_run.uniform(120.0, 350.0))
    # A chunk closes on time, so its events follow the current; a few close early.
    share = float(of_chunk.uniform(0.75, 1.1)) * (0.4 if of_chunk.random() < 0.05 else 1.0)
    return Conditions(
        events=280.0 * current * share * float(of_run.uniform(0.8, 1.2)),
        current_na=current * float(of_chunk.uniform(0.98, 1.02)),
        beam_x_cm=float(of_run.normal(0.0, 0.1) + of_chunk.normal(0.0, 0.01)),
        beam_y_cm=float(of_run.normal(0.0, 0.1) + of_chunk.normal(0.0, 0.01)),
        coherent_gev=float(of_run.uniform(8.65, 8.95)),
    )


def spoilt(beam: Conditions, fault: str, few: float) -> Conditions:
    """What is left of the beam with ``fault``; ``few``: events of a chunk without beam."""
    if fault == NO_DATA.name:
        return replace(beam, events=0.0)
    if fault == BEAM_TRIP.name:
        return replace(beam, events=few, current_na=0.0)
    return beam
