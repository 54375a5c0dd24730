"""Rate experiments: what the theorem of 2410.01405 leaves open, tried with networks trained in a minute or two.

They are about no checkpoint: tiny looped and TMLT networks learn synthetic functions whose moduli are known. Each ends
in a sentence with 95 % intervals over trainings, and has a word on what it does not say.

A new one is a file of this room with `run`, and an entry of `RATES`.
"""

from __future__ import annotations

from looped.experiments.form import Result
from looped.experiments.rates import attention, blocks, modulus, precision, seeds
from looped.experiments.rates.form import Rate, Rates

__all__ = ["RATES", "Rate", "Rates", "find", "run"]

RATES = {
    "modulus": Rate(
        "Error over loops, by modulus", "Is a rougher function harder, and do loops help?", modulus.BEYOND, modulus.run
    ),
    "attention": Rate(
        "Hardmax against softmax, trained", "Does training need softmax?", attention.BEYOND, attention.run
    ),
    "blocks": Rate("One layer against several a block", "Which block is best to loop?", blocks.BEYOND, blocks.run),
    "precision": Rate(
        "Loops logarithmic in precision", "Can δ be halved by one loop more?", precision.BEYOND, precision.run
    ),
    "seeds": Rate("Gradients and losses over seeds", "Does TMLT train more steadily?", seeds.BEYOND, seeds.run),
}


def find(name: str) -> Rate:
    """Return the experiment of that name. Raises ValueError with one sentence where there is none."""
    if name not in RATES:
        raise ValueError(f"there is no rate experiment {name[:40]!r}; there are {', '.join(RATES)}.")
    return RATES[name]


def run(name: str, **settings: int) -> Result:
    """Make an experiment to its end: `seed`, `seeds` (trainings) and `steps` (of each) are its settings.

    Raises ValueError with one sentence for what cannot be made.
    """
    *_, last = find(name).run(**settings)
    return last.result
