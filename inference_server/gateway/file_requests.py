"""Models as files: handed to a desktop, taken from one."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path, PurePath

from db.session import transaction
from inference_server import config as settings
from inference_server.gateway.answers import Handlers, Means, Result, must
from inference_server.gateway.model_facts import one
from inference_server.protocol.library import LibraryChanged
from inference_server.protocol.messages import Done
from inference_server.protocol.model_files import GetModelFile, ModelFile, TakeModelFile

LONGEST_S = 110  # a desktop waits two minutes


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {
        GetModelFile: lambda request, _who: _give(means, request),
        TakeModelFile: lambda request, who: _take(means, request, who),
    }


def _give(means: Means, request: GetModelFile) -> Result:
    with transaction(means.sessions) as session:
        name = one(session, request.model_id).name
    ending = "onnx" if request.onnx else "hydra-model"
    with tempfile.TemporaryDirectory(prefix="hydra-") as folder:
        file = Path(folder) / f"model.{ending}"
        _carry(means, folder, "onnx" if request.onnx else "export", file, model=request.model_id)
        data = file.read_bytes()
    return Result(ModelFile(model_id=request.model_id, name=f"{name}.{ending}"), (data,))


def _take(means: Means, request: TakeModelFile, who: str) -> Result:
    person = request.person or who
    with transaction(means.sessions) as session:
        must(session, who, "expert")
    with tempfile.TemporaryDirectory(prefix="hydra-") as folder:
        file = Path(folder) / (PurePath(request.name).name[-100:] or "model")
        file.write_bytes(request.data)
        number = int(_carry(means, folder, "import", file, who=person))
    with transaction(means.sessions) as session:
        plot_type_id = one(session, number).plot_type_id
    return Result(
        Done(
            sentence=f"It is model {number} now. It judges when somebody activates it.", id=number
        ),
        catalogue_changed=True,
        news=(LibraryChanged(plot_type_id=plot_type_id, who=person, what="import"),),
    )


def _carry(
    means: Means, folder: str, what: str, file: Path, *, model: int = 0, who: str = ""
) -> str:
    """What the other process printed. Raises ValueError: its sentence, why it could not."""
    effective = Path(folder) / "effective.json"
    effective.write_bytes(settings.dump(means.config))
    command = [sys.executable, "-m", "inference_server.carry", "--effective", str(effective),
               what, str(file), "--model", str(model), f"--who={who}"]  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=LONGEST_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ValueError("it took too long. Use hydra-server models on the server") from error
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise ValueError((lines[-1] if lines else "the file cannot be used").rstrip("."))
    return done.stdout.strip().splitlines()[-1]
