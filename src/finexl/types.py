"""What the rooms hand to one another: small, frozen, documented. No logic lives here.

Everything an Explanation holds is plain data, validated by pydantic, so that `explanation.json` written
today can be read by other programs and by later versions (`schema_version`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

if TYPE_CHECKING:
    from PIL.Image import Image

SCHEMA_VERSION: Literal[1] = 1

Progress = Callable[[str, int, int], None]
"""Called as `progress(stage, done, total)`; the terminal, a notebook and a web page each render it."""


class Record(BaseModel):
    """Base of every stored type: immutable, and an unknown field is an error rather than ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Interval(Record):
    """A figure with its confidence interval. `low <= value <= high` holds up to rounding."""

    value: float
    low: float
    high: float


class Measure(Record):
    """A figure about two sets of images that people know from elsewhere.

    Attributes:
        name: such as "drift".
        value, low, high: mean over the pairs, with its confidence interval.
        unit: what one of it is, and what no change would be.
        definition: how it is computed, in one sentence.
        encoder: what saw the images, such as "facebook/dinov2-base"; None for plain arithmetic on pixels.
    """

    name: str
    value: float
    low: float
    high: float
    unit: str
    definition: str
    encoder: str | None = None


class Concept(Record):
    """A candidate word for what changed.

    Attributes:
        name: the phrase that is reported and embedded, such as "muted colours".
        aspect: the group it belongs to, such as "colour".
        definition: one sentence that says what a person would see.
        opposite: the name of the concept that stands for less of this one, if there is one.
        milder: the name of the concept that a lesser degree of this one is, if it has a name of its own, such as
            "muted colours" for "black and white".
        synonyms: other phrases for the same thing.
        core: whether it is one of the plain words people think of first; a finer shade, a compound or a mood has to
            fit clearly better to be reported in place of one.
    """

    name: str
    aspect: str
    definition: str = ""
    opposite: str | None = None
    milder: str | None = None
    synonyms: tuple[str, ...] = ()
    core: bool = True


class Origin(Record):
    """Where a proposed concept comes from.

    Attributes:
        proposer: who named it, such as "openai:gpt-4o".
        asked: how many times it was asked.
        named: in how many of these it named the concept.
        direction: 1 if it said that there is more of it in the personalized images, -1 if less, 0 if it did not say.
    """

    proposer: str
    asked: int = 1
    named: int = 1
    direction: Literal[-1, 0, 1] = 0


class Usage(Record):
    """What proposals cost. Like timings it differs between a first run and one that finds its replies stored.

    Attributes:
        calls: requests that were sent.
        cached: replies that were taken from the store instead.
        failed: requests or replies that could not be used.
        tokens_in, tokens_out: as the endpoints counted them.
        seconds: spent waiting; written among the timings, not here.
        cost: estimate in US dollars; None where no price is known.
        failures: why, each one sentence.
    """

    calls: int = 0
    cached: int = 0
    failed: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = Field(default=0.0, exclude=True)
    cost: float | None = None
    failures: tuple[str, ...] = ()


class Rejected(Record):
    """A proposed concept that did not enter the explanation.

    Attributes:
        concept, aspect: as in `Concept`.
        origin: who proposed it.
        effect: how far the pairs held out from its proposer move along its direction alone, in concept vectors.
        gain: part of the change's squared length that is explained on these pairs with it, and not with the best word
            of the vocabulary in its place; None where there were too few pairs to test it.
        p_value: of "it does not separate the sets, or a word of the vocabulary does as well". It and both intervals
            are corrected for the number of concepts tested.
        reason: "too few pairs", "other direction" (than was said), "no separation", "nothing new" (beside the words that
            are there), or "not needed" (it passed the test and all pairs together had no use for it).
    """

    concept: str
    aspect: str
    origin: Origin | None = None
    effect: Interval
    gain: Interval | None = None
    p_value: float
    reason: Literal["too few pairs", "other direction", "no separation", "nothing new", "not needed"]


class Proposed(Record):
    """One proposal and what became of it.

    Attributes:
        concept, aspect, origin, effect, gain: as in `Rejected`; there is no `gain` for a word of the vocabulary, which
            needs no test.
        p_value: as in `Rejected`; None for a word of the vocabulary.
        verdict: "reported", "vocabulary" (known already, and not reported), or why it was rejected.
    """

    concept: str
    aspect: str
    origin: Origin | None = None
    effect: Interval
    gain: Interval | None = None
    p_value: float | None = None
    verdict: Literal[
        "reported",
        "vocabulary",
        "too few pairs",
        "other direction",
        "no separation",
        "nothing new",
        "not needed",
    ]


class Probe(Record):
    """One question put to both models: what to draw, and from which random numbers.

    Attributes:
        prompt: the text; None for a model that takes none.
        label: the class; None for a model that knows none.
        seed: of every random number that the image depends on. The same probe gives both models the same ones.
    """

    prompt: str | None = None
    label: int | None = None
    seed: int = 0


class FamilyMember(Record):
    """A concept that was not reported because another one already says it.

    Attributes:
        concept: its name.
        overlap: signed cosine between its direction and that of the concept that absorbed it, -1..1.
    """

    concept: str
    overlap: float


class PairRef(Record):
    """Points at one image pair.

    Attributes:
        index: position among the pairs that were compared, from 0.
        name: what the pair is called (its file name without ending, or its number).
        base, personalized: the files, as the user gave them; None for images held in memory.
        score: how much this pair shows of whatever the list is about: for a concept its weight in this pair
            alone, for the residual the length along it in the embedding space.
    """

    index: int
    name: str
    base: str | None = None
    personalized: str | None = None
    score: float


class ConceptScore(Record):
    """One reported concept.

    Attributes:
        concept, aspect, definition, opposite: as in `Concept`.
        weight: signed coefficient of the concept vector in V_div; 1.0 is as far as adding the phrase to
            the prompt moves the text embedding.
        low, high: confidence interval of `weight` at the explanation's confidence.
        share: part of the explained squared length, 0..1; the shares of one explanation sum to 1.
        family: concepts this one absorbed, largest overlap first.
        examples: the pairs that show it most.
        origin: who proposed it; None for a concept that only the vocabulary named.
    """

    concept: str
    aspect: str
    definition: str = ""
    opposite: str | None = None
    weight: float
    low: float
    high: float
    share: float
    family: tuple[FamilyMember, ...] = ()
    examples: tuple[PairRef, ...] = ()
    origin: Origin | None = None


class Effect(Record):
    """What one cause does by itself, where a model answers to a trigger word.

    The four image sets {base, personalized} x {plain prompt, prompt with the trigger} give five differences:
    "weights" and "weights with trigger" compare the models on equal prompts, "trigger" compares the two prompts in
    the base model, "both" compares the personalized model with the trigger to the base without, and "interaction" is
    what the weights do only when the trigger is there.

    Attributes:
        cause: which of them.
        summary: one or two sentences.
        concepts, length, p_value: as in `Explanation`.
    """

    cause: Literal["weights", "weights with trigger", "trigger", "both", "interaction"]
    summary: str
    concepts: tuple[ConceptScore, ...]
    length: Interval
    p_value: float


class Trigger(Record):
    """A word that wakes a personalization.

    Attributes:
        text: as it goes into the prompt.
        source: where it was found, such as "modelspec.trigger_phrase", or "given".
    """

    text: str
    source: str


class Curve(Record):
    """The weight of one concept at each strength of a sweep."""

    concept: str
    weights: tuple[Interval, ...]


class Response(Record):
    """How the change grows with the adapter's strength.

    Attributes:
        strengths: factors of the strength in the spec, ascending.
        curves: one a reported concept, jointly fitted at every strength.
        lengths: of the divergence vector at every strength.
        residuals: unexplained part at every strength, 0..1.
        recommended: from the strength at which the leading concept shows to the one from which it hardly grows
            or the unexplained part does; None where it never shows.
        text: the same in a sentence.
    """

    strengths: tuple[float, ...]
    curves: tuple[Curve, ...]
    lengths: tuple[Interval, ...]
    residuals: tuple[Interval, ...]
    recommended: tuple[float, float] | None
    text: str


class Advice(Record):
    """How many pairs would make the intervals as narrow as asked.

    Attributes:
        half_width: the widest half-interval among the reported weights, in concept vectors; 0 when none.
        target: the half-width asked for.
        pairs: number of pairs that would reach `target`.
        text: the same in a sentence.
    """

    half_width: float
    target: float
    pairs: int
    text: str


class Provenance(Record):
    """All that is needed to repeat an explanation.

    Identities and probes are those of models; sets of images have none. `rounds` is how often the proposer was asked.
    """

    base: str
    personalized: str
    images_sha256: str
    encoder: str
    encoder_sha256: str
    proposer: str
    vocabulary: str
    n_candidates: int
    method: str
    max_concepts: int
    confidence: float
    seed: int
    templates: tuple[str, ...]
    finexl_version: str
    base_identity: str | None = None
    personalized_identity: str | None = None
    probes_sha256: str | None = None
    rounds: int = 1


class Explanation(Record):
    """What a personalized model (or any second set of images) does differently from its base.

    Attributes:
        summary: one or two sentences of plain English.
        concepts: strongest first (by share); empty when nothing was found.
        residual: part of V_div's length that the concepts leave unexplained, 0..1, corrected for noise; of what is no
            look (back along a plain picture, where the encoder says where one lies) nothing counts. None when no
            difference was found.
        length: length of V_div corrected for noise, in the encoder's unit-length embedding space, 0..2.
        p_value: sign-flip test of "no difference".
        n_pairs: number of pairs compared.
        paired: False when the two sets were compared without pairing.
        residual_pairs: the pairs that carry most of what is unexplained.
        trigger: the trigger word that was in both models' prompts; None without one.
        effects: what weights and trigger do apart and together; empty without a trigger.
        response: the change at several strengths; None unless strengths were asked for.
        measures: figures known from elsewhere; empty unless they were asked for.
        rejected: proposed concepts that failed the test on held-out pairs, in the order in which they were proposed.
        usage: what the proposals cost in this run; None where nobody was asked.
        advice: how wide the intervals are, and how many pairs would make them as narrow as asked.
        notes: what the reader should know before trusting the figures, each one sentence.
        provenance: of which images, with which encoder, vocabulary, method, settings and version.
        timings: seconds per stage. Left out of comparisons: all else is the same on every run.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    summary: str
    concepts: list[ConceptScore]
    residual: Interval | None
    length: Interval
    p_value: float
    n_pairs: int
    paired: bool
    residual_pairs: tuple[PairRef, ...] = ()
    trigger: Trigger | None = None
    effects: tuple[Effect, ...] = ()
    response: Response | None = None
    measures: tuple[Measure, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    usage: Usage | None = None
    advice: Advice
    notes: tuple[str, ...] = ()
    provenance: Provenance
    timings: dict[str, float] = Field(default_factory=dict)

    # Loads a pair's two pictures for the report; images held in memory have no path to load again from.
    _pictures: Callable[[int], tuple[Image, Image]] | None = PrivateAttr(default=None)

    def __eq__(self, other: object) -> bool:
        """Equal figures and words; timings and where the pictures are loaded from are no part of an explanation."""
        dumps = [one.model_dump(exclude={"timings"}) for one in (self, other) if isinstance(one, Explanation)]
        return len(dumps) == 2 and dumps[0] == dumps[1]

    def save(self, folder: str | Path) -> Path:
        """Write explanation.json, report.html and report.md into `folder`, each one atomically.

        Returns:
            The folder.
        Raises:
            InputError: the folder cannot be written; files that were there before are kept whole.
        """
        from finexl.report import save

        return save(self, Path(folder))

    @classmethod
    def load(cls, path: str | Path) -> Explanation:
        """Read an explanation.json (or the folder that holds one).

        Raises:
            InputError: there is no such file, or it is not an explanation of a known schema version.
        """
        from finexl.report import load

        return load(path, cls)

    def __str__(self) -> str:
        from finexl.report import terminal_text

        return terminal_text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from finexl.report import notebook_html

        return notebook_html(self)

    def to_json(self) -> str:
        """The content of explanation.json."""
        from finexl.report import json_text

        return json_text(self)


class Contrast(Record):
    """One concept in two personalizations.

    Attributes:
        a, b: its weight in each, against the common base.
        difference: b less a, with a paired interval: what both share cancels.
    """

    concept: str
    aspect: str
    a: Interval
    b: Interval
    difference: Interval


class Comparison(Record):
    """What tells two personalizations of one base apart.

    Attributes:
        summary: one or two sentences.
        a, b: what they are called.
        contrasts: concepts of either or of their difference, largest difference first; empty when nothing was found.
        length: of the mean difference between the images of b and a, as in `Explanation`.
        p_value: sign-flip test of "a and b do the same".
        explanation_a, explanation_b: each against the base.
        confidence: of the intervals, as in `Explanation`.
        notes: what the reader should know, each one sentence.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    summary: str
    a: str
    b: str
    contrasts: tuple[Contrast, ...]
    length: Interval
    p_value: float
    confidence: float
    explanation_a: Explanation
    explanation_b: Explanation
    notes: tuple[str, ...] = ()

    def save(self, folder: str | Path) -> Path:
        """Write comparison.json, comparison.html and comparison.md, and both explanations into folders a and b beside them.

        Raises:
            InputError: the folder cannot be written.
        """
        from finexl.report import save_comparison

        return save_comparison(self, Path(folder))

    @classmethod
    def load(cls, path: str | Path) -> Comparison:
        """Read a comparison.json (or the folder that holds one).

        Raises:
            InputError: there is no such file, or it is not a comparison of a known schema version.
        """
        from finexl.report import load

        return load(path, cls)

    def __str__(self) -> str:
        from finexl.report import comparison_text

        return comparison_text(self)

    __repr__ = __str__

    def to_json(self) -> str:
        """The content of comparison.json."""
        from finexl.report import json_text

        return json_text(self)


class Proposals(Record):
    """What proposers say about two sets of images, and what pairs that they did not see say to it.

    Attributes:
        summary: a sentence.
        proposer: who was asked.
        words: every proposed concept; of a fixed list that nobody picked from, those nearest to the change.
        n_pairs, n_held: pairs in all, and those held out from the proposer.
        confidence: of intervals and tests.
        usage, notes, timings: as in `Explanation`.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    summary: str
    proposer: str
    words: tuple[Proposed, ...]
    n_pairs: int
    n_held: int
    confidence: float
    usage: Usage
    notes: tuple[str, ...] = ()
    timings: dict[str, float] = Field(default_factory=dict)

    def __str__(self) -> str:
        from finexl.report import proposals_text

        return proposals_text(self)

    __repr__ = __str__

    def to_json(self) -> str:
        """The proposals as JSON."""
        from finexl.report import json_text

        return json_text(self)
