"""What Shopify's userErrors mean for whoever reads a refused row, and what to do about it.

Codes are those of MetafieldsSetUserErrorCode; errors of tags have none, there the message tells.
"""

from typing import Any

MODEL = "correct the value in the model"
ADVICE = {
    "APP_NOT_AUTHORIZED": "Another app owns this namespace: give the metafield another one in the sync file.",
    "BLANK": f"A blank value cannot be stored: {MODEL}, or let absence delete it (absent: delete).",
    "CAPABILITY_VIOLATION": "The definition in the shop has a capability that forbids it: look at it in the admin.",
    "INCLUSION": f"It is not among the choices of the definition: add it there and to validations.choices, or {MODEL}.",
    "INTERNAL_ERROR": "Shopify failed at it: the next delivery sends it again.",
    "INVALID": "The definition in the shop or the record forbids it: compare both with the sync file.",
    "INVALID_TYPE": "The definition in the shop has another type: give the metafield another key in the sync file.",
    "INVALID_VALUE": f"The definition in the shop forbids this value: {MODEL}, or the definition.",
    "LESS_THAN_OR_EQUAL_TO": f"It is too large or too many: {MODEL}.",
    "PRESENT": "The definition in the shop wants no value here: look at it in the admin.",
    "TAKEN": "Another record has this value, and the definition wants each value once: correct one of both.",
    "TOO_LONG": f"It is longer than Shopify takes: {MODEL}.",
    "TOO_SHORT": f"It is shorter than the definition takes: {MODEL}, or the definition.",
}
# Of messages that mean the same whatever the code.
_BY_MESSAGE = {
    "does not exist": "It was deleted or merged, or its id is that of something else: read the shop again with "
    "`boomerang refresh`, and if it is still there, correct the key in the model.",
    "cannot be more than": "The record is full of tags: remove some that nobody uses, or write a metafield instead.",
    "too long (maximum": "Shorten the tag in the sync file.",
}
_ELSE = "The next delivery sends it again; if it is refused again, correct it in the model or in the shop."


def said(error: dict[str, Any]) -> str:
    """Shopify's message, and what to do."""
    message = str(error["message"]).rstrip()
    message = message if message.endswith((".", "!", "?")) else f"{message}."
    for part, advice in _BY_MESSAGE.items():
        if part in message:
            return f"{message} {advice}"
    return f"{message} {ADVICE.get(error.get('code') or '', _ELSE)}"
