"""What steps promise about answers. Each raises PromiseBrokenError with what was promised and what was seen."""

import time
from collections.abc import Collection, Sequence
from itertools import pairwise
from math import ceil

from support.gateway.frames import Call, Frame
from support.gateway.protocol import Code
from support.gateway.talk import finish
from support.gateway.world import GatewayWorld
from support.kit.deadline import steadily
from support.kit.errors import PromiseBrokenError, VoidError
from support.kit.promises import require

QUIET = 0.08
"""Seconds for which nothing else must arrive, so that a second answer to the same request is seen."""
AT_ONCE = 1.0
"""Seconds within which a refusal counts as given at once: far below what the calls under way take."""
NOT_BEGUN = (Code.INVALID_REQUEST, Code.VALIDATION_ERROR, Code.TOOL_NOT_FOUND, Code.OVER_CAPACITY)
"""What a call may be refused with as a bad request is, under `error`. All else that can become of a call is its result."""


def only_answer(call: Call) -> Frame:
    """The answer to a request that was waited for. PromiseBrokenError where the connection ended instead, or it is no text."""
    if call.answer is None:
        raise PromiseBrokenError("the request is answered", f"the connection ended first: {call}")
    if call.answer.binary:
        raise PromiseBrokenError("the request is answered with a text frame", f"a binary one: {call.answer}")
    return call.answer


def require_answered(call: Call, op: str) -> None:
    """The answer bears the operation that belongs to the request, and the caller's request id."""
    answer = only_answer(call)
    require("the answer's operation is {!r}", op, answer.op)
    require_own_id(call)
    if op == "call_tool_res":
        require_ok(call)


def require_own_id(call: Call) -> None:
    """The answer bears the request id of the request, letter by letter."""
    require("the answer's request id is {!r}", call.request_id, only_answer(call).fields.get("request_id"))


def require_ok(call: Call) -> Frame:
    """The call went well and has outputs."""
    answer = only_answer(call)
    outputs = answer.fields.get("outputs")
    if answer.op != "call_tool_res" or not answer.ok or not isinstance(outputs, list) or not outputs:
        raise PromiseBrokenError("the call goes well and has an output", str(answer))
    for output in outputs:
        if not isinstance(output, dict) or output.get("type") != "text" or not isinstance(output.get("text"), str):
            raise PromiseBrokenError("every output is a text", str(answer))
    return answer


def require_all_ok(calls: Sequence[Call]) -> None:
    """Every call went well, under its own request id. VoidError where there was none."""
    for call in some(calls):
        require_ok(call)
        require_own_id(call)


def require_output(call: Call, wanted: str) -> None:
    """The call went well and its only output is exactly `wanted`."""
    answer = require_ok(call)
    require_own_id(call)
    if answer.output != wanted:
        raise PromiseBrokenError(f"the output is {_shown(wanted)}", _difference(wanted, answer.output))


def require_outputs(world: GatewayWorld, calls: Sequence[Call], count: int) -> None:
    """So many of the calls came back, each with the text that is expected of it."""
    right = [call for call in calls if call.answer and call.answer.ok and call.answer.output == world.expected[call]]
    if len(right) != count or len(calls) != count:
        wrong = next((call for call in calls if call not in right), None)
        seen = f"{len(right)} of {len(calls)}"
        raise PromiseBrokenError(f"{count} of {count} texts come back as they were", seen + _first_wrong(world, wrong))
    for call in calls:
        require_own_id(call)


def require_failed(call: Call, code: str | Collection[str], *, complete: bool = False) -> None:
    """The call was answered as failed with this code, under its request id; `complete`: with a message and details, too."""
    answer = only_answer(call)
    wanted = (code,) if isinstance(code, str) else tuple(code)
    if answer.op not in ("call_tool_res", "error") or answer.ok or answer.code not in wanted:
        raise PromiseBrokenError(f"the call fails with code {' or '.join(wanted)}", str(answer))
    if answer.op == "error" and answer.code not in NOT_BEGUN:
        raise PromiseBrokenError("a call that fails is answered with call_tool_res", str(answer))
    if answer.fields.get("ok") is not False and answer.op == "call_tool_res":
        raise PromiseBrokenError("an answer of a failed call says that it is not ok", str(answer))
    require_own_id(call)
    if complete:
        message = answer.error.get("message")
        if not isinstance(message, str) or not message or "details" not in answer.error:
            raise PromiseBrokenError("a failure is told with a message and details", str(answer))


def require_all_failed(calls: Sequence[Call], code: str) -> None:
    """Every call was answered as failed with this code. VoidError where there was none."""
    for call in some(calls):
        require_failed(call, code)


def require_told_when(call: Call, longest: float | None = None) -> None:
    """The refusal says in how many seconds to try again: at most `longest`, which may have been rounded up to whole ones."""
    details = only_answer(call).error.get("details")
    told = details.get("retry_after_s") if isinstance(details, dict) else None
    if isinstance(told, bool) or not isinstance(told, int | float) or not told >= 0:
        raise PromiseBrokenError("the refusal says after how many seconds to try again", str(call.answer))
    if longest is not None and told > ceil(longest):
        raise PromiseBrokenError(f"the refusal says to try again after at most {ceil(longest)} s", f"after {told:g} s")


def require_refused_at_once(call: Call, code: str) -> None:
    """The call was refused with this code, says when to try again, and was not kept waiting for the calls under way."""
    require_failed(call, code)
    require_told_when(call)
    if call.seconds > AT_ONCE:
        raise PromiseBrokenError(f"the call is refused at once, within {AT_ONCE:g} s", f"after {call.seconds:.2f} s")


def require_bad_request(call: Call, op: str, code: str) -> None:
    """A frame that was no proper request is answered so; where it had a proper request id, the answer bears none other."""
    answer = only_answer(call)
    require("the answer's operation is {!r}", op, answer.op)
    require("the answer's code is {!r}", code, answer.code)
    if answer.request_id is not None and answer.request_id != call.request_id:
        raise PromiseBrokenError("an answer bears no request id but the caller's", str(answer))


def require_nothing_else(world: GatewayWorld) -> None:
    """No answer has arrived that nobody was waiting for, and none arrives for a moment."""

    def strays() -> list[str]:
        return [str(frame) for client in world.opened for frame in client.strays]

    steadily(strays, lambda found: not found, QUIET, "nothing arrives but the answers", describe=lambda found: found[0])


def require_still_usable(world: GatewayWorld, calls: Sequence[Call]) -> None:
    """These calls of the fast tool, made for this promise, all go well."""
    require_all_ok(finish(world, calls))


def require_before(early: Call, late: Sequence[Call]) -> None:
    """The answer came while these calls were still under way. VoidError where there was none."""
    answer = only_answer(early)
    for call in some(late):
        if call.answer is not None and call.answer.at <= answer.at:
            raise PromiseBrokenError(
                "the answer comes before that of the slow call", f"{early.seconds:.2f} s after it was asked for"
            )


def require_slow_answered(world: GatewayWorld, calls: Sequence[Call]) -> None:
    """Calls of the slow tool that are under way go well, and have taken the time they were told."""
    longest = max(world.moments[f"slow {id(call)}"] for call in calls)
    finish(world, calls, longest + 5.0)
    for call in calls:
        require_ok(call)
        require_own_id(call)
        told = world.moments[f"slow {id(call)}"]
        if call.seconds < told * 0.95:
            raise PromiseBrokenError(f"a call of the slow tool takes {told:g} s", f"{call.seconds:.3f} s")


def require_time(call: Call, least: float, most: float) -> None:
    """The answer came after `least` and within `most` seconds."""
    only_answer(call)
    if not least <= call.seconds <= most:
        raise PromiseBrokenError(f"the call is answered after {least:g} s and within {most:g} s", f"after {call.seconds:.3f} s")


def require_latency(call: Call, planted: float | None, percent: float) -> None:
    """The answer tells how many milliseconds the call took: no less than planted, no more than the caller has seen.

    `planted` in seconds; `percent` is what the gateway's clock may be off.
    """
    told = only_answer(call).fields.get("latency_ms")
    if isinstance(told, bool) or not isinstance(told, int | float) or told < 0:
        raise PromiseBrokenError("the answer tells how many milliseconds the call took", str(call.answer))
    most = max(call.seconds, planted or 0.0) * 1000 * (1 + percent / 100) + 1.0
    least = (planted or 0.0) * 1000 * (1 - percent / 100)
    if not least <= told <= most:
        raise PromiseBrokenError(f"the answer tells {least:.0f} to {most:.0f} ms", f"{told:g} ms")


def require_order(calls: Sequence[Call], wanted: Sequence[Call]) -> None:
    """The answers arrived in the order of `wanted`."""
    seen = sorted(calls, key=lambda call: only_answer(call).at)
    if seen != list(wanted):
        names = ", ".join(str(wanted.index(call) + 1) for call in seen)
        raise PromiseBrokenError("the answers arrive in the agreed order, 1 to 3", f"in the order {names}")


def require_progress(call: Call, steps: int) -> None:
    """So many frames of progress came before the answer, under its request id, and never backwards."""
    answer = only_answer(call)
    require_ok(call)
    require("progress is told {} times", steps, len(call.progress))
    for frame in call.progress:
        require("the request id of progress is {!r}", call.request_id, frame.fields.get("request_id"))
    if any(frame.at > answer.at for frame in call.progress):
        raise PromiseBrokenError("progress is told before the answer", "after it")
    for name in _counters(call.progress):
        told = [float(str(frame.fields[name])) for frame in call.progress]
        if any(later <= earlier for earlier, later in pairwise(told)):
            raise PromiseBrokenError("progress is told in order", f"{name}: {', '.join(f'{value:g}' for value in told)}")


def require_progress_ahead(call: Call) -> None:
    """The first progress came in the first half of the call: it is told as it happens."""
    only_answer(call)
    if not call.progress:
        raise PromiseBrokenError("progress is told before the answer", "none was")
    after = call.progress[0].at - call.sent_at
    if after > call.seconds / 2:
        seen = f"after {after:.3f} s of {call.seconds:.3f} s"
        raise PromiseBrokenError("the first progress is told in the first half of the call", seen)


def require_cancel(call: Call, confirmed: bool) -> None:
    """The cancelling was answered, and was confirmed or declined."""
    answer = only_answer(call)
    require("the answer's operation is {!r}", "cancel_res", answer.op)
    require_own_id(call)
    require("that the cancelling is confirmed is {}", confirmed, answer.fields.get("ok"))


def require_stored(call: Call, stored: bool) -> None:
    """Whether the answer calls itself a stored one."""
    seen = only_answer(call).fields.get("from_cache", False)
    require("that the answer says it was stored is {}", stored, seen)


def require_tools(call: Call, wanted: Collection[str] = ()) -> None:
    """The tools are listed with name, description and input, no name twice, and those in `wanted` are among them."""
    answer = only_answer(call)
    tools = answer.fields.get("tools")
    if not isinstance(tools, list) or not tools:
        raise PromiseBrokenError("there is a list of tools", str(answer))
    for tool in tools:
        known = tool if isinstance(tool, dict) else {}
        described = all(isinstance(known.get(key), str) and known[key] for key in ("name", "description"))
        if not described or not isinstance(known.get("inputSchema"), dict):
            raise PromiseBrokenError("every tool has a name, a description and a description of its input", str(tool))
    names = [tool["name"] for tool in tools]
    if len(set(names)) != len(names):
        raise PromiseBrokenError("no tool is listed twice", ", ".join(names))
    if missing := sorted(set(wanted) - set(names)):
        raise PromiseBrokenError(f"{', '.join(missing)} is among the tools", ", ".join(names))


def some(calls: Sequence[Call]) -> Sequence[Call]:
    """The calls that something is promised of. VoidError where there are none: nothing would have been looked at."""
    if not calls:
        raise VoidError("nothing was asked, so nothing can be promised of the answers")
    return calls


def note_slow(world: GatewayWorld, call: Call, seconds: float) -> Call:
    """Remember what a call of the slow tool was told."""
    world.moments[f"slow {id(call)}"] = seconds
    world.moments["latest"] = time.monotonic()
    return call


def _counters(frames: Sequence[Frame]) -> list[str]:
    """The fields by which a gateway counts its progress: numbers that differ from frame to frame, by the names in use."""
    return [
        name
        for name in ("step", "progress", "current", "done", "index", "seq", "percent")
        if all(type(frame.fields.get(name)) in (int, float) for frame in frames)
    ]


def _shown(text: str) -> str:
    return repr(text) if len(text) <= 80 else f"{text[:80]!r}... ({len(text)} letters)"


def _difference(wanted: str, seen: str | None) -> str:
    if seen is None:
        return "no single text"
    at = next((index for index, (a, b) in enumerate(zip(wanted, seen, strict=False)) if a != b), min(len(wanted), len(seen)))
    return f"{_shown(seen)}, which differs at letter {at + 1} of {len(wanted)}"


def _first_wrong(world: GatewayWorld, call: Call | None) -> str:
    if call is None:
        return ""
    if call.answer is None:
        return f"; no answer to {call}"
    return f"; to {call} came {call.answer}, {_difference(world.expected[call], call.answer.output)}"
