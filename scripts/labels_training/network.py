"""The network: a small transformer over the turns of a dialogue; what lies between two turns bends its attention."""

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from edge.labels.encoding import NUMBERS, PAIRS, REASONS, REPLIES, SOUND_WIDTH, STATUSES, TEXT_WIDTH, TURNS_MAX

FAR: Final = -1e4
"""A logit that rules out."""


@dataclass(frozen=True)
class Shape:
    """Sizes of the network: about a million parameters."""

    width: int = 128
    heads: int = 4
    layers: int = 4
    inner: int = 384
    drop: float = 0.15


class _Layer(nn.Module):
    """Attention to all turns, with a bias for each head from what lies between two of them; then two linear layers."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.first, self.second = nn.LayerNorm(shape.width), nn.LayerNorm(shape.width)
        self.asked = nn.Linear(shape.width, 3 * shape.width)
        self.mixed = nn.Linear(shape.width, shape.width)
        self.between = nn.Linear(PAIRS, shape.heads)
        self.brought = nn.Linear(PAIRS, shape.heads * 8)
        self.carried = nn.Linear(shape.heads * 8, shape.width)
        self.inner = nn.Sequential(
            nn.Linear(shape.width, shape.inner),
            nn.GELU(),
            nn.Dropout(shape.drop),
            nn.Linear(shape.inner, shape.width),
        )
        self.drop = nn.Dropout(shape.drop)

    def forward(self, x: Tensor, pairs: Tensor, blocked: Tensor) -> Tensor:
        turns, width = x.shape[1], x.shape[2]
        size = (-1, turns, self.heads, width // self.heads)
        q, k, v = (part.reshape(size).transpose(1, 2) for part in self.asked(self.first(x)).chunk(3, -1))
        scores = q @ k.transpose(2, 3) / math.sqrt(size[3]) + self.between(pairs).permute(0, 3, 1, 2) + blocked
        weights = self.drop(torch.softmax(scores, -1))
        told = (weights @ v).transpose(1, 2).reshape(-1, turns, width)
        brought = self.brought(pairs).reshape(-1, turns, turns, self.heads, 8)
        lies = torch.einsum("bhij,bijhd->bihd", weights, torch.relu(brought)).reshape(-1, turns, self.heads * 8)
        x = x + self.drop(self.mixed(told) + self.carried(lies))
        return x + self.drop(self.inner(self.second(x)))


class Network(nn.Module):
    """Arrays of `edge.labels.encoding.Encoded` -> logits for every turn."""

    def __init__(self, intents: int, shape: Shape | None = None) -> None:
        super().__init__()
        shape = shape or Shape()
        width = shape.width
        self.said, self.replied = nn.Linear(TEXT_WIDTH, width), nn.Linear(TEXT_WIDTH, width)
        self.sound = nn.Sequential(nn.Linear(SOUND_WIDTH, 16), nn.Tanh(), nn.Linear(16, width))
        sizes = (intents + 2, len(STATUSES), len(REPLIES), len(REASONS))
        self.kinds = nn.ModuleList(nn.Embedding(size, width) for size in sizes)
        self.numbers = nn.Sequential(nn.Linear(NUMBERS, width), nn.GELU(), nn.Linear(width, width))
        self.places = nn.Parameter(torch.zeros(TURNS_MAX, width))
        self.norm, self.last = nn.LayerNorm(width), nn.LayerNorm(width)
        self.drop = nn.Dropout(shape.drop)
        self.layers = nn.ModuleList(_Layer(shape) for _ in range(shape.layers))
        self.turn = nn.Linear(width, 2)
        self.goes_on = nn.Sequential(nn.Linear(2 * width + PAIRS, 64), nn.GELU(), nn.Linear(64, 1))
        self.here, self.there, self.nowhere = nn.Linear(width, 64), nn.Linear(width, 64), nn.Linear(width, 1)
        self.pair = nn.Sequential(nn.Linear(PAIRS, 32), nn.GELU(), nn.Linear(32, 1))
        self.itself = nn.Linear(width, 1)
        self.intent = nn.Linear(width, intents + 2)
        self.belongs = nn.Linear(width, 1)
        self.register_buffer("earlier", torch.tril(torch.ones(TURNS_MAX, TURNS_MAX), -1) * FAR)
        self.register_buffer("same", torch.eye(TURNS_MAX))

    def read(
        self, said: Tensor, replied: Tensor, sound: Tensor, kinds: Tensor, numbers: Tensor, pairs: Tensor, there: Tensor
    ) -> Tensor:
        """Shape (n, turns, width): each turn in its dialogue."""
        x = self.said(self.drop(said)) * 4 + self.replied(self.drop(replied)) * 4
        x = x + self.sound(sound) + self.numbers(numbers) + self.places[: said.shape[1]]
        for number, embedding in enumerate(self.kinds):
            x = x + embedding(kinds[:, :, number])
        x = self.drop(self.norm(x)) * there.unsqueeze(-1)
        blocked = (1.0 - there).reshape(-1, 1, 1, said.shape[1]) * FAR
        for layer in self.layers:
            x = layer(x, pairs, blocked)
        turns: Tensor = self.last(x)
        return turns

    def forward(
        self, said: Tensor, replied: Tensor, sound: Tensor, kinds: Tensor, numbers: Tensor, pairs: Tensor, there: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Logits: (n, turns, 3) goes on, served, reached; (n, turns, turns + 1) where what was meant stands, the last
        for nowhere; (n, turns, intents + 2) what was meant; (n, turns) whether the reply belongs to the turn."""
        x = self.read(said, replied, sound, kinds, numbers, pairs, there)
        before = torch.cat([x[:, :1], x[:, :-1]], 1)
        step = torch.diagonal(pairs[:, :-1, 1:], dim1=1, dim2=2).transpose(1, 2)
        step = torch.cat([pairs[:, 0, :1] * 0.0, step], 1)
        goes_on = self.goes_on(torch.cat([x, before, step], -1))
        turns = x.shape[1]
        same, earlier = self.same[:turns, :turns], self.earlier[:turns, :turns]
        away = self.here(x) @ self.there(x).transpose(1, 2) / 8 + self.pair(pairs).squeeze(-1)
        pointed = away * (1.0 - same) + self.itself(x) * same
        pointed = pointed + earlier + (1.0 - there).unsqueeze(1) * FAR
        pointed = torch.cat([pointed, self.nowhere(x)], -1)
        return torch.cat([goes_on, self.turn(x)], -1), pointed, self.intent(x), self.belongs(x).squeeze(-1)
