"""World: reads versions. Where a data set of the laboratory comes from."""

import sys
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from fault_laboratory.goals import TEST_ONLY
from fault_laboratory.sentences import Sentences

DATA: Final[dict[str, str]] = {
    "hwu64_dev": "HWU64, Liu et al. 2019, CC BY 4.0",
    "slurp_devel_text": "SLURP, Bastianelli et al. 2020, CC BY 4.0",
    "clinc_oos_dev": "CLINC150, Larson et al. 2019, CC BY 3.0",
    "noise_rir": "noises and rooms: Speech Commands (CC BY 4.0) and the samples of SpeechBrain (Apache 2.0)",
}
PACKAGES: Final = ("faster-whisper", "ctranslate2", "piper-tts", "openwakeword", "onnxruntime", "numpy")


def header(seed: int, count: int, spoken: float, data: Path, sentences: Sentences) -> dict[str, Any]:
    """The first line of the file."""
    sizes = Counter({f"{split} {kind}": len(some) for (split, kind), some in sentences.by_kind.items()})
    return {
        "provenance": {
            "made_by": "scripts/fault_lab",
            "command": f"./scripts/fault_lab --seed {seed} --count {count} --spoken {spoken:g}",
            "seed": seed,
            "data": {name: told for name, told in DATA.items() if (data / name).exists()},
            "sentences": dict(sorted(sizes.items())),
            "only_in_test": sorted(TEST_ONLY),
            "python": sys.version.split()[0],
            "versions": {name: version(name) for name in PACKAGES},
        }
    }
