"""Learning: first whether a reply belongs to its turn, then all tasks at once; temperatures on what was held out."""

import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from torch.nn import functional

from edge.labels.dialogue_model import Temperatures
from edge.labels.encoding import TURNS_MAX
from labels_training.examples import UNASKED, Examples
from labels_training.network import Network

INPUTS: Final = ("said", "replied", "sound", "kinds", "numbers", "pairs", "there")
OUTPUTS: Final = ("turns", "meant", "intents")
BATCH, RATE = 64, 1e-3
UNTOLD: Final = 0.15
"""So often the diagnoses, and as often the sound, are hidden: neither is always there."""

Batch = dict[str, Tensor]


def pretrained(network: Network, some: Examples, epochs: int, seed: int) -> None:
    """In place: in half of the turns stands the reply of another dialogue; which?"""
    chance = np.random.default_rng(seed)

    def loss(batch: Batch, rows: NDArray[np.int64]) -> Tensor:
        turns = batch["there"].shape[1]
        swapped = torch.from_numpy(chance.random((len(rows), turns)) < 0.5)
        others = _tensors(some, chance.integers(0, len(some), len(rows)), turns)
        swapped &= (batch["there"] > 0) & (others["there"] > 0)
        batch["replied"] = torch.where(swapped[:, :, None], others["replied"], batch["replied"])
        batch["kinds"][:, :, 2] = torch.where(swapped, others["kinds"][:, :, 2], batch["kinds"][:, :, 2])
        belongs = network(*(batch[name] for name in INPUTS))[3]
        there = batch["there"] > 0
        return functional.binary_cross_entropy_with_logits(belongs[there], (~swapped).float()[there])

    _learn(network, some, epochs, seed, loss, "replies")


def trained(network: Network, some: Examples, epochs: int, seed: int) -> None:
    """In place, all tasks at once."""
    chance = np.random.default_rng(seed)

    def loss(batch: Batch, rows: NDArray[np.int64]) -> Tensor:
        hidden = torch.from_numpy(chance.random((2, len(rows))) < UNTOLD)
        batch["numbers"][hidden[0], :, -8:] = 0.0
        batch["sound"][hidden[1]] = 0.0
        return losses(network, batch, some, rows).sum()

    _learn(network, some, epochs, seed, loss, "labels")


def losses(network: Network, batch: Batch, some: Examples, rows: NDArray[np.int64]) -> Tensor:
    """Of goal, service, success, pointer and intent."""
    turns, meant, intents, _ = network(*(batch[name] for name in INPUTS))
    length = turns.shape[1]
    wanted = torch.from_numpy(some.turns[rows, :length])
    found = []
    for task in range(3):
        known = wanted[:, :, task] >= 0
        found.append(functional.binary_cross_entropy_with_logits(turns[:, :, task][known], wanted[:, :, task][known]))
    for logits, classes, weight in ((meant, some.meant, 1.0), (intents, some.intent, 0.5)):
        right = torch.from_numpy(classes[rows, :length])
        if classes is some.meant:
            right = torch.where(right == TURNS_MAX, length, right)  # nowhere comes last
        found.append(weight * functional.cross_entropy(logits.flatten(0, 1), right.flatten(), ignore_index=UNASKED))
    return torch.nan_to_num(torch.stack(found))


def _learn(network: Network, some: Examples, epochs: int, seed: int, loss: object, name: str) -> None:
    assert callable(loss)
    torch.manual_seed(seed)
    order = np.random.default_rng(seed)
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.05)
    steps, step = epochs * math.ceil(len(some) / BATCH), 0
    network.train()
    for epoch in range(epochs):
        total = 0.0
        for rows in _alike(some, order):
            share, step = step / steps, step + 1
            for group in optimiser.param_groups:
                group["lr"] = RATE * min(share / 0.05 + 0.02, (1 - share) / 0.95 + 1e-3)
            found = loss(_tensors(some, rows, _longest(some, rows)), rows)
            optimiser.zero_grad()
            found.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            total += float(found.detach()) * len(rows)
        sys.stderr.write(f"{name}, epoch {epoch + 1} of {epochs}: loss {total / len(some):.4f}\n")
    network.eval()


def answered(network: Network, some: Examples) -> tuple[NDArray[np.float32], ...]:
    """Logits of all turns, by output."""
    found: list[list[NDArray[np.float32]]] = [[], [], []]
    with torch.no_grad():
        for rows in _batches(np.arange(len(some))):
            batch = _tensors(some, rows)
            for into, logits in zip(found, network(*(batch[name] for name in INPUTS)), strict=False):
                into.append(logits.numpy())
    return tuple(np.concatenate(each) for each in found)


def losses_held_out(network: Network, some: Examples) -> list[float]:
    """Mean over what was held out, by task, as `losses` has them."""
    found = np.zeros(5)
    with torch.no_grad():
        for rows in _batches(np.arange(len(some))):
            found += losses(network, _tensors(some, rows), some, rows).numpy() * len(rows)
    return [round(float(each), 4) for each in found / len(some)]


def temperatures(network: Network, some: Examples) -> Temperatures:
    """By task, what its logits are divided by: fitted on dialogues that were held out."""
    turns, meant, intents = (torch.from_numpy(each) for each in answered(network, some))
    found = {}
    for task, name in enumerate(("goes_on", "served", "reached")):
        wanted = torch.from_numpy(some.turns[:, :, task])
        known = wanted >= 0
        found[name] = _coolest(
            lambda t, x=turns[:, :, task][known], y=wanted[known]: functional.binary_cross_entropy_with_logits(x / t, y)
        )
    for name, logits, classes in (("meant", meant, some.meant), ("intent", intents, some.intent)):
        flat, right = logits.flatten(0, 1), torch.from_numpy(classes).flatten()
        found[name] = _coolest(lambda t, x=flat, y=right: functional.cross_entropy(x / t, y, ignore_index=UNASKED))
    return Temperatures.model_validate(found)


def _coolest(loss: object) -> float:
    assert callable(loss)
    grid = np.exp(np.linspace(np.log(0.5), np.log(4.0), 61))
    return round(float(min(grid, key=lambda t: float(loss(t)))), 3)


def save(network: Network, some: Examples, file: Path) -> None:
    """In int8."""
    whole = file.with_suffix(".whole.onnx")
    batch = _tensors(some, np.arange(2))
    torch.onnx.export(
        _Answering(network).eval(),
        tuple(batch[name] for name in INPUTS),
        str(whole),
        input_names=list(INPUTS),
        output_names=list(OUTPUTS),
        dynamic_axes={name: {0: "n"} for name in (*INPUTS, *OUTPUTS)},
        opset_version=17,
        dynamo=False,
    )
    quantize_dynamic(str(whole), str(file), weight_type=QuantType.QInt8, per_channel=True)
    whole.unlink()


class _Answering(nn.Module):
    """The network without what it only learned by."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, *arrays: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        turns, meant, intents, _ = self.network(*arrays)
        return turns, meant, intents


def _alike(some: Examples, order: np.random.Generator) -> list[NDArray[np.int64]]:
    """Batches of dialogues of about the same length, by lot."""
    lengths = some.arrays["there"].sum(1) + 1.5 * order.random(len(some))
    batches = list(_batches(np.argsort(lengths)))
    order.shuffle(batches)  # type: ignore[arg-type] - a list is shuffled as well
    return batches


def _longest(some: Examples, rows: NDArray[np.int64]) -> int:
    return max(2, int(some.arrays["there"][rows].sum(1).max()))


def _tensors(some: Examples, rows: NDArray[np.int64], turns: int = TURNS_MAX) -> Batch:
    found = {name: torch.from_numpy(np.ascontiguousarray(some.arrays[name][rows, :turns])) for name in INPUTS}
    found["pairs"] = found["pairs"][:, :, :turns]
    return {name: each.long() if name == "kinds" else each.float() for name, each in found.items()}


def _batches(order: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    for begin in range(0, len(order), BATCH):
        yield order[begin : begin + BATCH]
