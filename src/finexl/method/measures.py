"""Figures that people know from elsewhere, one value a pair, and their mean with an interval.

They say how much changed, or whether it was for the better, and nothing of what changed: that is what the rest is for.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from finexl.errors import InputError
from finexl.method.divergence import Array, Estimate, differences, percentile_estimate, resample_counts


def drifts(base: ArrayLike, personalized: ArrayLike) -> Array:
    """Half the cosine distance of two images of the same probe, (1 - cos) / 2.

    The mean over prompts is `drift` of PEFT's image generation benchmark (method_comparison/image-gen), where the features are
    DINOv2's class tokens. An earlier version of it reported 1 - cos, which is twice as much.

    Args:
        base, personalized: unit-length features of the same probes in the same order, shape (n, d), n >= 2.
    Returns:
        Shape (n,), 0..1: 0 for equal directions, 0.5 for unrelated ones.
    Raises:
        InputError: as `differences`.
    Example:
        >>> drifts([[1, 0], [1, 0]], [[1, 0], [0, 1]])
        array([0. , 0.5])
    """
    values: Array = np.sum(differences(base, personalized) ** 2, axis=1) / 4  # |q - b|^2 = 2 - 2 cos
    return values


def clip_scores(images: ArrayLike, texts: ArrayLike) -> Array:
    """CLIPScore without its factor of 2.5, as torchmetrics has it: 100 max(cos(image, text), 0) (arXiv 2104.08718).

    Args:
        images, texts: unit vectors of images and of the prompts they were made from, shape (n, d).
    Returns:
        Shape (n,), 0..100.
    Raises:
        InputError: shapes differ.
    Example:
        >>> clip_scores([[1, 0], [1, 0]], [[0.6, 0.8], [-1, 0]])
        array([60.,  0.])
    """
    a, b = np.asarray(images, np.float64), np.asarray(texts, np.float64)
    if a.shape != b.shape or a.ndim != 2:
        raise InputError(f"images of shape {a.shape} and prompts of shape {b.shape}: both must be (n, d).")
    values: Array = 100 * np.maximum(np.sum(a * b, axis=1), 0)
    return values


def diversity_changes(base: ArrayLike, personalized: ArrayLike) -> Array:
    """How much farther each personalized image lies from the mean of its set than its partner does, as a share of the base's spread.

    s_i(X) = |x_i - mean(X)|^2 n / (n - 1);  R = mean_j s_j(Q) / mean_j s_j(B);  value_i = R - 1 + (s_i(Q) - R s_i(B)) / mean_j s_j(B)

    The mean of the values is the relative change of the variance of the embeddings, R - 1: -1 where all personalized images are one
    (mode collapse), 0 where they are as varied as the base's. Their scatter is that of a ratio (its influence function), whose
    denominator is estimated from the same images: a base image far from its mean raises both.

    Args:
        base, personalized: unit-length embeddings, shape (n, d), n >= 2.
    Returns:
        Shape (n,); zeros where the base's images are all the same.
    Raises:
        InputError: as `differences`.
    Example:
        >>> diversity_changes([[1, 0], [0, 1]], [[1, 0], [1, 0]])
        array([-1., -1.])
    """
    differences(base, personalized)
    b, q = np.asarray(base, np.float64), np.asarray(personalized, np.float64)
    factor = len(b) / (len(b) - 1)
    before, after = (factor * np.sum((x - x.mean(axis=0)) ** 2, axis=1) for x in (b, q))
    spread = float(before.mean())
    if spread <= 1e-12:
        return np.zeros(len(b))
    ratio = float(after.mean()) / spread
    values: Array = ratio - 1 + (after - ratio * before) / spread
    return values


def mean_over_prompts(
    values: ArrayLike,
    prompts: Sequence[Hashable] | None = None,
    confidence: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
) -> Estimate:
    """Mean of one value a pair, with a percentile bootstrap interval over prompts.

    Images of one prompt are alike, so a prompt is drawn with all its seeds: resampling single pairs would take them for
    independent and make the interval too narrow.

    Args:
        values: shape (n,).
        prompts: of each pair; None, or one prompt for all, resamples pairs.
        confidence: of the interval, in (0, 1).
        draws, seed: of the bootstrap.
    Raises:
        InputError: there is no value, one is not finite, or there are not as many prompts as values.
    Example:
        >>> mean_over_prompts([1.0, 1.0, 1.0]).value
        1.0
    """
    x = np.asarray(values, np.float64)
    if x.ndim != 1 or len(x) == 0 or not np.isfinite(x).all():
        raise InputError(f"values of shape {x.shape}: one finite value a pair is needed.")
    groups = list(range(len(x))) if prompts is None or len(set(prompts)) < 2 else list(prompts)
    if len(groups) != len(x):
        raise InputError(f"{len(groups)} prompts for {len(x)} values: give one prompt a value.")
    places = {group: i for i, group in enumerate(dict.fromkeys(groups))}
    member = np.array([places[group] for group in groups])
    sums, sizes = np.bincount(member, x), np.bincount(member)
    counts = resample_counts(len(places), draws, seed)
    means = (counts @ sums) / (counts @ sizes)
    return percentile_estimate(float(x.mean()), means, confidence)
