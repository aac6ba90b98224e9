"""Cuts a Piper voice in two, so that a reply sounds before all of it is made.

A Piper voice is one ONNX graph. Its first half needs the whole sentence, but costs little. Its second half, the
vocoder, costs most and looks only a few frames to the left and right: fed piece by piece it gives, sample by sample,
what it gives in one go. Only those fields of ONNX's protobuf format that matter here are read; the rest is copied.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

VOCODER_BEGINS: Final = "/dec/conv_pre/Conv"
"""The node that every VITS export of Piper calls so."""

_MODEL_GRAPH: Final = 7
_NODE, _NAME, _INITIALIZER, _INPUT, _OUTPUT = 1, 2, 5, 11, 12
_NODE_INPUT, _NODE_OUTPUT, _NODE_NAME = 1, 2, 3
_TENSOR_NAME, _VALUE_NAME = 8, 1
_FLOAT_TENSOR: Final = bytes.fromhex("1204 0a02 0801")  # ValueInfoProto.type = tensor of float, any shape
_BYTES_BY_WIRE_TYPE: Final = {1: 8, 5: 4}


class CannotCut(ValueError):  # noqa: N818 - says what happened
    """This model has no vocoder that depends on one tensor alone; it has to run as a whole."""


@dataclass(frozen=True)
class Halves:
    """Two ONNX models. The first one's output is the second one's input: `latent`, float32, shape (1, c, frames)."""

    first: bytes
    vocoder: bytes
    latent: str


@dataclass(frozen=True)
class _Field:
    number: int
    value: memoryview
    raw: memoryview
    """The value with its tag and length."""


@dataclass(frozen=True)
class _Node:
    name: str
    inputs: frozenset[str]
    outputs: frozenset[str]
    first_input: str
    raw: memoryview


def cut(model: bytes) -> Halves:
    """The two halves of a voice; raises CannotCut, also for bytes that are no ONNX model."""
    try:
        frame = list(_fields(memoryview(model)))
        graph = list(_fields(next(f.value for f in frame if f.number == _MODEL_GRAPH)))
        nodes = [_node(f) for f in graph if f.number == _NODE]
        latent = next(n.first_input for n in nodes if n.name == VOCODER_BEGINS)
    except (IndexError, StopIteration, UnicodeDecodeError) as error:
        raise CannotCut("not a Piper voice") from error
    inputs = [f for f in graph if f.number == _INPUT]
    outputs = [f for f in graph if f.number == _OUTPUT]
    first = _needed(nodes, {latent}, given="")
    vocoder = _needed(nodes, {_name(f, _VALUE_NAME) for f in outputs}, given=latent)
    if _used(vocoder) & {_name(f, _VALUE_NAME) for f in inputs}:
        raise CannotCut("the vocoder needs more than the latent frames")  # a voice with several speakers
    between = [_tagged(_VALUE_NAME, latent.encode()) + _FLOAT_TENSOR]
    return Halves(
        _model(frame, graph, first, [f.raw for f in inputs], [_tagged(_OUTPUT, v) for v in between]),
        _model(frame, graph, vocoder, [_tagged(_INPUT, v) for v in between], [f.raw for f in outputs]),
        latent,
    )


def _needed(nodes: Sequence[_Node], wanted: set[str], given: str) -> list[_Node]:
    """The nodes that compute `wanted` once `given` is known, in the order of the graph."""
    open_names = set(wanted)
    kept: list[_Node] = []
    for node in reversed(nodes):
        if node.outputs & open_names:
            kept.append(node)
            open_names |= node.inputs - {given}
    return kept[::-1]


def _model(
    frame: Sequence[_Field],
    graph: Sequence[_Field],
    nodes: Sequence[_Node],
    inputs: Sequence[memoryview | bytes],
    outputs: Sequence[memoryview | bytes],
) -> bytes:
    """`graph` with these nodes alone, and the weights that they use."""
    used = _used(nodes)
    weights = [f.raw for f in graph if f.number == _INITIALIZER and _name(f, _TENSOR_NAME) in used]
    parts = [*(n.raw for n in nodes), *inputs, *outputs, *weights, *(f.raw for f in graph if f.number == _NAME)]
    rest = [f.raw for f in frame if f.number != _MODEL_GRAPH]
    return b"".join([*rest, _begin(_MODEL_GRAPH, sum(len(part) for part in parts)), *parts])


def _used(nodes: Sequence[_Node]) -> frozenset[str]:
    return frozenset[str]().union(*(node.inputs for node in nodes))


def _node(field: _Field) -> _Node:
    parts = [(f.number, str(f.value, "utf-8")) for f in _fields(field.value) if f.number <= _NODE_NAME]
    inputs = [text for number, text in parts if number == _NODE_INPUT]
    outputs = frozenset(text for number, text in parts if number == _NODE_OUTPUT)
    name = "".join(text for number, text in parts if number == _NODE_NAME)
    return _Node(name, frozenset(inputs), outputs, inputs[0] if inputs else "", field.raw)


def _name(field: _Field, number: int) -> str:
    return next(str(f.value, "utf-8") for f in _fields(field.value) if f.number == number)


def _tagged(number: int, body: bytes) -> bytes:
    return _begin(number, len(body)) + body


def _begin(number: int, size: int) -> bytes:
    return _varint(number << 3 | 2) + _varint(size)


def _fields(message: memoryview) -> Iterator[_Field]:
    """The fields of a protobuf message; raises IndexError when it is cut short."""
    at = 0
    while at < len(message):
        begin = at
        tag, at = _read_varint(message, at)
        number, wire_type = tag >> 3, tag & 7
        if wire_type == 2:
            size, at = _read_varint(message, at)
        elif wire_type == 0:
            size = _read_varint(message, at)[1] - at
        elif wire_type in _BYTES_BY_WIRE_TYPE:
            size = _BYTES_BY_WIRE_TYPE[wire_type]
        else:
            raise IndexError("no protobuf")
        if at + size > len(message):
            raise IndexError("cut short")
        yield _Field(number, message[at : at + size], message[begin : at + size])
        at += size


def _read_varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])
