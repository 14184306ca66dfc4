"""What a pipeline can be told, in tables of another make, and how a configuration is read: plans in order, or a refusal."""

import math

STAGES = {
    "vad": {"aggressiveness": (0, 3, 1, "", "whole"), "frame_duration": (10, 30, 20, "ms", (10, 20, 30))},
    "voice_filter": {
        "low_hz": (40, 1500, 300, "Hz", ""), "high_hz": (800, 12000, 3400, "Hz", ""), "order": (1, 8, 4, "", "whole"),
    },
    "noise_reduction": {"strength": (0, 1, 0.6, "", ""), "smoothing": (0, 1, 0.5, "", "")},
    "voice_enhancement": {"clarity": (0, 1, 0.4, "", ""), "warmth": (-1, 1, 0.1, "", "")},
    "equalizer": {"bands": (None, None, [], "", "bands")},
    "compression": {
        "threshold": (-60, 0, -18, "dB", ""), "ratio": (1, 20, 3, "", ""), "knee": (0, 20, 4, "dB", ""),
        "makeup": (0, 24, 0, "dB", ""), "attack": (0.5, 300, 8, "ms", ""), "release": (5, 3000, 120, "ms", ""),
    },
    "agc": {
        "target_level": (-50, -6, -20, "dB", ""), "max_gain": (0, 40, 20, "dB", ""),
        "attack": (1, 2000, 80, "ms", ""), "release": (5, 5000, 250, "ms", ""),
    },
    "lufs_normalization": {"target_lufs": (-60, 0, -23, "LUFS", ""), "max_peak": (-20, 0, -1, "dB", "")},
    "limiter": {"threshold": (-36, 0, -1, "dB", ""), "release": (5, 2000, 80, "ms", ""), "lookahead": (3, 10, 4, "ms", "")},
}  # fmt: skip
"""least, greatest, usual, unit, kind: whole numbers, some numbers, bands, or any number."""

BANDS = {"frequency": (20, 20000, None), "gain": (-24, 24, 0.0), "q": (0.1, 20, 0.707)}
BAND_TYPES = ("bell", "low_shelf", "high_shelf", "high_cut", "low_cut")
MOST_BANDS = 16
GAIN = (-20, 20)


class WrongError(Exception):
    """What somebody asked for cannot be had: a status for HTTP, a code, a sentence and the place."""

    def __init__(self, status, code, message, field=None):
        super().__init__(message)
        self.status, self.code, self.message, self.field = status, code, message, field

    def told(self):
        place = {"field": self.field} if self.field else {}
        return {"error": {"message": self.message, **place, "code": self.code}}


def number(value, least, greatest, field):
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongError(422, "INVALID_CONFIG", f"{field} takes a number", field)
    if not least <= value <= greatest:
        raise WrongError(422, "OUT_OF_RANGE", f"{field} goes from {least} to {greatest}", field)
    return float(value)


def mapping(value, field):
    if not isinstance(value, dict):
        raise WrongError(422, "INVALID_CONFIG", f"{field} takes a map", field)
    return value


def checked(stage, parameters, where):
    """Those parameters that were given, as numbers and bands."""
    known, values = STAGES[stage], {}
    for name, value in mapping(parameters, where).items():
        field = f"{where}.{name}"
        if name not in known:
            raise WrongError(422, "UNKNOWN_PARAMETER", f"{stage} has no such parameter; it has {', '.join(known)}", field)
        least, greatest, _, _, kind = known[name]
        if kind == "bands":
            values[name] = bands(value, field)
            continue
        value = number(value, least, greatest, field)
        if (kind == "whole" and value != math.floor(value)) or (isinstance(kind, tuple) and value not in kind):
            raise WrongError(422, "OUT_OF_RANGE", f"{field} takes no numbers between the steps", field)
        values[name] = value
    return values


def bands(value, field):
    if not isinstance(value, list) or len(value) > MOST_BANDS:
        raise WrongError(422, "INVALID_CONFIG", f"{field} takes a list of at most {MOST_BANDS}", field)
    wanted = []
    for place, band in enumerate(value):
        here = f"{field}.{place}"
        if mapping(band, here).get("type") not in BAND_TYPES:
            raise WrongError(422, "INVALID_CONFIG", f"a band is one of {', '.join(BAND_TYPES)}", f"{here}.type")
        if strange := set(band) - {"type", *BANDS}:
            raise WrongError(422, "UNKNOWN_PARAMETER", "a band has no such part", f"{here}.{min(strange)}")
        if "frequency" not in band:
            raise WrongError(422, "INVALID_CONFIG", "a band has a frequency", f"{here}.frequency")
        read = {name: number(band.get(name, usual), *ends, f"{here}.{name}") for name, (*ends, usual) in BANDS.items()}
        wanted.append({"type": band["type"], **read})
    return wanted


def usual(stage):
    return {name: about[2] for name, about in STAGES[stage].items()}


def planned(config):
    """[(stage, {enabled, gain_in, gain_out, parameters})] in the order of the connections, or else of the map."""
    stages = mapping(mapping(config, "pipeline_config").get("stages", {}), "stages")
    plans = {}
    for name, wish in stages.items():
        where = f"stages.{name}"
        if name not in STAGES:
            raise WrongError(422, "UNKNOWN_STAGE", f"there is no such stage; there are {', '.join(STAGES)}", where)
        enabled = mapping(wish, where).get("enabled", True)
        if not isinstance(enabled, bool):
            raise WrongError(422, "INVALID_CONFIG", "a stage is on or off", f"{where}.enabled")
        plans[name] = {
            "enabled": enabled,
            "gain_in": number(wish.get("gain_in", 0), *GAIN, f"{where}.gain_in"),
            "gain_out": number(wish.get("gain_out", 0), *GAIN, f"{where}.gain_out"),
            "parameters": usual(name) | checked(name, wish.get("parameters", {}), f"{where}.parameters"),
        }
    return [(name, plans[name]) for name in ordered(list(plans), config.get("connections") or [])]


def ordered(names, connections):
    """Whoever waits for nobody comes next; among several, the one that was listed first."""
    if not isinstance(connections, list):
        raise WrongError(422, "INVALID_CONFIG", "connections are a list", "connections")
    waits = {name: set() for name in names}
    for place, connection in enumerate(connections):
        ends = [mapping(connection, f"connections.{place}").get(end) for end in ("source_stage_id", "target_stage_id")]
        for end, name in zip(("source_stage_id", "target_stage_id"), ends, strict=True):
            if not isinstance(name, str) or name not in waits:
                raise WrongError(422, "INVALID_CONFIG", "a connection ends at nothing", f"connections.{place}.{end}")
        waits[ends[1]].add(ends[0])
    order = []
    while len(order) < len(names):
        ready = [name for name in names if name not in order and waits[name] <= set(order)]
        if not ready:
            raise WrongError(422, "INVALID_CONFIG", "the connections go in a circle", "connections")
        order.append(ready[0])
    return order


def described():
    """For people and programs that want to know what there is: maps of maps."""
    stages = {}
    for stage, parameters in STAGES.items():
        told = {}
        for name, (least, greatest, default, unit, kind) in parameters.items():
            if kind == "bands":
                parts = {part: {"min": ends[0], "max": ends[1], "default": ends[2]} for part, ends in BANDS.items()}
                told[name] = {"kind": "list", "default": default, "unit": unit, "types": list(BAND_TYPES), "parts": parts}
            else:
                choices = {"choices": list(kind)} if isinstance(kind, tuple) else {}
                told[name] = {"min": least, "max": greatest, "default": default, "unit": unit, **choices}
        stages[stage] = {"parameters": told, "gains": {"min": GAIN[0], "max": GAIN[1], "unit": "dB", "default": 0}}
    return {"count": len(stages), "stages": stages}
