"""The detectors of the simulated hall, a module each: what their plots look like, well and broken."""
