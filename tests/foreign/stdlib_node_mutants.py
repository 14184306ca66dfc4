"""Programs that are wrong in one line: what to change in `stdlib_node.py` and `stdlib_board.py`, and which promise it breaks.

Each old text occurs exactly once in its file. `mutated(name)` gives the text of the program with that one change.
"""

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).parent

NODE = {
    # ---- starting
    "port_of_its_own": ("door = Door(port, node)", "door = Door(0, node)", "it does not answer on www_http_port"),
    "keeps_running": ("    node.stop.wait()\n", "    threading.Event().wait()\n", "SIGTERM does not end it"),
    "ready_without_port": (
        '"port": door.server_port, "make"',
        '"port": port, "make"',
        "port 0 is not reported as what it became",
    ),
    "new_id_each_start": ('self.id = known.get("id") or secrets', "self.id = secrets", "another device after a restart"),
    "one_id_for_all": ("or secrets.token_hex(8)", 'or "c0ffee0000000001"', "ids are not distinct by default"),
    "one_name_for_all": ('or f"openevse-{self.id[:6]}"', 'or "openevse"', "hostnames are not distinct by default"),
    "serial_stops_http": (
        "            raw = self.body()\n",
        "            raw = self.body()\n            while self.node.board.silent > 1:\n                time.sleep(0.1)\n",
        "a dead serial line stops HTTP",
    ),
    # ---- the board
    "deaf_to_the_pilot": ("pilot_state in WITH_CAR or bool(flags & CAR_SENSED)", "False", "no vehicle where the station sleeps"),
    "milliamperes": ("amp=max(0, milliamps) / 1000", "amp=max(0, milliamps)", "amp is not in amperes"),
    "pilot_in_milliamperes": (
        "pilot=0 if stopped else self.capacity,",
        "pilot=0 if stopped else self.capacity * 1000,",
        "nor pilot",
    ),
    "blind_to_checks": (
        "if hat and check != f",
        "if not hat or check != f",
        "a line without check is not accepted",
    ),
    "wrong_check_sent": (
        'return f"{text}^{reduce(xor, text.encode(), 0):02X}\\r"',
        'return f"{text}^00\\r"',
        "its lines have a wrong check",
    ),
    "never_wakes": (
        '            self.command("$FE")\n            did = True',
        "            did = True",
        "a station put to sleep never wakes",
    ),
    "never_sleeps": (
        '        self.hold("asleep", self.touched)\n        self.command("$FS")',
        '        self.hold("asleep", self.touched)',
        "0 A still flows",
    ),
    "local_pilot_wins": (
        "if self.capacity == amps or",
        "if self.touched or self.capacity == amps or",
        "only the first current is applied",
    ),
    "rounds_up": ("else math.floor(wish + 1e-6)", "else math.ceil(wish)", "more than was given is drawn"),
    "looks_once": (
        "            self.slow, self.clamped = 0.0, {}\n        if",
        "            self.slow, self.clamped = 0.0, {}\n            self.node.stop.wait(30)\n        if",
        "its status is half a minute old",
    ),
    # ---- REST
    "others_first": (
        "return list(self.node.group.listed())",
        "return list(self.node.group.listed())[::-1]",
        "the node itself is not first",
    ),
    "peers_in_an_object": (
        "lambda _: [entry for entry, _ in self.listed()]",
        'lambda _: {"peers": [entry for entry, _ in self.listed()]}',
        "the list is not a bare array",
    ),
    "error_key": (
        'self.reply(error.status, {"msg": str(error)})',
        'self.reply(error.status, {"error": str(error)})',
        "errors have no msg",
    ),
    "error_is_ok": ("self.reply(error.status, {", "self.reply(200, {", "errors have no 4xx code"),
    "adds_itself": (
        '        if self.is_local(host):\n            raise RefusedError(400, "Cannot',
        '        if not host:\n            raise RefusedError(400, "Cannot',
        "the local device can be added",
    ),
    "adds_anything": ("        if not is_host(host):\n", "        if not host:\n", "a host without domain or IP is added"),
    "adds_the_empty": ('raise RefusedError(400, "Host cannot be empty")', 'host = "nobody.example"', "an empty host is added"),
    "missing_host_unsaid": (
        "\"Missing required 'host' parameter\"",
        '"Host cannot be empty"',
        "a missing host has another error",
    ),
    "adds_twice": ("        if self.find(host) is not None:\n            return None\n", "", "a repeat makes a second entry"),
    "repeat_unsaid": ('return "already in group"', 'return "done"', "a repeat is not told from a first"),
    "case_matters": ("    host = host.strip().lower()\n", "    host = host.strip()\n", "hosts compare case-sensitively"),
    "nine_members": ("if len(self.members) + 1 >= FULL_GROUP", "if len(self.members) >= FULL_GROUP", "a ninth member is taken"),
    "full_and_silent": (
        'raise RefusedError(409, f"the group is full, {FULL_GROUP} is all it takes")',
        "return None",
        "one too many is silently dropped",
    ),
    "members_may_add": (
        "    def add(self, body):\n        self.member_only_listens()\n",
        "    def add(self, body):\n",
        "a member takes a local addition",
    ),
    "members_may_remove": (
        "mutual=True):\n        self.member_only_listens()\n",
        "mutual=True):\n",
        "a member takes a local removal",
    ),
    "one_way": (
        'if body.get("reciprocal", True) is not False:',
        'if body.get("reciprocal") == "yes":',
        "adding A on B does not add B on A",
    ),
    "tells_strangers": (
        'raise RefusedError(404, "Peer not found")',
        'raise RefusedError(404, ("Peer not found", self.node.request((cut(host)[0], cut(host)[1] or 80), "DELETE", "/"))[0])',
        "something is sent to a host that was never added",
    ),
    "delete_unknown": (
        'raise RefusedError(404, "Peer not found")',
        'raise RefusedError(400, "Peer not found")',
        "an unknown peer is no 404",
    ),
    "delete_nothing": (
        "self.save([each for each in self.members if each is not member])",
        "self.save(list(self.members))",
        "done, but it is still there",
    ),
    "delete_itself": (
        'raise RefusedError(400, "this device cannot',
        'raise RefusedError(404, "this device cannot',
        "removing itself is no 400",
    ),
    "percent_kept": (
        "host = urllib.parse.unquote(path.removeprefix",
        "host = str(path.removeprefix",
        "hosts are not percent-decoded",
    ),
    "delete_without_host": (
        "if host else {})",
        'if host else {path.rstrip("/"): lambda _: {"msg": "done"}})',
        "DELETE without a host is no 405",
    ),
    "forgets_removed": (
        "            sighting.removed = True\n",
        "            self.sightings.pop(sighting.name)\n",
        "a removed peer that mDNS still sees is not listed",
    ),
    "always_joined": (
        '"isLocal": False, "joined": False, "online": clock()',
        '"isLocal": False, "joined": True, "online": clock()',
        "who was only discovered is joined",
    ),
    "always_online": (
        "return clock() - heard < self.node.settings.now.heartbeat_timeout",
        "return heard > -math.inf",
        "a silent member stays online",
    ),
    "slow_discover": (
        "        self.node.radio.asked.set()\n",
        "        self.node.radio.asked.set()\n        time.sleep(2.5)\n",
        "discover does not answer at once",
    ),
    "deaf_discover": ("        self.node.radio.asked.set()\n", "", "a request discovers nothing"),
    "offline_uncounted": ('"offline_count": len(peers) - online,', '"offline_count": 0,', "offline members are not counted"),
    "status_without_members": (
        'if not entry["isLocal"] and member is None:',
        'if not entry["isLocal"]:',
        "the status has no members",
    ),
    "half_applied": (
        "                    after[key] = check(wanted[PREFIX + key])\n",
        "                    after[key] = check(wanted[PREFIX + key])\n                    setattr(self.now, key, after[key])\n",
        "a refused configuration is half applied",
    ),
    "version_stands": ("version = self.version + 1", "version = self.version", "config_version does not move"),
    "change_unsaid": ('"done" if done else "no change", "config', '"done", "config', "no change is not said"),
    "long_heartbeat": ("between(SHORTEST_HEARTBEAT, 600)", "between(0, 6000)", "a heartbeat time out of range is taken"),
    "generous_failsafe": (
        'if 0 < after["group_max_current"] < after["failsafe_safe_current"]:',
        "if False:",
        "a safe current above the group's is taken",
    ),
    "eighty_one": (
        '"failsafe_safe_current": (6, between(0, 80)),',
        '"failsafe_safe_current": (6, between(0, 800)),',
        "a safe current above 80 A is taken",
    ),
    "forgets_settings": (
        '            written(self.FILE, {"version": version,',
        '            str({"version": version,',
        "settings do not survive a restart",
    ),
    "forgets_group": ("        written(self.FILE, entries)\n", "", "the group does not survive a restart"),
    "corrupt_kills": (
        '    except (OSError, ValueError, RecursionError) as error:\n        log(f"{path}',
        '    except NotImplementedError as error:\n        log(f"{path}',
        "a corrupt file stops the start",
    ),
    "corrupt_unsaid": (
        '        log(f"{path} is corrupt, I start without it: {error}")\n',
        "        str(error)\n",
        "a corrupt file is passed over in silence",
    ),
    # ---- WebSocket
    "no_pong": ('talk.send({"pong": message["ping"]})', "pass", "a ping gets no pong"),
    "changes_whole": ("if key not in sent or sent[key] != value}", "}", "a change is told with everything else"),
    "tells_no_change": (
        "                if news:\n                    talk.send(news)\n",
        "                if news and not sent:\n                    talk.send(news)\n",
        "/ws is silent after its first word",
    ),
    "starts_empty": (
        "node, sent, edition = self.node, {}, None",
        "node, sent, edition = self.node, self.node.status(), None",
        "/ws does not begin with the whole status",
    ),
    # ---- mDNS
    "no_goodbye": (
        "                self.air.unregister_service(self.info)\n            self.air.close()",
        "                os._exit(0)\n            self.air.close()",
        "a clean stop says no goodbye",
    ),
    "deaf_to_goodbye": ("self.node.group.lost(name[: -len(SERVICE) - 1])", "str(name)", "a goodbye is not heard"),
    "sees_itself": (
        "        if sighting.id == self.node.id:\n",
        "        if sighting.name == self.node.hostname:\n",
        "it drops itself by name, not by id",
    ),
    "unnamed": ('"version": VERSION, "id": node.id, "ssl": "0"', '"version": VERSION, "ssl": "0"', "no id in the TXT record"),
    "wrong_port_in_air": (
        'f"{node.hostname}.{SERVICE}", port=node.port,',
        'f"{node.hostname}.{SERVICE}", port=80,',
        "mDNS has not the real web port",
    ),
    "one_of_many": (
        "        self.sightings[sighting.name] = sighting\n",
        "        self.sightings = {sighting.name: sighting}\n",
        "it sees some of the others, not all",
    ),
    # ---- load sharing
    "no_reserve": (
        "safety_factor - offline * now.failsafe_peer",
        "safety_factor - 0 * now.failsafe_peer",
        "nothing is reserved for who is offline",
    ),
    "no_safety": ("now.group_max_current * now.safety_factor -", "now.group_max_current -", "the safety factor does not count"),
    "no_disable": ('now.failsafe_mode == "disable" and offline > 0', "False", "disable mode goes on with somebody offline"),
    "connected_gets_none": ('else (float(each.least), "connected_min")', 'else (0.0, "idle")', "who is connected has no minimum"),
    "idle_gets_minimum": (
        'result[each.id] = (0.0, "idle")',
        'result[each.id] = (float(each.least), "idle")',
        "who does not ask gets something",
    ),
    "sleepers_forgotten": (
        "elif each.state == CHARGING or each.waits:",
        "elif each.state == CHARGING:",
        "who sleeps because of us never gets anything",
    ),
    "order_reversed": (
        "for priority in sorted({each.priority for each in asking}):",
        "for priority in sorted({each.priority for each in asking}, reverse=True):",
        "scarcity does not follow priority",
    ),
    "no_rotation": ("self.turn, self.credit = self.turn + 1, 0.0", "self.credit = 0.0", "equals are starved for ever"),
    "shares_scarcity": (
        '"min_subset") if fits else (0.0, "insufficient")',
        '"min_subset") if fits else (left / 100, "insufficient")',
        "less than a minimum is given",
    ),
    "greedy_first": (
        "low, high = (middle, high) if sum(at(middle)) <= pool else",
        "low, high = (middle, high) if max(at(middle)) <= pool else",
        "more than the budget is given",
    ),
    "unused_stays_unused": (
        "            member.slack = round(amp, 2)\n",
        "            member.slack = None\n",
        "what a car does not use goes to nobody",
    ),
    "result_without_offline": (
        "for name, (amps, why) in self.chief.result.items()]",
        'for name, (amps, why) in self.chief.result.items() if why != "offline"]',
        "an offline member is missing in the result",
    ),
    "no_push": (
        'return [(link, {"loadsharing": frame}) for',
        'return [(link, {"sharing": frame}) for',
        "members are told nothing",
    ),
    "pushes_changes_only": (
        "if basis == self.basis and now - self.computed < pace:",
        "if basis == self.basis:",
        "nothing is pushed where nothing changes: members lose heart",
    ),
    "anybody_may": ("or sender not in node.controller_addresses()", "", "a member takes allocations from anybody"),
    "nobody_may": ("or sender not in node.controller_addresses()", 'or sender != "0.0.0.0"', "a member takes no allocations"),
    "no_failsafe": (
        "                self.failsafe = True\n",
        "                self.failsafe = False\n",
        "a lost controller is never noticed",
    ),
    "failsafe_stays": (
        "            self.fed, self.failsafe = clock(), False\n",
        "            self.fed = clock()\n",
        "a fresh allocation does not release the failsafe",
    ),
    "safe_is_all": (
        'else (now.failsafe_safe_current, "failsafe")',
        'else ("free", "failsafe")',
        "the safe current is not applied",
    ),
    "disable_is_safe": (
        'return ("off", "failsafe") if',
        'return (now.failsafe_safe_current, "failsafe") if',
        "disable mode does not disable the member",
    ),
}

BOARD = {
    "check_unsent": (
        'return f"{text}^{reduce(xor, text.encode(), 0):02X}\\r".encode()',
        'return f"{text}\\r".encode()',
        "answers carry no check",
    ),
    "lower_case_check": (':02X}\\r".encode()', ':02x}\\r".encode()', "the check is in lower case"),
    "wrong_check_taken": (
        '                station.bad_checks += 1\n                return "$NK", None\n',
        "                station.bad_checks += 1\n",
        "a wrong check is accepted",
    ),
    "check_required": (
        "if check is not None and int(check, 16) !=",
        "if check is None or int(check, 16) !=",
        "a missing check is refused",
    ),
    "takes_anything": (
        "                if handler is None or len",
        '                if handler is None:\n                    return "$OK", None\n                if len',
        "unknown commands are OK",
    ),
    "decimal_state": ('return f"{station.state():02X}", lasted', 'return f"{station.state():d}", lasted', "the state is not hex"),
    "short_flags": (
        'f"{station.pilot_state():02X}", f"{station.flags():04X}"',
        'f"{station.pilot_state():02X}", f"{station.flags():X}"',
        "flags are not four digits",
    ),
    "amperes_for_milliamperes": (
        "return round(self.station.drawn() * 1000), round",
        "return round(self.station.drawn()), round",
        "$GG is not in mA",
    ),
    "volts_for_millivolts": ("round(VOLTS * 1000)", "round(VOLTS)", "$GG is not in mV"),
    "unclamped": ("self.amps = max(LEAST, min(MOST, amps))", "self.amps = amps", "$SC leaves the range"),
    "says_what_was_asked": (
        "        return (self.station.in_force(),)\n",
        "        return (amps,)\n",
        "$SC says what was asked, not what is in force",
    ),
    "ignores_current": ("        self.amps = max(LEAST, min(MOST, amps))\n", "", "$SC changes nothing"),
    "sleepless": ('self.station.mode = "asleep"', 'self.station.mode = "on"', "$FS does not put it to sleep"),
    "ever_enabled": (
        '    def do_fd(self):\n        self.station.mode = "disabled"',
        '    def do_fd(self):\n        self.station.mode = "on"',
        "$FD does not disable",
    ),
    "sleeps_for_ever": (
        '    def do_fe(self):\n        self.station.mode = "on"',
        "    def do_fe(self):\n        pass",
        "$FE does not enable",
    ),
    "asleep_for_disabled": ('return ASLEEP if self.mode == "asleep" else DISABLED', "return ASLEEP", "disabled shows as asleep"),
    "draws_asleep": (
        "if self.state() != CHARGING or offer < LEAST:",
        "if not self.asks or offer < LEAST:",
        "an asleep station draws",
    ),
    "draws_over_pilot": (
        "float(offer if self.appetite is None else min(offer, self.appetite))",
        "float(MOST if self.appetite is None else self.appetite)",
        "the car draws more than the pilot offers",
    ),
    "no_appetite": (
        "float(offer if self.appetite is None else min(offer, self.appetite))",
        "float(offer)",
        "direct_current changes nothing",
    ),
    "boots_in_silence": ('            self.tell(f"$AB 00 {FIRMWARE}")\n', "", "no $AB at boot"),
    "changes_in_silence": (
        '                self.tell(f"$AT {state:02X}',
        '                str(f"$AT {state:02X}',
        "no $AT at a change of state",
    ),
    "always_charging": ("return CHARGING if self.asks and self.soc < 100 else CAR", "return CHARGING", "connected is charging"),
    "never_full": ("if self.asks and self.soc < 100 else", "if self.asks else", "a full car goes on charging"),
    "wrong_fault": ('"gfci": 0x06', '"gfci": 0x07', "a ground fault is shown as another"),
    "draws_at_fault": ("        if self.fault:\n            return FAULTS[self.fault]\n", "", "a fault stops nothing"),
    "no_clear": (
        '"/api/errors/clear": lambda _: setattr(station, "fault", None),',
        '"/api/errors/clear": lambda _: None,',
        "a fault is never cleared",
    ),
    "faults_uncounted": ("            self.trips[name] += 1\n", "            pass\n", "$GF does not count"),
    "first_stays": (
        "                older, self.current = self.current, line\n",
        "                older, self.current = (None, line) if self.current is None else (line, self.current)\n",
        "the older connection stays, not the newest",
    ),
    "session_of_hours": (
        "return int(self.station.session / 3600), int(self.station.session)",
        "return int(self.station.session), int(self.station.session / 3600)",
        "$GU has Ws before Wh",
    ),
    "min_and_max_swapped": (
        "return LEAST, HARDWARE_MOST, self",
        "return HARDWARE_MOST, LEAST, self",
        "$GC has the maximum first",
    ),
    "degrees": ("warm = 250 + round(self.station.drawn() * 4)", "warm = 25", "temperatures are not in 0.1 C"),
    "heartbeat_ignored": ("return self.pulse > 0 and clock()", "return self.pulse < 0 and clock()", "$SY supervises nothing"),
    "status_is_away": ('if path == "/api/status":', 'if path == "/api/state":', "/api/status does not answer 200"),
    "seconds_since_boot": (
        "                self.shown, self.since = state, clock()\n",
        "                self.shown = state\n",
        "$GS does not count the seconds in the state",
    ),
}

MUTANTS = {
    **{f"node_{name}": mutant for name, mutant in NODE.items()},
    **{f"board_{name}": mutant for name, mutant in BOARD.items()},
}
"""name: (old text, new text, what it breaks)"""


def program(name: str) -> Path:
    """The program that the mutant of this name is made of."""
    return HERE / ("stdlib_node.py" if name.startswith("node_") else "stdlib_board.py")


def mutated(name: str) -> str:
    """The text of the program with this one change. ValueError: the old text does not occur exactly once."""
    old, new, _ = MUTANTS[name]
    text = program(name).read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise ValueError(f"{name}: {old!r} occurs {text.count(old)} times in {program(name).name}")
    return text.replace(old, new)


def faults() -> list[str]:
    """What is wrong with this list: mutants that do not apply, change nothing or do not compile."""
    wrong = []
    for name, (old, new, _) in MUTANTS.items():
        try:
            compile(mutated(name), name, "exec")
        except (ValueError, SyntaxError) as error:
            wrong.append(f"{name}: {error}")
        if old == new:
            wrong.append(f"{name}: changes nothing")
    return wrong


def main() -> int:
    """Print a mutant's program, or check the list."""
    parser = argparse.ArgumentParser(description="The program of a mutant on stdout; without a name, a check of the list.")
    parser.add_argument("name", nargs="?", choices=sorted(MUTANTS), metavar="NAME")
    name = parser.parse_args().name
    if name is not None:
        sys.stdout.write(mutated(name))
        return 0
    wrong = faults()
    print("\n".join([*wrong, f"{len(NODE)} of the node, {len(BOARD)} of the board, {len(wrong)} wrong"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
