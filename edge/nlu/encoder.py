"""World: onnxruntime. The sentence encoder: five layers of MiniLM, fine-tuned on what people say to a home, in int8."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.model_files import session

WIDTH: Final = 768
"""The mean and the maximum over the tokens, side by side."""

TOKENS_MAX: Final = 40


class Encoder:
    """Sentences become vectors. Safe to call from several threads."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        """Load `encoder.onnx` and `vocab.txt`; nothing is ever downloaded. Raises ModelError."""
        self._session = session(folder / "encoder.onnx", threads)
        self._pieces = _tokenizer(folder / "vocab.txt")

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (n, 768)."""
        ids = [piece.ids for piece in self._pieces.encode_batch(list(texts))]
        padded = np.zeros((len(ids), max(map(len, ids), default=1)), dtype=np.int64)
        for row, some in enumerate(ids):
            padded[row, : len(some)] = some
        vectors: NDArray[np.float32] = self._session.run(None, {"ids": padded})[0]
        return vectors


def _tokenizer(path: Path) -> Any:
    import tokenizers  # noqa: PLC0415 - heavy

    try:
        words = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ModelError(f"The word list {path} is missing: it comes with Edge. Install Edge again.") from error
    pieces = tokenizers.BertWordPieceTokenizer({word: at for at, word in enumerate(words)}, lowercase=True)
    pieces.enable_truncation(TOKENS_MAX)
    return pieces
