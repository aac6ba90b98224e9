"""World: opens the small ONNX models of the ears so that they cost as little as they can."""

from pathlib import Path
from typing import Any

from edge.errors import ModelError


def open_session(path: Path, threads: int = 1) -> Any:
    """An onnxruntime.InferenceSession; raises ModelError when the file is missing or damaged."""
    import onnxruntime  # noqa: PLC0415 - heavy, and a typed chat has no ears

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # the inputs are tiny: an arena would only keep memory
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # 80 ms of idling between two frames
    if not path.is_file():
        raise ModelError(f"The model file {path} is missing. Run ./scripts/run, which fetches it.")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors share no base but Exception
        raise ModelError(f"The model file {path} is damaged. Delete it and run ./scripts/run again.") from error
