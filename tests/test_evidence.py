import base64
import json
import math
import threading
import urllib.parse
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.kit.evidence import Evidence, Number, Redactor

SECRET = 'p4ss "wörd"/+\\~ 灯💡\n'


def redactor(*secrets: str) -> Redactor:
    made = Redactor()
    for secret in secrets:
        made.add(secret)
    return made


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    return Evidence(tmp_path / "toggle" / "TGL-01", redactor(SECRET, "canary-token"))


def forms(secret: str) -> dict[str, str]:
    raw = secret.encode()
    once = json.dumps(secret)[1:-1]
    return {
        "plain": secret,
        "json": once,
        "json, other letters kept": json.dumps(secret, ensure_ascii=False)[1:-1],
        "json in json": json.dumps(once)[1:-1],
        "json with an escaped slash": once.replace("/", "\\/"),
        "percent": urllib.parse.quote(secret, safe=""),
        "percent, lower case": urllib.parse.quote(secret, safe="").replace("%2F", "%2f").replace("%5C", "%5c"),
        "percent, slash kept": urllib.parse.quote(secret),
        "form": urllib.parse.quote_plus(secret),
        "base64": base64.b64encode(raw).decode(),
        "base64 for urls": base64.urlsafe_b64encode(raw).decode(),
        "base64 without padding": base64.urlsafe_b64encode(raw).decode().rstrip("="),
        "hex": raw.hex(),
        "hex, upper case": raw.hex().upper(),
        "hex, spaced": raw.hex(" "),
        "hex, with colons": raw.hex(":"),
    }


@pytest.mark.parametrize("form", forms(SECRET))
@pytest.mark.parametrize("secret", [SECRET, "abcd", "tok_1234567", "a/b+c=d?"])
def test_a_secret_is_replaced_in_every_form(secret: str, form: str) -> None:
    text = forms(secret)[form]
    assert redactor(secret).apply(f"before {text} after".encode()) == b"before *** after"


@pytest.mark.parametrize("user", ["u", "us", "use", "user"])
def test_a_secret_inside_base64_of_more_is_cut_out(user: str) -> None:
    header = base64.b64encode(f"{user}:open-sesame!x".encode())
    clean = redactor("open-sesame").apply(header)
    assert b"***" in clean
    assert len(clean.replace(b"***", b"")) <= len(header) - 4 * len("open-sesame") // 3 + 1


def test_other_data_stays_as_it_is() -> None:
    data = bytes(range(256)) * 4
    assert redactor("canary-token").apply(data) == data
    assert Redactor().apply(data) == data


def test_of_two_secrets_that_begin_alike_nothing_stays() -> None:
    assert redactor("token", "token-long").apply(b"token-long token") == b"*** ***"


@pytest.mark.parametrize("secret", ["", "abc"])
def test_a_secret_that_is_too_short_is_refused(secret: str) -> None:
    made = Redactor()
    with pytest.raises(ValueError, match="4 characters"):
        made.add(secret)
    assert made.apply(b"abc") == b"abc"


@given(st.text(st.characters(codec="utf-8"), min_size=4, max_size=12))
def test_of_any_secret_nothing_stays(secret: str) -> None:
    apply = redactor(secret).apply
    for name, form in forms(secret).items():
        assert apply(form.encode()).strip(b"*") == b"", name


def test_a_long_run_of_backslashes_takes_no_time() -> None:
    data = b"\\" * 2_000 + b"x"
    assert redactor("\\\\\\\\q").apply(data) == data


def test_the_folder_is_made_and_an_attachment_lies_in_it(evidence: Evidence, tmp_path: Path) -> None:
    path = evidence.attach("metrics-before.txt", "up 1\n")
    assert path == tmp_path / "toggle" / "TGL-01" / "metrics-before.txt"
    assert path.read_text() == "up 1\n"
    assert evidence.media_type(path) == "text/plain"


def test_bytes_keep_their_bytes_and_their_media_type(evidence: Evidence) -> None:
    data = bytes(range(256))
    path = evidence.attach("tone.wav", data, "audio/wav")
    assert path.read_bytes() == data
    assert evidence.media_type(path) == "audio/wav"


def test_an_attachment_is_redacted(evidence: Evidence) -> None:
    assert evidence.attach("a.json", json.dumps({"t": SECRET})).read_text() == '{"t": "***"}'
    assert evidence.attach("b.bin", b"\0canary-token\xff").read_bytes() == b"\0***\xff"


def test_text_that_is_no_unicode_is_attached_all_the_same(evidence: Evidence) -> None:
    assert evidence.attach("odd.txt", "\udc80 x").read_text() == "\\udc80 x"


def test_repeated_names_are_numbered(evidence: Evidence) -> None:
    names = [evidence.attach("hub.tar.gz", str(count)).name for count in range(3)]
    assert names == ["hub.tar.gz", "hub.tar-2.gz", "hub.tar-3.gz"]
    assert [path.read_text() for path in evidence.files()] == ["1", "2", "0"]
    assert evidence.attach("notes", "x").name == "notes"
    assert evidence.attach("notes", "x").name == "notes-2"


BAD_NAMES = ["", ".", "..", "../x", "/etc/x", "a/b", "a\\b", "..\\x", ".hidden", "a\0b"]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_lead_elsewhere_are_refused(evidence: Evidence, name: str, tmp_path: Path) -> None:
    for use in (lambda: evidence.attach(name, "x"), lambda: evidence.open_wire(name), lambda: evidence.log_path(name)):
        with pytest.raises(ValueError, match="not a plain file name"):
            use()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_link_in_the_folder_is_not_followed(evidence: Evidence, tmp_path: Path) -> None:
    (evidence.folder / "a.txt").symlink_to(tmp_path / "outside.txt")
    assert evidence.attach("a.txt", "x").name == "a-2.txt"
    assert not (tmp_path / "outside.txt").exists()


def test_several_threads_get_a_name_each(evidence: Evidence) -> None:
    threads = [threading.Thread(target=lambda n=n: [evidence.attach("a.txt", f"{n} {k}") for k in range(25)]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {path.read_text() for path in evidence.files()} == {f"{n} {k}" for n in range(4) for k in range(25)}


def test_a_wire_is_redacted_as_it_is_written_and_closed_with_the_evidence(evidence: Evidence) -> None:
    wire = evidence.open_wire()
    wire.frame("hub", "bulb", b"canary-token", connection=1)
    assert json.loads((evidence.folder / "wire.jsonl").read_text())["text"] == "***"
    assert evidence.open_wire().path.name == "wire-2.jsonl"
    evidence.close()
    with pytest.raises(ValueError, match="closed"):
        wire.event("hub", "late")


def test_a_process_log_keeps_its_path_and_is_redacted_at_the_end(evidence: Evidence) -> None:
    path = evidence.log_path("hub.log")
    assert evidence.log_path("hub.log") == path
    path.write_bytes(b"got \xff canary-token\n")
    other = evidence.log_path("bulb.log")
    other.write_text("nothing secret\n")
    before = other.stat().st_mtime_ns
    evidence.close()
    assert path.read_bytes() == b"got \xff ***\n"
    assert other.stat().st_mtime_ns == before
    evidence.close()


def test_a_log_and_an_attachment_do_not_share_a_name(evidence: Evidence) -> None:
    log = evidence.log_path("hub.log")
    assert evidence.attach("hub.log", "x").name == "hub-2.log"
    assert log.read_text() == ""
    assert log in evidence.files()


def test_numbers_are_kept_in_order(evidence: Evidence) -> None:
    evidence.number("round trip", 1.5, "ms")
    evidence.number("attempts", 2, "")
    assert evidence.numbers == [Number("round trip", 1.5, "ms"), Number("attempts", 2.0, "")]
    evidence.numbers.clear()
    assert len(evidence.numbers) == 2


def test_warnings_are_kept_in_order(evidence: Evidence) -> None:
    evidence.warn("p95 is over")
    evidence.warn("p99 too")
    assert evidence.warnings == ["p95 is over", "p99 too"]


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_that_is_none_is_refused(evidence: Evidence, value: float) -> None:
    with pytest.raises(ValueError, match="round trip"):
        evidence.number("round trip", value, "ms")


def test_files_are_sorted_and_only_files(evidence: Evidence) -> None:
    (evidence.folder / "sub").mkdir()
    (evidence.folder / "sub" / "deep.txt").write_text("x")
    evidence.attach("z.txt", "x")
    evidence.attach("a.txt", "x")
    assert [path.name for path in evidence.files()] == ["a.txt", "deep.txt", "z.txt"]


def test_a_secret_that_is_told_later_is_cut_out_from_then_on(evidence: Evidence) -> None:
    before, wire = evidence.attach("before.txt", "late-secret"), evidence.open_wire()
    evidence.hide("late-secret")
    assert evidence.attach("after.txt", "late-secret").read_text() == "***"
    wire.frame("client", "gateway", b"late-secret", connection=1)
    assert json.loads((evidence.folder / "wire.jsonl").read_text())["text"] == "***"
    assert before.read_text() == "late-secret"
    with pytest.raises(ValueError, match="4 characters"):
        evidence.hide("abc")


def test_a_log_keeps_a_secret_until_the_evidence_is_closed(evidence: Evidence) -> None:
    log = evidence.log_path("gateway.log")
    log.write_text("late-secret, said early\n")
    evidence.hide("late-secret")
    assert log.read_text() == "late-secret, said early\n"
    evidence.close()
    assert log.read_text() == "***, said early\n"
