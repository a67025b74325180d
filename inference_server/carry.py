"""Carries one model in or out, in a process of its own: ``python -m inference_server.carry``.

The gateway must stay small and answer others meanwhile; this process may import torch, and whatever a
hostile file does, it does here. It prints the new model's id, or a sentence on standard error.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from db import session as database
from inference_server import config as settings
from inference_server.predict.heads import HeadError


def main() -> int:
    """Do as the command line says; 0, or 1 with a sentence."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--effective", type=Path, required=True)
    parser.add_argument("what", choices=("export", "onnx", "import"))
    parser.add_argument("file", type=Path)
    parser.add_argument("--model", type=int, default=0)
    parser.add_argument("--who", default="")
    args = parser.parse_args()
    try:
        print(_carry(args))
    except (KeyError, ValueError, RuntimeError, OSError, HeadError) as error:
        print(str(error.args[0] if error.args else error), file=sys.stderr)
        return 1
    return 0


def _carry(args: argparse.Namespace) -> int:
    from inference_server import model_files, onnx_files

    config = settings.restore(args.effective)
    engine = database.connect(config.database)
    try:
        sessions = database.sessions(engine)
        if args.what == "import":
            return model_files.read(config, sessions, args.file, who=args.who)
        write = onnx_files.write if args.what == "onnx" else model_files.write
        write(config, sessions, args.model, args.file)
    finally:
        engine.dispose()
    return int(args.model)


if __name__ == "__main__":
    sys.exit(main())
