"""Replies of chat endpoints, honest and otherwise, for `servers.serving`."""

from __future__ import annotations

import base64
import io
import json

import numpy as np
from PIL import Image

from servers import Reply

SECRET = "sk-very-secret"
ITEM = '{"concept": "warm colours", "aspect": "colour", "more_in": "B"}'


def chat(content, usage=(1000, 100), finish_reason="stop", **message):
    """A reply of a chat endpoint."""
    message = {"role": "assistant", "content": content, **message}
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    tokens = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
    return Reply(
        {
            "id": "x",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [choice],
            "usage": tokens,
        }
    )


def differences(*said):
    """A reply that names these: (concept, letter of the set that has more of it)."""
    items = [{"concept": concept, "aspect": "light", "more_in": letter} for concept, letter in said]
    return chat(json.dumps({"differences": items}))


def error(status, message="", headers=None, code=None):
    return Reply({"error": {"message": message, "type": "x", "code": code}}, status, headers)


def pictures(body):
    """(label, pixels) of every picture in a request."""
    content = body["messages"][0]["content"]
    for label, picture in zip(content[1::2], content[2::2], strict=True):
        raw = base64.b64decode(picture["image_url"]["url"].partition(",")[2])
        yield label["text"], np.asarray(Image.open(io.BytesIO(raw)).convert("L"), float)


def darker_set(body):
    """Looks at the pictures, which are shown one by one, and says which letter is darker."""
    seen = {"A": [], "B": []}
    for label, pixels in pictures(body):
        seen[label[-1]].append(pixels.mean())
    return min(seen, key=lambda letter: np.mean(seen[letter]))


def honest(method, path, body, headers):
    """A model that sees darkness, says it twice, and has a habit."""
    letter = darker_set(body)
    return differences(("Darker tones", letter), ("less bright", letter), ("zebra wallpaper", "B"))


def limited(most):
    """A server that takes so many pictures and no more, as vLLM says it."""

    def answer(method, path, body, headers):
        count = sum(part["type"] == "image_url" for part in body["messages"][0]["content"])
        if count > most:
            return error(400, f"At most {most} image(s) may be provided in one request.")
        return chat(f"[{ITEM}]")

    return answer
