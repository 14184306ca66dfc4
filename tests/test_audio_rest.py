"""Requests to a little pipeline, and what is kept of them."""

import base64
import json
import time

import pytest
from audio_parts import broken, little, wire_of, world_of

from support.audio import silence
from support.audio.protocol import PROCESS
from support.audio.rest import Answer
from support.kit.at_end import end_everything
from support.kit.patience import GivenUpError, Patience

SOUND = bytes(range(256)) * 40


@pytest.fixture(scope="module", autouse=True)
def _nothing_stays():
    yield
    end_everything()


@pytest.fixture(autouse=True)
def _short_silences(monkeypatch):
    monkeypatch.setattr("support.audio.rest.patience", Patience("mute {} times", silence.SilenceError))


numbers = iter(range(1, 1000))


@pytest.fixture
def world(tmp_path_factory):
    with world_of(little(), tmp_path_factory.getbasetemp(), number=next(numbers)) as made:
        yield made


@pytest.fixture
def rest(world):
    return world.pipeline.rest


def answer(body: object, code: int = 200) -> Answer:
    return Answer(code, body, json.dumps(body), {}, 0.1)


def test_health_and_sessions(rest):
    before = rest.health().fields["sessions"]
    begun = rest.start({})
    assert (begun.code, begun.latency_samples) == (200, 0)
    assert rest.started == [begun.fields["session_id"]]
    assert rest.health().fields["sessions"] == before + 1
    assert rest.started[0] in rest.sessions().text
    assert [rest.stop(rest.started[0]).code for _ in range(2)] == [200, 404]


def test_a_refusal_is_read(rest):
    refused = rest.start({"stages": 7})
    assert refused.code == 422
    assert refused.error is not None
    assert (refused.error.code, refused.error.message, refused.error.field) == ("INVALID_CONFIG", "what?", "stages")
    assert rest.started == []
    assert rest.health().error is None


@pytest.mark.parametrize("body", [None, [], {}, {"error": "no"}, {"error": {}}, {"detail": "not found"}])
def test_what_is_no_refusal_in_the_agreed_form_is_none(body):
    assert answer(body, 404).error is None


@pytest.mark.parametrize(
    ("body", "latency"),
    [
        ({"latency_samples": 80}, 80),
        ({"metrics": {"latency_samples": 80.0}}, 80),
        ({"latency_samples": 5, "metrics": {"latency_samples": 80}}, 5),
        ({"metrics": {}}, 0),
        ({"metrics": 4}, 0),
        ({"latency_samples": "80"}, 0),
        ({"latency_samples": True}, 0),
        ({"latency_samples": -3}, 0),
        ({"latency_samples": 1.5}, 0),
        ([1], 0),
    ],
)
def test_the_delay_is_read_at_either_place(body, latency):
    assert answer(body).latency_samples == latency


def test_json_forms_and_files_go_out_as_they_are_told(rest):
    told = rest.raw("POST", "/echo", json_body={"a": 1}).fields
    assert (told["type"], told["body"]) == ("application/json", '{"a": 1}')
    told = rest.raw("PUT", "/echo", form={"a": "1 2", "b": "ü"}).fields
    assert (told["method"], told["type"], told["body"]) == ("PUT", "application/x-www-form-urlencoded", "a=1+2&b=%C3%BC")
    told = rest.raw("POST", "/echo", form={"a": "1"}, files={"f": ("x.wav", b"RIFF")}).fields
    assert str(told["type"]).startswith("multipart/form-data; boundary=")
    assert 'name="f"; filename="x.wav"' in str(told["body"])
    told = rest.raw("POST", "/echo", data=b"{bad", headers={"Content-Type": "application/json"}).fields
    assert (told["type"], told["body"]) == ("application/json", "{bad")


def test_a_recording_is_handed_in_as_a_file_or_in_a_form(rest, monkeypatch):
    monkeypatch.setattr("support.audio.protocol.PROCESS", "/echo")
    assert PROCESS != "/echo"
    told = str(rest.process({"stages": {}}, audio=b"RIFF", filename="a.wav", sample_rate=8000).fields["body"])
    for part in ('name="audio_file"; filename="a.wav"', "RIFF", 'name="sample_rate"', "8000", '{"stages": {}}'):
        assert part in told
    told = str(rest.process("{bad", audio=b"\0\1", as_file=False).fields["body"])
    assert told == "pipeline_config=%7Bbad&audio_data=AAE%3D"
    assert rest.process(None, audio=None).fields["body"] == ""


def test_a_stage_is_asked_for_by_a_message_or_by_a_form(rest, monkeypatch):
    monkeypatch.setattr("support.audio.protocol.STAGE", "/echo?")
    told = rest.stage("vad", {"audio_data": "AA==", "stage_config": {"enabled": True}}).fields
    assert json.loads(str(told["body"])) == {"audio_data": "AA==", "stage_config": {"enabled": True}}
    told = rest.stage("vad", {"audio_data": "AA==", "sample_rate": 8000, "stage_config": {}}, as_form=True).fields
    assert told["body"] == "audio_data=AA%3D%3D&sample_rate=8000&stage_config=%7B%7D"


def test_figures_are_numbers(rest):
    assert rest.scrape().value("sessions") == 1


def test_figures_in_no_agreed_form_break_a_promise(tmp_path):
    with world_of(little("--manner=odd-figures"), tmp_path) as world, broken("in the agreed form"):
        world.pipeline.rest.scrape()


def test_what_is_no_json_has_no_fields(rest):
    found = rest.metrics()
    assert (found.code, found.body, dict(found.fields)) == (200, None, {})
    assert str(found).startswith("200 # TYPE")


def test_nobody_there_breaks_a_promise(rest, monkeypatch):
    monkeypatch.setattr(rest, "url", "http://127.0.0.1:1")
    with broken("GET /api/health is answered"):
        rest.health()


def test_who_is_mute_is_given_up_after_five_times(tmp_path):
    with world_of(little("--manner=mute"), tmp_path, well=False) as world:
        rest = world.pipeline.rest
        begun = time.monotonic()
        for _ in range(5):
            with broken("no answer within 0.1 s"):
                rest.raw("GET", "/api/health", within=0.1)
        with pytest.raises(GivenUpError, match="mute 5 times"):
            rest.health()
        assert time.monotonic() - begun < 3.0


def test_an_exchange_is_in_the_trace_with_its_sound_shortened(world, rest):
    rest.raw("POST", "/echo", json_body={"audio_data": base64.b64encode(SOUND).decode()})
    asked, told = [json.loads(row) for row in wire_of(world).splitlines()][-2:]
    assert (asked["from"], asked["to"], asked["note"]) == ("client", "pipeline", "POST /echo")
    assert (told["from"], told["note"]) == ("pipeline", "200")
    assert asked["size"] > 13_000
    assert "(13,656 letters)" in bytes.fromhex(asked["hex"]).decode()
    assert len(asked["hex"]) < 400


def test_a_token_goes_with_every_request_and_into_no_trace(tmp_path):
    with world_of(little(), tmp_path) as world:
        world.ask_for_token()
        rest = world.pipeline.rest
        token = world.pipeline.token
        assert rest.health().code == 200
        assert [rest.with_token(other).health().code for other in (None, "", f"{token}x")] == [401, 401, 401]
        rest.raw("POST", "/echo", json_body={"told": token})
        begun = rest.with_token(token).start({})
        assert rest.started == [begun.fields["session_id"]]
    assert token not in wire_of(world)
    assert "***" in wire_of(world)
