"""Fine-tune a whole network by a plan: ``python -m inference_server.training.tune FOLDER``.

Alone, or as several processes under ``torchrun``, one for each GPU. It keeps the best network so far
and, after every pass, all that a later start needs to go on as if nothing had happened.
"""

from __future__ import annotations

import contextlib
import copy
import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from inference_server.predict import networks
from inference_server.training import half, layers, logistic, plan
from inference_server.training.checkpoint import State, of, save, state_of, tensors
from inference_server.training.plan import Moved, Plan, Point
from inference_server.training.ranks import Ranks
from inference_server.training.stream import Stream

WARM_UP = 0.05  # share of all steps over which the learning rate rises
TELL_S = 0.5
PROGRESS = 1e-4  # of the loss: less is none
WEIGHT_DECAY = 0.02
AVERAGE = 0.99  # how much of the mean network stays at each step


class Tuner:
    """A fine-tuning under way; ``passes`` does the work, one pass at a time."""

    def __init__(
        self, folder: Path, given: Plan, ranks: Ranks, tell: Callable[[Moved], None]
    ) -> None:
        self._folder, self._plan, self._ranks, self._tell = folder, given, ranks, tell
        self._device = ranks.device(given.device)
        network, trained = networks.begin(given.network, len(given.labels), given.weights)
        if not trained:
            _draw(network, given.seed)
        self._frozen = _normalisations(network) if trained else []
        self._starts_well = _begin_with_head(network, folder / plan.START)
        kept = given.frozen if trained else 0
        for parameter in layers.staged(network, range(kept)):
            parameter.requires_grad_(False)
        self.network = network.to(self._device)
        self._mixed = half.pays_on(self._device)
        if self._mixed:
            half.keep_whole(self.network, self._device)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._model = ranks.wrap(self.network)
        # What is judged and kept: the mean over the last hundred or so steps, calmer than any of them.
        self.average = copy.deepcopy(self.network).requires_grad_(False)
        self._steps = 0
        self._optimizer = torch.optim.AdamW(
            layers.groups(self.network, given.learning_rate, given.layer_decay if trained else 1.0),
            weight_decay=WEIGHT_DECAY,
        )
        self._half = half.kind(self._device)
        self._scaler = torch.amp.GradScaler(
            self._device.type, enabled=self._mixed and self._half is torch.float16
        )
        self._learn, self._check = plan.rows(given, "training"), plan.rows(given, "validation")
        self.state = State()
        self._begun, self._told = time.monotonic(), 0.0

    def passes(self) -> Iterator[Point]:
        """One point for each pass, until the last or until nothing gets better any more."""
        self._resume()
        self._first = self.state.epoch
        stream = Stream(self._plan)
        try:
            if self._starts_well and not self.state.epoch:
                self._judge_start(stream)
            while self.state.epoch < self._plan.epochs and self.state.waited < self._plan.patience:
                yield self._pass(stream)
        finally:
            stream.close()

    def _judge_start(self, stream: Stream) -> None:
        """What it begins with is the best so far: no pass that is worse replaces it."""
        logits = self._judge(stream)
        self.state = State(best_loss=self._surprise(logits))
        if self._ranks.first:
            save(
                self._folder / plan.BEST,
                tensors("average.", self.average) | {"logits": logits},
                self.state,
            )

    def _surprise(self, logits: Tensor) -> float:
        targets = np.array([self._plan.examples[row].target for row in self._check])
        return logistic.surprise(logits.numpy(), targets)

    def _pass(self, stream: Stream) -> Point:
        epoch = self.state.epoch
        torch.manual_seed(self._plan.seed * 100_003 + epoch)  # for drop-out
        loss = self._learn_once(stream, epoch)
        logits = self._judge(stream)
        targets = np.array([self._plan.examples[row].target for row in self._check])
        surprise = self._surprise(logits)
        if not math.isfinite(surprise):
            raise ArithmeticError("The loss is no number any more. Choose a smaller learning rate.")
        right = float((logits.argmax(1).numpy() == targets).mean())
        point = Point(epoch + 1, loss, surprise, right)
        better = surprise < self.state.best_loss - PROGRESS
        self.state = State(
            epoch=epoch + 1,
            best_loss=surprise if better else self.state.best_loss,
            waited=0 if better else self.state.waited + 1,
            points=(*self.state.points, point),
        )
        if self._ranks.first:
            self._keep(better, logits)
        self._say(force=True)
        return point

    def _learn_once(self, stream: Stream, epoch: int) -> float:
        order = np.random.default_rng((self._plan.seed, epoch)).permutation(self._learn).tolist()
        mine = self._ranks.share(order, self._plan.batch)
        steps = self._ranks.steps(len(self._learn), self._plan.batch)
        self._model.train()
        for module in self._frozen:
            module.eval()
        total = torch.zeros((), device=self._device)
        for step, batch in enumerate(stream.training(epoch, mine, self._plan.batch)):
            self._set_rate((epoch + step / steps) / self._plan.epochs)
            total += self._step(*(part.to(self._device) for part in batch))
            self._say((epoch + (step + 1) / steps) / self._plan.epochs)
        return self._ranks.mean(total / steps)

    def _step(self, pictures: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        with self._precision():
            logits = self._model(pictures)
        each = cross_entropy(logits.float(), targets, reduction="none")
        loss = (each * weights).mean()
        self._optimizer.zero_grad(set_to_none=True)
        self._scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        self._scaler.step(self._optimizer)
        self._scaler.update()
        self._steps += 1
        _follow(self.average, self.network, min(AVERAGE, self._steps / (10 + self._steps)))
        return loss.detach()

    def _precision(self) -> torch.autocast:
        """Half as many bits where the device gains by it."""
        return torch.autocast(self._device.type, self._half, enabled=self._mixed)

    def _set_rate(self, done: float) -> None:
        """Warm up, then anneal along a cosine."""
        scale = min(done / WARM_UP, 1.0) * 0.5 * (1 + math.cos(math.pi * done)) + 1e-3
        for group in self._optimizer.param_groups:
            group["lr"] = group["full_rate"] * scale

    @torch.inference_mode()
    def _judge(self, stream: Stream) -> Tensor:
        """Logits (V, C) of the validation pictures, on every rank."""
        self.average.eval()
        logits = torch.zeros(len(self._check), len(self._plan.labels))
        places = list(range(len(self._check)))[self._ranks.rank :: self._ranks.world]
        done = 0
        for batch in stream.plain([self._check[place] for place in places], self._plan.batch):
            with self._precision():
                found = self.average(batch.pictures.to(self._device)).float().cpu()
            logits[places[done : done + len(found)]] = found
            done += len(found)
        return self._ranks.sum(logits)

    def _keep(self, better: bool, logits: Tensor) -> None:
        weights = tensors("model.", self.network)
        average = tensors("average.", self.average)
        if better:
            save(self._folder / plan.BEST, average | {"logits": logits}, self.state)
        held = self._optimizer.state_dict()["state"]
        moments = {
            f"optimizer.{number}.{key}": value
            for number, values in held.items()
            for key, value in values.items()
        }
        save(self._folder / plan.LAST, weights | average | moments, self.state)

    def _resume(self) -> None:
        """Go on after the last pass that was finished, if there is one."""
        path = self._folder / plan.LAST
        if not path.exists():
            return
        tensors = load_file(path)
        self.network.load_state_dict(of("model.", tensors))
        self.average.load_state_dict(of("average.", tensors))
        held = self._optimizer.state_dict()
        for name, value in tensors.items():
            if name.startswith("optimizer."):
                _, number, key = name.split(".")
                held["state"].setdefault(int(number), {})[key] = value
        self._optimizer.load_state_dict(held)
        self.state = state_of(path)
        self._steps = self.state.epoch * self._ranks.steps(len(self._learn), self._plan.batch)

    def _say(self, fraction: float | None = None, *, force: bool = False) -> None:
        now = time.monotonic()
        if not self._ranks.first or (now < self._told + TELL_S and not force):
            return
        self._told = now
        fraction = self.state.epoch / self._plan.epochs if fraction is None else fraction
        done = fraction - self._first / self._plan.epochs
        left = (now - self._begun) / done * (1 - fraction) if done > 0 else None
        self._tell(Moved(fraction=fraction, seconds_left=left, points=self.state.points))


def _draw(network: nn.Module, seed: int) -> None:
    """Other first weights for another seed."""
    torch.manual_seed(seed)
    for module in network.modules():
        reset = getattr(module, "reset_parameters", None)
        if callable(reset):
            reset()


def _normalisations(network: nn.Module) -> list[nn.Module]:
    """Layers whose statistics stay as trained: those of a few plots at a time would shake them."""
    return [each for each in network.modules() if isinstance(each, nn.BatchNorm2d)]


def _begin_with_head(network: networks.Classifier, path: Path) -> bool:
    """Whether it judges as a fitted head does from now on."""
    if not isinstance(network.network, networks.Pooled) or not path.exists():
        return False
    head = load_file(path)
    network.network.begin_with(head["matrix"], head["bias"])
    return True


@torch.no_grad()
def _follow(average: nn.Module, network: nn.Module, share: float) -> None:
    """``average`` stays itself by ``share``, and takes the rest from ``network``."""
    theirs = network.state_dict()
    for name, mine in average.state_dict().items():
        if mine.is_floating_point():
            mine.lerp_(theirs[name], 1 - share)
        else:
            mine.copy_(theirs[name])


def behind_everything() -> None:
    """Compute only where nobody else of this session wants to: verdicts have the core at once.

    The kernel weighs sessions against each other before it looks at nice (man 7 sched, "The autogroup
    feature"), so ``launch`` leaves a fine-tuning in the server's session. It holds no lock that anybody
    could wait for.
    """
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def main(arguments: list[str]) -> int:
    """One rank of a fine-tuning."""
    folder = Path(arguments[0])
    given = plan.read(folder)
    with Ranks.joined(given.device) as ranks:
        torch.set_num_threads(max(1, given.threads // ranks.world))
        torch.use_deterministic_algorithms(True, warn_only=True)
        tuner = Tuner(folder, given, ranks, _print)
        for _ in tuner.passes():
            pass
    return 0


def _print(moved: Moved) -> None:
    with contextlib.suppress(BrokenPipeError):
        print(msgspec.json.encode(moved).decode(), flush=True)


if __name__ == "__main__":
    from inference_server.cli.roles import die_with_parent

    die_with_parent()
    behind_everything()
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what repeats itself on a GPU
    sys.exit(main(sys.argv[1:]))
