#!/usr/bin/env python3
"""A device on AWS's own device SDK, for e2e/device_sdk.rs: sdk_device.py MQTT ENDPOINT PORT ROOT_CA CERT KEY SERIAL OTHER

MQTT is 3 or 5; OTHER is a device that is not this one. It speaks as the device contract says and prints a JSON object
for each step, in this order:

- `connected`, as soon as it was let in
- `shadow`: the error code of a shadow that does not exist yet, and what it reads after it has reported
- `commands`, when its command topic is subscribed: from now on it answers `success`
- `command` and `delta`, in any order: what it got, after it has answered and reported
- `refused`: what became of a publish as OTHER and of subscriptions to what OTHER receives
"""

import json
import queue
import sys
import threading
import time
import uuid

from awscrt import mqtt, mqtt5
from awsiot import iotshadow, mqtt5_client_builder, mqtt_connection_builder

# Seconds: long beside a round trip, short beside the test's own patience.
PATIENCE = 30
COMMANDS, EVENT = "smartproduct/commands", "smartproduct/event"


def say(step: str, **fields) -> None:
    print(json.dumps({"step": step, **fields}), flush=True)


class Three:
    """MQTT 3.1.1."""

    qos = mqtt.QoS.AT_LEAST_ONCE

    def __init__(self, client_id: str, **settings):
        self.lost = threading.Event()
        self.client = mqtt_connection_builder.mtls_from_path(
            client_id=client_id,
            clean_session=False,
            on_connection_interrupted=lambda **_: self.lost.set(),
            **settings,
        )

    def connect(self) -> None:
        # The first connection of a device is dropped; this client does not try again by itself until it was let in.
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self.client.connect().result(PATIENCE)
                return
            except Exception:
                if time.monotonic() > end:
                    raise
                time.sleep(0.5)

    def subscribe(self, topic: str, callback) -> str:
        heard = lambda topic, payload, **_: callback(payload)
        return self.outcome(lambda: self.client.subscribe(topic, self.qos, heard)[0], "granted")

    def publish(self, topic: str, payload: str) -> str:
        return self.outcome(lambda: self.client.publish(topic, payload, self.qos)[0], "accepted")

    def outcome(self, begin, good: str) -> str:
        """What is not answered this client tries for ever, again each time it is back."""
        self.lost.clear()
        future = begin()
        end = time.monotonic() + PATIENCE
        while not future.done() and time.monotonic() < end:
            if self.lost.wait(0.02):
                return "dropped"
        if not future.done():
            return "no answer"
        return type(future.exception()).__name__ if future.exception() else good

    def end(self) -> None:
        self.client.disconnect()


class Five:
    """MQTT 5."""

    qos = mqtt5.QoS.AT_LEAST_ONCE

    def __init__(self, client_id: str, **settings):
        self.connected, self.callbacks = threading.Event(), {}
        self.client = mqtt5_client_builder.mtls_from_path(
            client_id=client_id,
            min_reconnect_delay_ms=250,
            max_reconnect_delay_ms=1000,
            on_lifecycle_connection_success=lambda _: self.connected.set(),
            on_publish_received=self.heard,
            **settings,
        )

    def heard(self, data: mqtt5.PublishReceivedData) -> None:
        packet = data.publish_packet
        if packet.topic in self.callbacks:
            self.callbacks[packet.topic](packet.payload)

    def connect(self) -> None:
        self.client.start()
        if not self.connected.wait(PATIENCE):
            raise TimeoutError("not let in")

    def subscribe(self, topic: str, callback) -> str:
        self.callbacks[topic] = callback
        packet = mqtt5.SubscribePacket(subscriptions=[mqtt5.Subscription(topic_filter=topic, qos=self.qos)])
        code = int(self.client.subscribe(packet).result(PATIENCE).reason_codes[0])
        return "granted" if code <= 2 else str(code)

    def publish(self, topic: str, payload: str) -> str:
        packet = mqtt5.PublishPacket(topic=topic, payload=payload, qos=self.qos)
        code = int(self.client.publish(packet).result(PATIENCE).puback.reason_code)
        return "accepted" if code == 0 else str(code)

    def end(self) -> None:
        self.client.stop()


class Shadow:
    """The classic shadow, by the SDK's own client of the service."""

    def __init__(self, client, serial: str, on_delta):
        self.client, self.serial, self.answers = iotshadow.IotShadowClient(client.client), serial, queue.Queue()
        qos, answered = mqtt.QoS.AT_LEAST_ONCE, self.answers.put
        get = iotshadow.GetShadowSubscriptionRequest(thing_name=serial)
        update = iotshadow.UpdateShadowSubscriptionRequest(thing_name=serial)
        delta = iotshadow.ShadowDeltaUpdatedSubscriptionRequest(thing_name=serial)
        subscribed = [
            self.client.subscribe_to_get_shadow_accepted(get, qos, answered),
            self.client.subscribe_to_get_shadow_rejected(get, qos, answered),
            self.client.subscribe_to_update_shadow_accepted(update, qos, answered),
            self.client.subscribe_to_update_shadow_rejected(update, qos, answered),
            self.client.subscribe_to_shadow_delta_updated_events(delta, qos, lambda it: on_delta(it.state)),
        ]
        for future, _ in subscribed:
            future.result(PATIENCE)

    def get(self):
        return self.ask(self.client.publish_get_shadow, iotshadow.GetShadowRequest(thing_name=self.serial))

    def report(self, reported: dict):
        request = iotshadow.UpdateShadowRequest(
            thing_name=self.serial, state=iotshadow.ShadowState(reported=reported)
        )
        return self.ask(self.client.publish_update_shadow, request)

    def ask(self, publish, request):
        """The answer to this request: others' updates of the shadow are told on the same topics."""
        request.client_token = str(uuid.uuid4())
        publish(request, mqtt.QoS.AT_LEAST_ONCE).result(PATIENCE)
        while True:
            answer = self.answers.get(timeout=PATIENCE)
            if answer.client_token == request.client_token:
                return answer


def main(version: str, endpoint: str, port: str, root_ca: str, cert: str, key: str, serial: str, other: str) -> None:
    files = {"ca_filepath": root_ca, "cert_filepath": cert, "pri_key_filepath": key}
    settings = {"endpoint": endpoint, "port": int(port), **files}
    device = {"3": Three, "5": Five}[version](serial, **settings)
    device.connect()
    say("connected")

    # Callbacks come on the SDK's own thread, which must not wait for an answer.
    todo: queue.Queue = queue.Queue()
    shadow = Shadow(device, serial, lambda state: todo.put(("delta", state)))
    missing = shadow.get()
    shadow.report({"targetTemperature": 68, "powerStatus": "OFF"})
    say("shadow", missing=getattr(missing, "code", None), reported=shadow.get().state.reported)

    granted = device.subscribe(f"{COMMANDS}/{serial}", lambda payload: todo.put(("command", json.loads(payload))))
    say("commands", subscription=granted)
    waiting = {"command", "delta"}
    while waiting:
        step, message = todo.get(timeout=PATIENCE)
        if step == "command":
            answer = json.dumps({"commandId": message["commandId"], "status": "success"})
            outcome = device.publish(f"{COMMANDS}/{serial}/response", answer)
        else:
            outcome = type(shadow.report(message)).__name__
        say(step, message=message, outcome=outcome)
        waiting.discard(step)

    subscribed = device.subscribe(f"{COMMANDS}/{other}", lambda _: say("overheard"))
    if isinstance(device, Three):
        # It would try the subscription again, and meet the publish with it.
        device.end()
        device = Three(serial, **settings)
        device.connect()
    event = json.dumps({"type": "error", "messageId": "not-mine"})
    say("refused", subscribe=subscribed, publish=device.publish(f"{EVENT}/{other}", event))
    device.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
