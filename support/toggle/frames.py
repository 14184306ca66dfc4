"""Judging a frame to the byte against an example known to be right, whatever the order of its keys.

The example's text comes from the feature file, where sixteen hashes stand for the message id of the command.
"""

import json
import re

from support.kit.errors import PromiseBrokenError
from support.toggle.protocol import HEADER_SIZE, Frame

ID_MARK = "#" * 16
MESSAGE_ID = re.compile(r"[0-9a-f]{16}")


def payload_text(frame: Frame) -> str:
    """The text of a frame, without its header."""
    return frame.payload_bytes.decode("utf-8")


def require_header(frame: Frame, header_hex: str) -> None:
    """PromiseBrokenError unless the seven bytes of the header are those of `header_hex` (pairs, separated by spaces)."""
    seen = frame.raw[:HEADER_SIZE].hex(" ")
    if seen != header_hex:
        raise PromiseBrokenError(f"the header is {header_hex}", f"{seen}, before the text {payload_text(frame)}")


def require_text(frame: Frame, example: str) -> None:
    """PromiseBrokenError unless the text is byte for byte `example`, its keys in any order.

    The message id of the frame takes the place of the sixteen hashes.
    """
    text = payload_text(frame)
    pairs = json.loads(text, object_pairs_hook=list)
    keys = [key for key, _ in pairs]
    wanted = json.loads(example)
    if json.dumps(wanted) != example:
        raise ValueError(f"the example is not written as agreed itself: {example}")
    extra, lacking = sorted(set(keys) - set(wanted)), sorted(set(wanted) - set(keys))
    if extra or lacking or len(keys) != len(wanted):
        raise PromiseBrokenError(f"the text has the fields {', '.join(wanted)} and no others", f"{', '.join(keys)} in {text}")
    wanted["msg_id"] = wanted["msg_id"].replace(ID_MARK, frame.message.msg_id)
    in_their_order = json.dumps({key: wanted[key] for key in keys})
    if text != in_their_order:
        raise PromiseBrokenError(f"the text is {in_their_order}", text)


def require_message_id(frame: Frame) -> None:
    """PromiseBrokenError unless the message id is 16 lower-case hexadecimal characters."""
    if MESSAGE_ID.fullmatch(frame.message.msg_id) is None:
        raise PromiseBrokenError("the message id is 16 lower-case hexadecimal characters", repr(frame.message.msg_id))
