"""What things were called under each knowledge revision: a renamed lamp is none that never was."""

import logging
from functools import cache, lru_cache
from typing import Final

from edge.errors import StoreError
from edge.isolation.called import NOBODY, Called
from edge.nlu.sayable import Vocabulary
from edge.nlu.vocabulary import taught
from edge.paths import shipped
from edge.store import Store

log = logging.getLogger(__name__)

KEPT_MAX: Final = 8
"""So many revisions are kept in mind: what is looked at together ran under few of them."""


class HomeNames:
    """Asked by revision; reads each once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.of = lru_cache(maxsize=KEPT_MAX)(self._read)

    def _read(self, revision: int) -> Called:
        """The names of the home then, and those that it had before; `NOBODY` where that cannot be read."""
        try:
            known = self._store.knowledge(revision)
            earlier = self._store.homes_before(revision)
        except StoreError as error:
            log.warning("what things were called under revision %d cannot be read: %s", revision, error)
            return NOBODY
        return Called.of(known.home, earlier, vocabulary().sayable(known).words)


@cache
def vocabulary() -> Vocabulary:
    """All words that commands are made of, made once. Raises ModelError."""
    return Vocabulary(taught(shipped("models") / "nlu"))
