#!/usr/bin/env python3
"""A gateway for one machine that has no network: gateway.py --help

The machine connects to a Unix socket and writes lines of JSON; the gateway speaks for it as a device of the product.

    machine writes  {"telemetry": {"actualTemperature": 71.5}}
                    {"event": {"type": "error", "message": "No reading"}}
                    {"answer": "<commandId>", "status": "failed", "reason": "The valve is stuck"}
    gateway writes  {"commandId": "...", "command": "set-temp", "value": 72, ...}
                    {"refused": "why the last line was none of these"}
"""

import argparse
import json
import os
import pathlib
import socketserver
import sys
import threading
import time
import uuid
from collections import OrderedDict
from concurrent.futures import Future

from awscrt import mqtt
from awsiot import mqtt_connection_builder

QOS = mqtt.QoS.AT_LEAST_ONCE
# A command may come twice, and its answer may get lost; so many answers are kept to be given again.
KEPT_ANSWERS = 100
# Bytes of a line: what IoT Core takes as a message.
LONGEST = 128 * 1024


class Gateway:
    def __init__(self, serial: str, **connection):
        self.serial, self.machine, self.lock = serial, None, threading.Lock()
        self.answers = OrderedDict()
        # The session outlives the connection: commands that come in between are delivered when it is back.
        self.mqtt = mqtt_connection_builder.mtls_from_path(
            client_id=serial, clean_session=False, keep_alive_secs=60, **connection
        )

    def connect(self) -> None:
        """Until it is let in: the first connection of a new certificate is dropped. After that the SDK tries again
        by itself, and keeps what could not be sent in the meantime."""
        pause = 0.5
        while True:
            try:
                self.mqtt.connect().result()
                break
            except Exception as error:
                print(f"not let in yet: {error}", file=sys.stderr)
                time.sleep(pause)
                pause = min(pause * 2, 60)
        self.mqtt.subscribe(f"smartproduct/commands/{self.serial}", QOS, self.obey)[0].result()
        print("connected", file=sys.stderr)

    def publish(self, kind: str, message: dict) -> Future:
        return self.mqtt.publish(topic=f"smartproduct/{kind}", payload=json.dumps(message), qos=QOS)[0]

    def obey(self, topic: str, payload: bytes, **_) -> None:
        """Hands a command to the machine, once. Called on the SDK's thread, which must not wait."""
        command = json.loads(payload)
        with self.lock:
            answer = self.answers.get(command["commandId"])
            if answer:
                self.publish(f"commands/{self.serial}/response", answer)
            elif command["commandId"] not in self.answers:
                self.remember(command["commandId"], None)
                if not self.tell(command):
                    self.answer(command["commandId"], "failed", "The machine is not connected to its gateway")

    def tell(self, message: dict) -> bool:
        """Writes to the machine, if one is there."""
        try:
            if self.machine:
                self.machine.write(json.dumps(message).encode() + b"\n")
            return self.machine is not None
        except OSError:
            return False

    def answer(self, command: str, status: str, reason: str | None) -> None:
        answer = {"commandId": command, "status": status}
        if reason:
            answer["reason"] = reason
        self.remember(command, answer)
        self.publish(f"commands/{self.serial}/response", answer)

    def remember(self, command: str, answer: dict | None) -> None:
        self.answers[command] = answer
        while len(self.answers) > KEPT_ANSWERS:
            self.answers.popitem(last=False)

    def hear(self, line: bytes) -> None:
        """Takes a line of the machine's. What the machine says of time and id is kept; what it leaves out is added
        here, so that a message that waits for the connection still tells when it was made."""
        now = int(time.time() * 1000)
        match json.loads(line):
            case {"telemetry": dict(fields)}:
                self.publish(f"telemetry/{self.serial}", {"timestamp": now, **fields})
            case {"event": {"type": str()} as event}:
                self.publish(f"event/{self.serial}", {"messageId": str(uuid.uuid4()), "timestamp": now, **event})
            case {"answer": str(command), "status": "success" | "failed" as status, **more}:
                with self.lock:
                    self.answer(command, status, more.get("reason"))
            case _:
                raise ValueError("a line is an object with `telemetry`, `event` with a `type`, or `answer` and `status`")


def socket_server(path: str, gateway: Gateway) -> socketserver.UnixStreamServer:
    """One machine after the other: who connects while another is there has to wait."""

    class Machine(socketserver.StreamRequestHandler):
        def handle(self):
            with gateway.lock:
                gateway.machine = self.wfile
            try:
                while line := self.rfile.readline(LONGEST):
                    try:
                        gateway.hear(line)
                    except ValueError as error:
                        with gateway.lock:
                            gateway.tell({"refused": str(error)})
            except ConnectionError:
                pass
            finally:
                with gateway.lock:
                    gateway.machine = None

    # Who may connect speaks for the device.
    os.umask(0o177)
    return socketserver.UnixStreamServer(path, Machine)


def main() -> None:
    options = argparse.ArgumentParser(description="Speaks for one machine, which connects to a Unix socket.")
    options.add_argument("--serial", required=True, help="serial number of the device")
    options.add_argument("--dir", required=True, help="folder of its key and certificate, made by `simulator device`")
    options.add_argument("--socket", required=True, help="where the machine connects")
    options.add_argument("--endpoint", default=os.environ.get("IOT_ENDPOINT"), help="host name of the broker")
    options.add_argument("--port", type=int, default=int(os.environ.get("IOT_PORT", 8883)))
    options.add_argument("--root-ca", default=os.environ.get("IOT_ROOT_CA"), help="left out on AWS")
    given = options.parse_args()
    if not given.endpoint:
        options.error("--endpoint or IOT_ENDPOINT is needed: it is the stack's output `DeviceEndpoint`")
    # One that an earlier gateway has left: where a socket is, a gateway is ready.
    pathlib.Path(given.socket).unlink(missing_ok=True)
    files = os.path.join(given.dir, given.serial)
    gateway = Gateway(
        given.serial,
        endpoint=given.endpoint,
        port=given.port,
        ca_filepath=given.root_ca,
        cert_filepath=f"{files}.chain.crt",
        pri_key_filepath=f"{files}.key",
    )
    gateway.connect()
    with socket_server(given.socket, gateway) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
