"""World: reads versions. Where a data set of the laboratory comes from."""

import sys
from argparse import Namespace
from collections import Counter
from importlib.metadata import version
from typing import Any, Final

from pydantic import TypeAdapter

from edge.knowledge import HomeMap
from fault_laboratory.goals import TEST_ONLY
from fault_laboratory.homes import Homes
from fault_laboratory.sentences import Sentences

DATA: Final[dict[str, str]] = {
    "hwu64_dev": "HWU64, Liu et al. 2019, CC BY 4.0",
    "slurp_devel_text": "SLURP, Bastianelli et al. 2020, CC BY 4.0",
    "clinc_oos_dev": "CLINC150, Larson et al. 2019, CC BY 3.0",
    "noise_rir": "noises and rooms: Speech Commands (CC BY 4.0) and the samples of SpeechBrain (Apache 2.0)",
}
_HOME: Final = TypeAdapter(HomeMap)
PACKAGES: Final = ("faster-whisper", "ctranslate2", "piper-tts", "openwakeword", "onnxruntime", "numpy")


def header(options: Namespace, sentences: Sentences, homes: Homes) -> dict[str, Any]:
    """The first line of the file. `options`: seed, count, spoken, split and the folder `data`."""
    told = f"--seed {options.seed} --count {options.count} --spoken {options.spoken:g}"
    sizes = Counter({f"{split} {kind}": len(some) for (split, kind), some in sentences.by_kind.items()})
    return {
        "provenance": {
            "made_by": "scripts/fault_lab",
            "command": f"./scripts/fault_lab {told}" + (f" --split {options.split}" if options.split else ""),
            "seed": options.seed,
            "data": {name: source for name, source in DATA.items() if (options.data / name).exists()},
            "sentences": dict(sorted(sizes.items())),
            "only_in_test": sorted(TEST_ONLY),
            "homes": [
                {"home": home, "variant": variant, "map": _HOME.dump_python(home_map, mode="json")}
                for home, variant, home_map in homes.maps()
            ],
            "python": sys.version.split()[0],
            "versions": {name: version(name) for name in PACKAGES},
        }
    }
