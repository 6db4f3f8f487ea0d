#!/usr/bin/env python3
"""A thermostat without a network, for trying out the gateway: machine.py SOCKET [SECONDS]

It measures every SECONDS (5), reports an event when it starts, and does what it is told. It knows lines of JSON only.
"""

import json
import socket
import sys
import threading


def main(path: str, seconds: str = "5") -> None:
    state = {"actualTemperature": 68.5, "targetTemperature": 70.0, "powerStatus": "OFF"}
    line = socket.socket(socket.AF_UNIX)
    line.connect(path)
    ended = threading.Event()

    def say(message: dict) -> None:
        line.sendall(json.dumps(message).encode() + b"\n")

    def measure() -> None:
        while True:
            say({"telemetry": state})
            if ended.wait(float(seconds)):
                return

    say({"event": {"type": "info", "message": "The thermostat has started"}})
    threading.Thread(target=measure, daemon=True).start()
    for heard in line.makefile():
        message = json.loads(heard)
        match message:
            case {"command": "set-temp", "value": degrees}:
                state["targetTemperature"] = degrees
            case {"command": "set-mode", "value": mode}:
                state["powerStatus"] = mode
            case {"command": command}:
                say({"answer": message["commandId"], "status": "failed", "reason": f"I do not know `{command}`"})
                continue
            case _:
                print(heard, end="", file=sys.stderr)
                continue
        say({"answer": message["commandId"], "status": "success"})
    ended.set()


if __name__ == "__main__":
    main(*sys.argv[1:])
