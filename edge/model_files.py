"""World: files of models that come with Edge, read once and checked, and sessions of onnxruntime."""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from edge.errors import ModelError

Model = TypeVar("Model", bound=BaseModel)


def validated(kind: type[Model], file: Path) -> Model:
    """What is written in a file of JSON. Raises ModelError, which names it."""
    try:
        return kind.model_validate_json(file.read_bytes())
    except OSError as error:
        raise ModelError(f"Cannot read {file}: {error.strerror}.") from error
    except ValidationError as error:
        raise ModelError(f"{file} is damaged or of another version of Edge.") from error


def session(file: Path, threads: int = 1, *, is_fetched: bool = False) -> Any:
    """An onnxruntime.InferenceSession of a small network, without an arena or spinning threads.

    `is_fetched`: whether the file does not come with Edge, but from another package. Raises ModelError, which says what
    to do.
    """
    import onnxruntime  # noqa: PLC0415 - heavy, and not every command has ears or models

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # the inputs are small: an arena would only keep memory
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if not file.is_file():
        advice = ". Run ./scripts/run, which fetches it." if is_fetched else ": it comes with Edge. Install Edge again."
        raise ModelError(f"The model file {file} is missing{advice}")
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors share no base but Exception
        advice = "Delete it and run ./scripts/run again." if is_fetched else "Install Edge again."
        raise ModelError(f"The model file {file} is damaged. {advice}") from error
