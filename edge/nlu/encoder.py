"""World: onnxruntime. The sentence encoder: five layers of MiniLM, fine-tuned on what people say to a home, in int8."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError

WIDTH: Final = 768
"""The mean and the maximum over the tokens, side by side."""

TOKENS_MAX: Final = 40


class Encoder:
    """Sentences become vectors. Safe to call from several threads."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        """Load `encoder.onnx` and `vocab.txt`; nothing is ever downloaded. Raises ModelError."""
        self._session = _session(folder / "encoder.onnx", threads)
        self._pieces = _tokenizer(folder / "vocab.txt")

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (n, 768)."""
        ids = [piece.ids for piece in self._pieces.encode_batch(list(texts))]
        padded = np.zeros((len(ids), max(map(len, ids), default=1)), dtype=np.int64)
        for row, some in enumerate(ids):
            padded[row, : len(some)] = some
        vectors: NDArray[np.float32] = self._session.run(None, {"ids": padded})[0]
        return vectors


def _session(path: Path, threads: int) -> Any:
    import onnxruntime  # noqa: PLC0415 - heavy

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # the inputs are tiny: an arena would only keep memory
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if not path.is_file():
        raise ModelError(f"The model file {path} is missing: it comes with Edge. Install Edge again.")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors share no base but Exception
        raise ModelError(f"The model file {path} is damaged. Install Edge again.") from error


def _tokenizer(path: Path) -> Any:
    import tokenizers  # noqa: PLC0415 - heavy

    try:
        words = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ModelError(f"The word list {path} is missing: it comes with Edge. Install Edge again.") from error
    pieces = tokenizers.BertWordPieceTokenizer({word: at for at, word in enumerate(words)}, lowercase=True)
    pieces.enable_truncation(TOKENS_MAX)
    return pieces
