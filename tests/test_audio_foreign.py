"""A right pipeline of another make is green, however it is reached; the same pipeline with one line changed is red."""

import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from foreign_runs import red, run, run_one

from support.kit.ports import lease_port
from support.kit.process import ManagedProcess
from support.kit.readiness import accepts

FOREIGN = Path(__file__).parent / "foreign" / "numpy_pipeline.py"
SERVER, SOUND, MEASURE, SETTINGS = (f"numpy_pipeline{part}.py" for part in ("", "_sound", "_measure", "_settings"))
TOKEN = "a-token-that-is-long-enough"
ADDRESS = """\
audio:
  kind: address
  url: http://127.0.0.1:{port}
  token: {token}
  parameters: {{equalizer: {{peaking: bell, low_pass: high_cut, high_pass: low_cut}}}}
"""


def test_a_right_pipeline_is_green_in_every_scenario(tmp_path):
    done, report = run("audio", tmp_path, FOREIGN.with_suffix(".yaml"), "not @performance")
    assert red(report) == {}
    assert done.returncode == 0
    assert report["counts"]["declined"] == report["counts"]["skipped"] == report["counts"]["untested"] == 0
    assert report["targets"] == [{"slice": "audio", "name": "audio numpy_pipeline.py", "version": "0.9"}]


@pytest.fixture
def running(tmp_path):
    """The profile of a pipeline that runs already, and asks for a token."""
    with lease_port() as port:
        argv = [sys.executable, str(FOREIGN), "--listen", str(port.port), "--secret", TOKEN]
        with ManagedProcess.start(argv, name="pipeline", log=tmp_path / "pipeline.log") as pipeline:
            pipeline.wait_ready(lambda: accepts("127.0.0.1", port.port), 20.0, "the pipeline to listen")
            profile = tmp_path / "address.yaml"
            profile.write_text(ADDRESS.format(port=port.port, token=TOKEN), encoding="utf-8")
            yield profile
            assert pipeline.alive


def test_a_right_pipeline_that_runs_already_is_green_and_declines_what_the_suite_cannot_see(tmp_path, running):
    done, report = run("audio", tmp_path, running, "not @performance and not @slow")
    assert red(report) == {}
    assert done.returncode == 0
    assert report["counts"]["passed"] > report["counts"]["declined"] > 0
    reasons = Counter(each["reason"].partition(":")[0] for each in report["scenarios"] if each["status"] == "declined")
    assert "needs limits" in reasons


def test_the_words_for_bands_are_found_where_the_profile_has_none(tmp_path, running):
    written = running.read_text(encoding="utf-8")
    running.write_text(written[: written.index("  parameters:")], encoding="utf-8")
    done, report = run("audio", tmp_path, running, "@AUD-75 or @AUD-77 or @AUD-78")
    assert red(report) == {}
    assert done.returncode == 0
    declined = {each["id"]: each["reason"] for each in report["scenarios"] if each["status"] == "declined"}
    assert set(declined) == {"AUD-77.5", "AUD-77.6"}
    assert "the pipeline's equalizer takes no low pass: 422" in declined["AUD-77.5"]
    assert "the pipeline's equalizer takes no high pass: 422" in declined["AUD-77.6"]
    assert report["counts"]["passed"] == len(report["scenarios"]) - 2


def test_the_token_of_a_pipeline_that_runs_already_is_nowhere_in_the_reports(tmp_path, running):
    done, _ = run("audio", tmp_path, running, "@AUD-65 or @AUD-66 or @AUD-20")
    written = [path for path in (tmp_path / "reports").rglob("*") if path.is_file()]
    assert len(written) > 20
    assert [str(path) for path in written if TOKEN.encode() in path.read_bytes()] == []
    assert TOKEN not in done.stdout + done.stderr


WRONG = {
    "gain in is doubled": (SOUND, 'factor(plan["gain_in"]), factor', 'factor(2 * plan["gain_in"]), factor', "103"),
    "gain out is ignored": (SOUND, "return heard * self.after", "return heard", "107"),
    "stages that are off work": (SOUND, 'for name, plan in plans if plan["enabled"]]', "for name, plan in plans]", "101"),
    "what is too loud is turned over": (SOUND, "np.clip(steps, -32768, 32767).astype", "steps.astype(np.int64).astype", "29"),
    "what is cut off below is not counted": (SOUND, "(steps > 32767) | (steps < -32768)", "steps > 32767", "52"),
    "filters forget at each chunk": (
        SOUND,
        "        whole = len(samples) // self.BLOCK * self.BLOCK",
        "        self.state, whole = (0.0, 0.0), len(samples) // self.BLOCK * self.BLOCK",
        "108",
    ),
    "a limiter looks at samples alone": (
        SOUND,
        "np.maximum(np.concatenate([[self.last], between[:-1]]), between)",
        "np.abs(both[self.TAPS - 1 : self.TAPS - 1 + count])",
        "84",
    ),
    "a limiter overshoots": (SOUND, 'self.wanted["threshold"] - self.MARGIN', 'self.wanted["threshold"] + 0.5', "85"),
    "a band's width is ignored": (
        SOUND,
        'band["gain"], band["q"]),\n        "low_shelf"',
        'band["gain"], 1.0),\n        "low_shelf"',
        "76",
    ),
    "a compressor's threshold is 1.5 dB off": (SOUND, "above = level - threshold\n", "above = level - threshold - 1.5\n", "80"),
    "loudness is ridden without weights": (SOUND, "return self.weights.process(samples)", "return samples", "97"),
    "noise is turned down with all the rest": (
        SOUND,
        'self.wanted["strength"] * (1 - self.gains)',
        'self.wanted["strength"] * 0.75',
        "93",
    ),
    "everything is a voice": (SOUND, "return self.left > 0", "return True", "90"),
    "the delay is that of the last stage": (
        SOUND,
        "self.latency = sum(stage.core.latency for stage in self.stages)",
        "self.latency = sum(stage.core.latency for stage in self.stages[-1:])",
        "112",
    ),
    "a change is told and not made": (SOUND, "        self.core, self.faded = core, 0\n", "        self.faded = 0\n", "40"),
    "a change clicks": (
        SOUND,
        "            self.old = copy.copy(self)\n",
        "            self.old = None\n        if self.old is not None:\n",
        "43",
    ),
    "recordings keep the delay": (
        SOUND,
        "np.concatenate(parts)[chain.latency :], {",
        "np.concatenate(parts)[: len(samples)], {",
        "127",
    ),
    "loudness has no gate": (
        MEASURE,
        "loud[loud > loud.mean() * 10 ** (below / 10)] if len(loud) else loud",
        "powers",
        "160",
    ),
    "loudness has no weights": (MEASURE, "Cascade(rate, weighting(rate)).process(channel) ** 2", "channel**2", "161"),
    "moments are 0.1 s apart": (MEASURE, "round(4 * tenth), hundredth)", "round(4 * tenth), round(tenth))", "166"),
    "the true peak is that of the samples": (MEASURE, "times=8", "times=1", "169"),
    "lines of a spectrum are one off": (
        MEASURE,
        "lines = np.arange(size // 2 + 1) * (rate / size)",
        "lines = np.arange(1, size // 2 + 2) * (rate / size)",
        "150",
    ),
    "windows are not averaged": (
        MEASURE,
        "sliding_window_view(channel, size)[::step]",
        "sliding_window_view(channel, size)[:1]",
        "154",
    ),
    "another rate has aliases": (
        MEASURE,
        "    common = math.gcd(rate, wanted)",
        "    if rate % wanted == 0:\n        return samples[:: rate // wanted]\n    common = math.gcd(rate, wanted)",
        "129",
    ),
    "strange letters are stepped over": (SERVER, ", validate=True)", ")\n        return data", "33"),
    "every tenth chunk is dropped": (
        SERVER,
        '    pipeline.counted("chunks")\n    return told',
        '    pipeline.counted("chunks")\n    return told if session.count % 10 else []',
        "21",
    ),
    "bad chunks are counted": (
        SERVER,
        '    except WrongError as error:\n        pipeline.counted("mistakes")',
        '    except WrongError as error:\n        session.count += kind == "audio_chunk"\n        pipeline.counted("mistakes")',
        "34",
    ),
    "sessions share their filters": (
        SERVER,
        "self.chain, self.meter = Chain(plans, rate), Meter(rate)",
        "self.chain = globals().setdefault(repr((plans, rate)), Chain(plans, rate))\n        self.meter = Meter(rate)",
        "110",
    ),
    "who comes back begins anew": (
        SERVER,
        "session.lines.add(line)\n",
        "session.lines.add(line)\n        session.count = 0\n",
        "11",
    ),
    "rms is 3 dB off": (SERVER, '"rms": level(power)', '"rms": level(2 * power)', "47"),
    "a session that was stopped keeps its line": (
        SERVER,
        "            line.close(1000, why)\n",
        "            line.closed = False\n",
        "05",
    ),
    "one session too many": (SERVER, ">= self.args.sessions:", "> self.args.sessions:", "57"),
    "idle sessions never end": (SERVER, "now - each.used > self.args.idle]", "now < each.used]", "59"),
    "the beginning of the token is enough": (
        SERVER,
        "not hmac.compare_digest(given.strip().encode(), secret.encode())",
        "not secret.startswith(given.strip())",
        "66",
    ),
    "the order is that of the list": (
        SETTINGS,
        "        order.append(ready[0])",
        "        order.append(ready[0])\n    order = list(names)",
        "106",
    ),
    "values out of range are bent": (
        SETTINGS,
        "    if not least <= value <= greatest:\n",
        "    value = min(max(value, least), greatest)\n    if not least <= value <= greatest:\n",
        "44",
    ),
}
"""What is wrong -> the file, the right text, the wrong one in its place, and the number of the scenario that must notice."""


@pytest.fixture(scope="module")
def wrong_runs(tmp_path_factory):
    def one(breaks):
        name, honest, lying, number = WRONG[breaks]
        folder = tmp_path_factory.mktemp("wrong")
        for path in FOREIGN.parent.glob("numpy_pipeline*"):
            (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
        text = (folder / name).read_text(encoding="utf-8")
        assert text.count(honest) == 1, f"{honest!r} stands {text.count(honest)} times in {name}"
        (folder / name).write_text(text.replace(honest, lying), encoding="utf-8")
        return run_one("audio", folder, folder / "numpy_pipeline.yaml", f"AUD-{number}")

    with ThreadPoolExecutor(3) as pool:
        return dict(zip(WRONG, pool.map(one, WRONG), strict=True))


@pytest.mark.parametrize("breaks", WRONG)
def test_a_pipeline_with_one_line_that_is_wrong_is_red(wrong_runs, breaks):
    report = wrong_runs[breaks]
    assert red(report), f"AUD-{WRONG[breaks][3]} has not noticed that {breaks}"
    assert report["red"]
