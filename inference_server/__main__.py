"""``hydra-server`` and ``python -m inference_server``."""

from inference_server.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
