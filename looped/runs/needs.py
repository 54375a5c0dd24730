"""What a lens needs of a model or of a run, and the one sentence that says why it cannot be served."""

from __future__ import annotations

from dataclasses import dataclass

from looped.model.interventions import Intervention
from looped.model.seam import (
    ATTENTION,
    CANDIDATES,
    CAPABILITIES,
    CONTESTS,
    NEIGHBOUR_ATTENTION,
    ROUNDS,
    SCALES,
    SEVERAL_STATES,
    InputKind,
    LoopedModel,
    OutputKind,
)
from looped.runs.trace import Trace

CLASSES: tuple[OutputKind, ...] = (
    "classes",
    "next token",
)  # outputs that are logits: there are probabilities and answers
PREDICTED: dict[OutputKind, str] = {"classes": "classes", "next token": "next tokens", "numbers": "numbers"}
"""What a model gives, in words."""
REFUSED = {
    ROUNDS: "the sets that it reads change between rounds, so there is no one map from loop to loop",
    SEVERAL_STATES: "its hidden state alone does not say what the next loop gives",
    CANDIDATES: "a place of its input has no one embedding of its own",
}
"""Why a lens is not made for a model that has a capability, in words about the model."""
EITHER_ATTENTION = (ATTENTION, NEIGHBOUR_ATTENTION)


@dataclass(frozen=True)
class Needs:
    """What must be there so that a lens applies; without arguments it applies to every model.

    any_of         capabilities of which the model must have at least one; () for none
    all_of         capabilities that it must have
    none_of        capabilities that it must not have, each with its reason in REFUSED
    inputs         kinds of input that the lens understands; () for all
    outputs        kinds of output that it understands; () for all
    interventions  kinds of interventions that the model must be able to apply
    """

    any_of: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    inputs: tuple[InputKind, ...] = ()
    outputs: tuple[OutputKind, ...] = ()
    interventions: tuple[type[Intervention], ...] = ()

    def missing(self, subject: LoopedModel | Trace, what: str = "it") -> str | None:
        """Say in one sentence what a model or a run lacks; None when it has everything.

        `what` needs it, such as "this panel"; the sentence begins with it. A run tells its kinds of input and output,
        and what was observed; only a model tells everything.
        """
        lacking = self._of_run(subject) if isinstance(subject, Trace) else self._of_model(subject)
        return None if lacking is None else f"{what} {lacking}"

    def _of_model(self, model: LoopedModel) -> str | None:
        has = model.capabilities
        lacking = self._lacking(has, set(CAPABILITIES))
        if lacking is not None:
            return f"needs {lacking}, which this model does not have."
        refused = [name for name in self.none_of if name in has]
        if refused:
            return _refusal(refused[0])
        for kind in self.interventions:
            if kind not in model.interventions:
                return f"needs {kind.said}, which this model cannot be given."
        return self._of_kinds(model.input_kind, model.output_kind)

    def _of_run(self, trace: Trace) -> str | None:
        seen = capabilities_of(trace)
        lacking = self._lacking(seen, {ATTENTION, NEIGHBOUR_ATTENTION, SCALES, CONTESTS, ROUNDS})
        if lacking is not None:
            return f"needs {lacking}, which was not observed in this run."
        refused = [name for name in self.none_of if name in seen]
        if refused:
            return _refusal(refused[0])
        return self._of_kinds("tokens" if trace.input_name == "tokens" else "vectors", trace.output_kind)

    def _lacking(self, has: frozenset[str], told: set[str]) -> str | None:
        """Return in words the first capability that is not in `has`, of those that can be `told`; None for none."""
        for name in self.all_of:
            if name in told and name not in has:
                return CAPABILITIES[name]
        if self.any_of and told.issuperset(self.any_of) and not has.intersection(self.any_of):
            return " or ".join(CAPABILITIES[name] for name in self.any_of)
        return None

    def _of_kinds(self, reads: InputKind, gives: OutputKind) -> str | None:
        if self.inputs and reads not in self.inputs:
            return f"needs {' or '.join(self.inputs)} as input; this model reads {reads}."
        if self.outputs and gives not in self.outputs:
            wanted = " or ".join(PREDICTED[kind] for kind in self.outputs)
            return f"needs {wanted} as output; this model predicts {PREDICTED[gives]}."
        return None


def _refusal(name: str) -> str:
    return f"is not made for a model with {CAPABILITIES[name]}: {REFUSED[name]}."


def capabilities_of(trace: Trace) -> frozenset[str]:
    """Return the capabilities that a run shows: its kind of attention, scales, candidates, contests, and rounds.

    The run of a model with several states shows only that more was observed, not that it is carried on.
    """
    found = set()
    if "attention" in trace.observed:
        found.add(ATTENTION if trace.neighbours is None else NEIGHBOUR_ATTENTION)
    if trace.modulations:
        found.add(SCALES)
    if trace.rounds is not None:
        found.add(ROUNDS)
    if trace.places is not None:
        found.add(CANDIDATES)
        if "shares" in trace.observed:
            found.add(CONTESTS)
    return frozenset(found)


ANY = Needs()
WHOLE_ATTENTION = Needs(all_of=(ATTENTION,))
LOGITS = Needs(outputs=CLASSES)
ONE_MAP = Needs(none_of=(ROUNDS,))
ONE_STATE = Needs(none_of=(ROUNDS, SEVERAL_STATES))
