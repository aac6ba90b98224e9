"""What each signal says, in nats of log-odds that the turn was a defect."""

import math
from collections.abc import Mapping
from typing import Final

from edge.signals import PRIOR, SignalKind

MOST: Final = 5.0
"""No signal counts more, for or against."""

WEIGHTS: Final[Mapping[str, float]] = {
    "yes": -2.5,  # what we asked about was what was meant
    "yes, chosen": -1.0,  # one of what we offered was it, yet a question was needed
    "yes, to how it went": -4.0,  # asked and answered; some say yes to be left alone
    "no, to how it went": 4.5,
    "no": 1.5,  # what we asked about was not meant; or it was, and somebody thought better of it
    "thanks": -1.2,  # people thank a machine out of politeness, but seldom for the wrong thing
    "thanks, praise": -2.5,
    "wrong": 3.6,  # clear words; they may be about something older than the last turn
    "not_said": 4.0,  # clear words about this turn
    "meant_other": 3.8,  # the correction itself stands in the sentence
    "undo, at once": 3.0,
    "undo": 2.4,  # within a minute; some try out what a thing does
    "undo, late": 1.0,  # it may have been meant, and is not wanted any more
    "undo, by its opposite": 1.4,  # on and off again in a breath: a mistake of ours, or of theirs
    "cancel": 1.2,  # "never mind": given up on us, or a change of mind
    "stop": 0.8,  # the answer was not what was wanted, or it was enough of it
    "stop, late": 0.0,  # they have heard what they wanted to know
    "barge_in, at once": 1.4,  # one word is enough to know that it is wrong
    "barge_in": 0.6,
    "barge_in, late": 0.0,
    "barge_in, to answer": 0.0,  # who knows our question does not wait for its end
    "repeat, of a failure": 1.5,
    "repeat": 1.2,  # nothing happened that could be seen
    "repeat, of a question": 0.5,  # they did not hear the answer
    "repeat, of a step": 0.0,  # "brighter", "brighter" is no complaint
    "rephrase": 0.0,  # its probability says what it counts
    "gave_up": 0.6,  # it failed, and was not worth another try
    "silence_after_wake": 2.4,  # mostly nobody had called
    "no_match": 2.3,  # people do say what nobody could serve
    "no_match, a name": 2.0,  # a command, but nothing here is called so
    "no_match, refused": 0.3,  # understood, and rightly not done
    "error": 2.0,
    "not_confirmed": 1.6,  # it came to nothing, though that may be no fault of ours
    "put_back, at once": 3.2,  # what hands do at once against our doing is the clearest word that is not spoken
    "put_back": 2.4,  # within a minute; short errands end so too
    "put_back, adjusted": 1.0,  # the right device, not the right value
    "put_back, by something": 0.8,  # the home cannot tell who did it
}  # fmt: skip
"""By what was observed, the log-odds, with the reason beside it: set by judgement, not by a fit. The word before the
comma is the kind of the signal."""

USUAL: Final[Mapping[SignalKind, float]] = {
    "barge_in": 0.05,  # of turns that went well
    "stop": 0.03,
    "cancel": 0.02,
    "repeat": 0.02,
    "no": 0.15,  # of answers to questions that were the right ones
    "wrong": 0.01,
    "not_said": 0.01,
    "undo": 0.02,
    "thanks": 0.10,
}
"""How often people do so without any reason that lies with us; of persons who are known better, see `rates.py`."""

OTHERS_WORD: Final = 0.5
"""What somebody says of a turn that was another's counts half."""


def logit(p: float) -> float:
    """Log-odds of a probability, in nats; what is certain stays a little unsure."""
    p = min(0.99, max(0.01, p if math.isfinite(p) else 0.01))
    return math.log(p / (1 - p))


def of_rephrase(p: float) -> float:
    """What it weighs that a later turn says the same in other words with probability p: alone it makes p again."""
    return min(MOST, max(0.0, logit(p) - PRIOR))


def corrected(weight: float, usual: float, rate: float) -> float:
    """The weight from somebody who does so at `rate` anyway, where people do at `usual`: all of it, or less.

    A defect (or, below 0, a success) brings it about where habit does not, and so says less where habit mostly does.
    """
    usual = min(0.9, max(1e-4, usual))
    rate = min(0.99, max(usual, rate))
    caused = min(0.95, usual * math.exp(min(MOST, abs(weight))))
    excess = max(1e-9, (caused - usual) / (1 - usual))
    return weight * _told(rate, excess) / _told(usual, excess)


def _told(rate: float, excess: float) -> float:
    """Log of how much oftener it happens with a cause than by habit alone."""
    return math.log1p((1 - rate) * excess / rate)
