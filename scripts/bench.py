"""Runs the functions' binaries under a Lambda Runtime API of its own, with a proxy
that counts their calls to AWS in front of the local cloud. Called by scripts/bench.

A binary is measured as Lambda runs it: a process that asks for its next event. So
nothing but the binary's own work is in its CPU time; waiting times include the
emulator, and say something only beside each other.
"""

import base64
import datetime
import http.client
import io
import json
import os
import queue
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid
import zipfile
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import botocore.session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

STACK, OUTPUTS_FILE, ASSETS, HELLO = sys.argv[1:]
OUTPUTS = json.load(open(OUTPUTS_FILE))[STACK]
ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
REGION = os.environ["AWS_REGION"]
STARTS = 7  # of which the median is shown
WARM_UP, WARM = 20, 200  # calls of one process before and while it is measured

# What each operation may call at most, from the contract of the API.
BUDGET = {
    "registration: list": 1,
    "registration: create": 3,
    "event: of the user": 1,
    "event: of a device": 2,
    "event: alerts": 2,
    "event: alerts count": 2,
    "admin: setting": 1,
    "event-proxy: an event": 3,
    "alert: an alert": 4,
}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


class Proxy(Handler):
    """Hands calls on to the local cloud and counts them. What is meant for the alert
    function is kept instead, so that the benchmark can hand it over itself."""

    calls = []
    alert_requests = []

    def forward(self):
        body = self.body()
        Proxy.calls.append(self.name(body))
        if "/invocations" in self.path:
            Proxy.alert_requests.append(json.loads(body))
            return self.answer(202)
        # To sign is to name the host, so the emulator must see the one that was signed.
        upstream = http.client.HTTPConnection(urllib.parse.urlsplit(ENDPOINT).netloc)
        upstream.request(self.command, self.path, body, dict(self.headers))
        response = upstream.getresponse()
        content = response.read()
        kept = [it for it in response.getheaders() if it[0].lower() in ("content-type", "x-amzn-errortype", "x-amz-crc32")]
        self.answer(response.status, content, kept)
        upstream.close()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = forward

    def name(self, body):
        if target := self.headers.get("X-Amz-Target"):
            return target.rsplit(".")[-1]
        if body.startswith(b"Action="):
            return urllib.parse.parse_qs(body.decode())["Action"][0]
        if "/invocations" in self.path:
            return "Invoke"
        return f"{self.command} {self.path.split('?')[0].split('/')[1]}"


class RuntimeApi(Handler):
    """The one endpoint that a custom runtime needs: next event, response, error."""

    def do_GET(self):
        request_id, event = self.server.events.get()
        self.server.handed = time.perf_counter()
        self.answer(200, event, [
            ("Lambda-Runtime-Aws-Request-Id", request_id),
            ("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 15_000)),
            ("Lambda-Runtime-Invoked-Function-Arn", f"arn:aws:lambda:{REGION}:000000000000:function:bench"),
            ("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000"),
        ])

    def do_POST(self):
        body = self.body()
        answered = time.perf_counter()
        self.server.answers.put((self.path.rsplit("/")[-1], body, answered))
        self.answer(202)


class Function:
    """One process of a binary."""

    def __init__(self, binary, service):
        self.api = Server(RuntimeApi)
        self.api.events, self.api.answers = queue.Queue(), queue.Queue()
        self.binary = binary
        self.environment = {
            "AWS_LAMBDA_RUNTIME_API": self.api.address,
            "AWS_LAMBDA_FUNCTION_NAME": f"{STACK}-{service}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_LOG_GROUP_NAME": "bench",
            "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
            "AWS_ENDPOINT_URL": f"http://{PROXY.address}",
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": os.environ["AWS_ACCESS_KEY_ID"],
            "AWS_SECRET_ACCESS_KEY": os.environ["AWS_SECRET_ACCESS_KEY"],
            **VARIABLES,
        }

    def start(self):
        self.started = time.perf_counter()
        self.process = subprocess.Popen([self.binary], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def call(self, event):
        """Hands an event over; returns the answer and the seconds from hand-over and from start."""
        self.api.events.put((str(uuid.uuid4()), json.dumps(event).encode()))
        kind, body, answered = self.api.answers.get(timeout=15)
        if kind != "response":
            raise SystemExit(f"{self.binary} failed: {body.decode()}")
        answer = json.loads(body)
        if isinstance(answer, dict) and answer.get("statusCode", 200) != 200:
            raise SystemExit(f"{self.binary} answered {answer['body']}")
        return answer, answered - self.api.handed, answered - self.started

    def cpu_seconds(self):
        return int(open(f"/proc/{self.process.pid}/schedstat").read().split()[0]) / 1e9

    def peak_mb(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.api.shutdown()
        self.api.server_close()


def measure(title, binary, service, events):
    """Prints one line: `events` makes the events of one operation."""
    starts = []
    for _ in range(STARTS):
        function, event = Function(binary, service), next(events)
        function.start()
        starts.append(function.call(event)[2])
        function.stop()
    function = Function(binary, service)
    function.start()
    for _ in range(WARM_UP):
        function.call(next(events))
    Proxy.calls.clear()
    before, times = function.cpu_seconds(), []
    for _ in range(WARM):
        times.append(function.call(next(events))[1])
    cpu = (function.cpu_seconds() - before) / WARM
    calls, memory = Counter(Proxy.calls), function.peak_mb()
    function.stop()

    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.write(binary, "bootstrap")
    start = statistics.median(starts) * 1e3
    FLOOR.setdefault("start", start)
    each = sum(calls.values()) / WARM
    budget = BUDGET.get(title)
    names = ", ".join(f"{name} {count / WARM:.2g}" for name, count in sorted(calls.items()))
    print(
        f"{title:<24}{start:8.1f}{start / FLOOR['start']:7.1f}x{cpu * 1e3:9.2f}{statistics.median(times) * 1e3:9.1f}"
        f"{memory:9.1f}{len(zipped.getvalue()) / 1e6:8.2f}{each:7.2g}{'' if budget is None else f' of {budget}':<6} {names}",
        flush=True,
    )


def api_event(route, user, path_parameters=None, query="", body=None):
    method, path = route.split(" ")
    return {
        "version": "2.0", "routeKey": route, "rawPath": path, "rawQueryString": query, "headers": {},
        "pathParameters": path_parameters or {}, "body": None if body is None else json.dumps(body), "isBase64Encoded": False,
        "requestContext": {
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "bench"},
            "authorizer": {"jwt": {"claims": {"sub": user, "token_use": "id"}, "scopes": None}},
        },
    }


def forever(event):
    while True:
        yield event() if callable(event) else event


def client(service):
    return botocore.session.get_session().create_client(service, region_name=REGION, endpoint_url=ENDPOINT)


def add_product(serial):
    DYNAMODB.put_item(TableName=f"{STACK}-Reference", Item={
        "deviceId": {"S": serial}, "modelNumber": {"S": "bench-1"}, "details": {"M": {}},
    })


def new_registration(user):
    """A new product each time, and the request that registers it."""
    serial = f"B-{uuid.uuid4()}"
    add_product(serial)
    return api_event("POST /registration", user, body={"deviceId": serial, "deviceName": "Bench", "modelNumber": "bench-1"})


def device_message(serial):
    payload = json.dumps({"messageId": str(uuid.uuid4()), "type": "error", "message": "bench", "value": 1})
    return {
        "payload": base64.b64encode(payload.encode()).decode(), "deviceId": serial,
        "receivedAt": int(time.time() * 1000),
    }


def awaited_certificate(registration, user):
    """A registered device's certificate that has not been let in yet."""
    event = new_registration(user)
    registration.call(event)
    serial = json.loads(event["body"])["deviceId"]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, serial)])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(KEY.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1)).sign(KEY, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    made = client_iot.register_certificate_without_ca(certificatePem=pem, status="ACTIVE")
    return {"certificateId": made["certificateId"]}


def main():
    user = str(uuid.uuid4())
    binary = lambda service: os.path.join(ASSETS, service, "bootstrap")

    registration = Function(binary("registration"), "registration")
    registration.start()
    event = new_registration(user)
    registration.call(event)
    serial = json.loads(event["body"])["deviceId"]
    proxy = Function(binary("event-proxy"), "event-proxy")
    proxy.start()
    for _ in range(25):
        proxy.call(device_message(serial))

    def alert_request():
        # Each alert is sent once, so each call needs an event of its own.
        proxy.call(device_message(serial))
        return Proxy.alert_requests.pop()

    def alerts():
        while True:
            # The calls of event-proxy for the next event do not count here.
            counted = len(Proxy.calls)
            request = alert_request()
            del Proxy.calls[counted:]
            yield request

    def certificates():
        while True:
            counted = len(Proxy.calls)
            event = awaited_certificate(registration, user)
            del Proxy.calls[counted:]
            yield event

    print(f"{'':<24}{'start':>8}{'':>8}{'CPU':>9}{'time':>9}{'memory':>9}{'zip':>8}  AWS calls of a warm call")
    print(f"{'':<24}{'ms':>8}{'hello':>8}{'ms':>9}{'ms':>9}{'MB':>9}{'MB':>8}")
    measure("hello: nothing", HELLO, "hello", forever({}))
    measure("jitr: let a device in", binary("jitr"), "jitr", certificates())
    measure("event-proxy: an event", binary("event-proxy"), "event-proxy", forever(lambda: device_message(serial)))
    measure("alert: an alert", binary("alert"), "alert", alerts())
    measure("registration: list", binary("registration"), "registration", forever(api_event("GET /registration", user, query="limit=20")))
    measure("registration: create", binary("registration"), "registration", forever(lambda: new_registration(user)))
    for title, event in {
        "event: of the user": api_event("GET /devices/events", user),
        "event: of a device": api_event("GET /devices/{deviceId}/events", user, {"deviceId": serial}),
        "event: alerts": api_event("GET /devices/alerts", user),
        "event: alerts count": api_event("GET /devices/alerts/count", user),
    }.items():
        measure(title, binary("event"), "event", forever(event))
    measure("admin: setting", binary("admin"), "admin", forever(api_event("GET /settings/config/{settingId}", user, {"settingId": user})))
    for function in (registration, proxy):
        function.stop()


VARIABLES = {
    "ALERT_FUNCTION": f"{STACK}-alert",
    "ALERT_TOPIC_ARN": OUTPUTS["AlertTopicArn"],
    "CA_CERTIFICATE_IDS": "",
    "DEVICE_POLICY": f"{STACK}-Device",
    "EVENTS_TABLE": f"{STACK}-Events",
    "REFERENCE_TABLE": f"{STACK}-Reference",
    "REGISTRATIONS_TABLE": f"{STACK}-Registrations",
    "REJECTED_QUEUE_URL": OUTPUTS["RejectedQueueUrl"],
    "SETTINGS_TABLE": f"{STACK}-Settings",
    "THING_TYPE": f"{STACK}-SmartProduct",
    "USER_POOL_ID": OUTPUTS["UserPoolId"],
}
FLOOR = {}
KEY = ec.generate_private_key(ec.SECP256R1())
DYNAMODB, client_iot = client("dynamodb"), client("iot")
PROXY = Server(Proxy)
main()
