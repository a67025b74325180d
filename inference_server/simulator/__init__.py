"""A simulated hall of detectors: the demo's feed and the tests' source, never a stand-in for real input."""

from inference_server.simulator.hall import catalogue, draw, labelled
from inference_server.simulator.values import Fault, SimPicture, SimPlot

__all__ = ["Fault", "SimPicture", "SimPlot", "catalogue", "draw", "labelled"]
