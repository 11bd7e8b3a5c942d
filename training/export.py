"""Step 4 of training: both towers -> the files that ship in finexl/encoders/data.

python training/export.py --run runs/encoder
"""

from __future__ import annotations

import argparse
from pathlib import Path

import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from frontend import SIZE, FrontEnd
from image_tower import ImageHead
from text_tower import BUCKETS, TextTower

HALF_ABOVE = 20_000  # tensors with more elements are stored in half precision


class Picture(nn.Module):
    """uint8 pictures (n, 224, 224, 3) -> unit vectors (n, 256)."""

    def __init__(self, head: ImageHead) -> None:
        super().__init__()
        self.front, self.head = FrontEnd(), head

    def forward(self, pictures: Tensor) -> Tensor:
        return self.head(self.front(pictures))


class Phrase(nn.Module):
    """Rows and weights (n, w) -> style vectors (n, 256) and the centre (256,) they are added to."""

    def __init__(self, tower: TextTower, centre: Tensor) -> None:
        super().__init__()
        self.tower = tower
        self.register_buffer("centre", centre)

    def forward(self, indices: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        return self.tower(indices, weights)[1], self.centre


def halve(model: onnx.ModelProto) -> None:
    """Store large float32 weights as float16 and cast them back on loading: half the file, same arithmetic."""
    casts = []
    for tensor in model.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.dtype == "float32" and array.size > HALF_ABOVE:
            name = tensor.name
            tensor.CopyFrom(numpy_helper.from_array(array.astype("float16"), name + "_half"))
            casts.append(helper.make_node("Cast", [name + "_half"], [name], to=TensorProto.FLOAT))
    for node in reversed(casts):
        model.graph.node.insert(0, node)


def finish(path: Path, metadata: dict[str, str]) -> None:
    model = onnx.load(path)
    halve(model)
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    print(path, f"{path.stat().st_size / 1e6:.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--run", type=Path, default=Path("runs/encoder"))
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "src/finexl/encoders/data")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)

    image = torch.load(args.run / "image.pt", weights_only=True)
    state = image["head"]
    head = ImageHead(state["mean"], state["std"], image["width"], image["branches"])
    head.load_state_dict(state)
    options = {"dynamo": False, "opset_version": 17}
    torch.onnx.export(
        Picture(head).eval(), (torch.zeros((2, SIZE, SIZE, 3), dtype=torch.uint8),), args.out / "image.onnx",
        input_names=["pictures"], output_names=["vectors"], dynamic_axes={"pictures": {0: "n"}, "vectors": {0: "n"}}, **options,
    )  # fmt: skip
    finish(args.out / "image.onnx", {})

    text = torch.load(args.run / "text.pt", weights_only=True)
    tower = TextTower(len(text["words"]) + 1 + BUCKETS)
    tower.load_state_dict(text["tower"])
    axes = {"indices": {0: "n", 1: "w"}, "weights": {0: "n", 1: "w"}, "styles": {0: "n"}}
    torch.onnx.export(
        Phrase(tower, F.normalize(image["centre"], dim=0)).eval(), (torch.zeros((2, 3), dtype=torch.long), torch.ones((2, 3))),
        args.out / "text.onnx", input_names=["indices", "weights"], output_names=["styles", "centre"], dynamic_axes=axes, **options,
    )  # fmt: skip
    finish(args.out / "text.onnx", {"buckets": str(BUCKETS)})
    (args.out / "words.txt").write_text("\n".join(text["words"]) + "\n")


if __name__ == "__main__":
    main()
