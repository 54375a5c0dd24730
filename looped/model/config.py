"""The config of the family of the two papers: everything that decides the shape of a model, checked on construction."""

from __future__ import annotations

from dataclasses import dataclass

from looped.model.interventions import need

ARCHITECTURES = ("standard", "looped", "tmlt")
ATTENTIONS = ("softmax", "hardmax")
ATTENDED = ("all", "neighbourhood")
POSITIONS = ("learned", "board", "halves", "rotary", "none")
INITS = ("released", "scaled", "specialised")
ACTIVATIONS = ("gelu", "relu")
VALUES = ("normalised", "as released")
LARGEST = 100_000  # of any number in a config: what is beyond is a slip or an attack


@dataclass(frozen=True)
class Config:
    """Everything that decides the shape of a model. Raises ValueError with one sentence when it makes no sense.

    architecture    "standard", "looped" or "tmlt"
    vocab           tokens, and classes of the readout: logits have this many entries
    length          positions in a sequence
    trained_loops   loops that training used; for "standard" the number of layers
    d_model         channels of the hidden state
    heads           heads of attention in each layer
    layers          layers in the block that is looped; for "standard" all layers, each applied once
    mlp             width of the MLP as a multiple of d_model
    injection       add the embedded input again in every loop
    feedback        add the readout of the state too, as the mean of the token table under its probabilities, so that
                    a loop can build on the answer so far
    state_norm      the block ends with N, as the GPT-2 backbone of 2311.12424 does: the state stays bounded
    causal          a position attends to itself and to those before it
    attention       "softmax" or "hardmax"
    attention_to    "all" positions, or the "neighbourhood": the 3 × 3 cells around a cell of a square grid, whose size
                    follows from the number of tokens (`looped.model.neighbourhood`)
    positions       "learned"; "board": row + column + box; "halves": which half of the sequence + place in it, for two
                    strings; "rotary"; "none"
    box             (rows, columns) of a box; "board" positions need it, and length = (rows · columns)²
    relations       scores of attention have a learned bias for two cells of a board that share a row, a column or a
                    box, or that are the same cell
    clamp_timestep  beyond its trained loops a TMLT is given its last timestep again, not one that training never saw
    init            how new weights are drawn: "released", "scaled" or "specialised" (`Model.initialise`)
    values          "normalised", or "as released": V = x un-normalised and an MLP without norm (released code of
                    2410.01405)
    activation      between the two matrices of the MLP: "gelu" or "relu"
    """

    architecture: str
    vocab: int
    length: int
    trained_loops: int
    d_model: int = 128
    heads: int = 4
    layers: int = 1
    mlp: int = 4
    injection: bool = False
    feedback: bool = False
    state_norm: bool = False
    causal: bool = False
    attention: str = "softmax"
    attention_to: str = "all"
    positions: str = "learned"
    box: tuple[int, int] | None = None
    relations: bool = False
    clamp_timestep: bool = False
    init: str = "released"
    values: str = "normalised"
    activation: str = "gelu"

    def __post_init__(self) -> None:
        self._check_choices()
        self._check_numbers()
        self._check_positions()
        self._check_architecture()

    def _check_choices(self) -> None:
        for name, choices in (
            ("architecture", ARCHITECTURES),
            ("attention", ATTENTIONS),
            ("attention_to", ATTENDED),
            ("positions", POSITIONS),
            ("init", INITS),
            ("activation", ACTIVATIONS),
        ):
            value = getattr(self, name)
            need(value in choices, f"{name} is {value!r}; it must be one of {choices}.")
        first, second = VALUES
        need(self.values in VALUES, f"values is {self.values!r}; it must be {first!r} or {second!r}.")

    def _check_numbers(self) -> None:
        for name in ("vocab", "length", "trained_loops", "d_model", "heads", "layers", "mlp"):
            value = getattr(self, name)
            whole = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST
            need(whole, f"{name} is {value!r}; it must be a whole number from 1 to {LARGEST:,}.")
        for name in ("injection", "feedback", "state_norm", "causal", "relations", "clamp_timestep"):
            value = getattr(self, name)
            need(isinstance(value, bool), f"{name} is {value!r}; it must be true or false.")
        need(self.d_model % self.heads == 0, f"d_model = {self.d_model} does not divide into {self.heads} heads.")

    def _check_positions(self) -> None:
        need(
            self.positions != "rotary" or self.d_model // self.heads % 2 == 0,
            "rotary positions need an even width per head.",
        )
        need(
            self.attention_to == "all" or (self.positions == "none" and not self.causal),
            "attention to the neighbourhood needs positions 'none' and no causal mask.",
        )
        box = self.box
        pair = isinstance(box, tuple) and len(box) == 2 and all(isinstance(side, int) and side > 0 for side in box)
        need(box is None or pair, f"box is {box!r}; it must be (rows, columns), two positive whole numbers.")
        if self.positions == "board":
            need(
                box is not None and (box[0] * box[1]) ** 2 == self.length,
                "board positions need box = (rows, columns) with (rows · columns)² = length, "
                f"not {box} and {self.length}.",
            )
        need(
            self.positions == "board" or not self.relations,
            "relations are those of cells on a board; they need board positions.",
        )
        need(
            self.relations or self.init != "specialised",
            "init 'specialised' is of the biases that heads have for relations; it needs relations.",
        )
        need(
            self.positions != "halves" or self.length % 2 == 0,
            f"halves positions need an even length, not {self.length}.",
        )

    def _check_architecture(self) -> None:
        need(
            self.injection or not self.feedback,
            "feedback joins the input that is injected at every loop; it needs injection.",
        )
        need(
            self.architecture == "tmlt" or not self.clamp_timestep,
            "clamp_timestep is for a TMLT: other models have no timesteps.",
        )
        need(
            self.architecture == "looped" or self.values == "normalised",
            "values 'as released' exist for the looped baseline only.",
        )
        if self.architecture == "standard":
            need(not self.injection, "a standard transformer has no loops, so nothing to inject the input into.")
            need(
                self.trained_loops == self.layers,
                "a standard transformer applies each layer once: trained_loops must equal layers.",
            )
