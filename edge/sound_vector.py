"""Words: one vector for the sound of a turn, in the form in which a transcript keeps it.

It is the mean of what the recogniser's encoder made of the speech: it tells a voice, a room and a noise apart, and no
speech can be made of it again.
"""

import base64
import binascii
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

NOTHING: Final = np.zeros(0, dtype=np.float32)

_STEPS: Final = 127


def packed(vector: NDArray[np.floating[Any]]) -> str:
    """A vector of shape (d,) as text: base64 of d bytes, as parts of its largest value. The length is lost."""
    largest = float(np.abs(vector).max(initial=0.0))
    if not largest or not np.isfinite(largest):
        return ""
    return base64.b64encode(np.rint(vector / largest * _STEPS).astype(np.int8).tobytes()).decode()


def unpacked(text: str) -> NDArray[np.float32]:
    """The vector again, of unit length; `NOTHING` for an empty or damaged text."""
    try:
        values = np.frombuffer(base64.b64decode(text, validate=True), dtype=np.int8).astype(np.float32)
    except (ValueError, binascii.Error):
        return NOTHING
    length = float(np.linalg.norm(values))
    return values / length if length else NOTHING
