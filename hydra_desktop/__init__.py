"""The desktop of Hydra: what people on shift see and do."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("hydra-dqm")
except PackageNotFoundError:  # an executable carries no package metadata unless told to
    __version__ = "0.1.0"
