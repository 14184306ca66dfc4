#!/bin/sh
# An older hub behind a shell script, as they are found in the field: a new message id for each attempt, any byte is success,
# no metrics, no log. older_hub.sh STATE HOST PORT ID ATTEMPTS
"${PYTHON:-python3}" - "$@" <<'PY'
import json, random, secrets, socket, struct, sys, time

state, host, port, device, attempts = sys.argv[1:]
if state not in ("on", "off") or not port.isdigit() or not 1 <= int(port) <= 65535 or not attempts.isdigit() or attempts == "0":
    sys.stderr.write("usage: older_hub STATE HOST PORT ID ATTEMPTS\nsomething is wrong with these\n")
    sys.exit(2)
for attempt in range(int(attempts)):
    if attempt:
        time.sleep(0.1 * 2 ** (attempt - 1) + random.random() * 0.1)
    text = json.dumps({"opcode": "toggle", "device_id": device, "msg_id": secrets.token_hex(8), "state": state == "on"})
    try:
        with socket.create_connection((host, int(port)), 0.3) as connection:
            connection.settimeout(0.6)
            connection.sendall(struct.pack(">2sBI", b"\xf0\x0d", 1, len(text)) + text.encode())
            connection.shutdown(socket.SHUT_WR)
            if connection.recv(1):
                sys.exit(0)
    except OSError:
        pass
sys.exit(1)
PY
