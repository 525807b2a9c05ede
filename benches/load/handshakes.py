#!/usr/bin/env python3
"""What does a visitor's TLS cost, and does it matter how many certificates there are?

CPU time of the server for a full handshake and for a resumed one (TLS 1.3, ECDSA P-256, one request each), beside nginx in the same
run, turn by turn; for a handshake whose certificate is only in the store; then with many certificates in Redis: time to the first
byte after a start, resident bytes, and handshakes over a working set of names.

    cargo build --release && benches/load/handshakes.py [target/release/cirque] [certificates]

Needs redis-server and nginx (`make setup-bench`) and python3-cryptography.
"""

import base64
import datetime
import json
import os
import re
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

BINARY = sys.argv[1] if len(sys.argv) > 1 else "target/release/cirque"
CERTIFICATES = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
ROUNDS = 6
HANDSHAKES = 600
WORKING_SET = 1_000
SECRET = b"0123456789" * 3 + b"01"


def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


def certificate(names):
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


def sealed(key_id, place, text):
    nonce = os.urandom(12)
    box = AESGCM(SECRET).encrypt(nonce, text.encode(), place.encode())
    return f"v1.{key_id}." + base64.urlsafe_b64encode(nonce + box).decode().rstrip("=")


def cpu_s(process):
    """CPU time of a process and its children that are there."""
    total = 0
    for pid in [process.pid, *children(process.pid)]:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except FileNotFoundError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def children(pid):
    try:
        return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def resident_mb(pid):
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def client():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def visit(context, port, name, session=None):
    """One connection, one request; gives the session for the next."""
    with socket.create_connection(("127.0.0.1", port)) as plain:
        with context.wrap_socket(plain, server_hostname=name, session=session) as stream:
            stream.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
            while stream.recv(65536):
                pass
            assert session is None or stream.session_reused
            return stream.session


def until_open(port):
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.005)


class Edge:
    def __init__(self, directory, redis):
        self.directory, self.port, self.https, self.ops = Path(directory), free_port(), free_port(), free_port()
        self.settings = []
        for setting in (
            f"store.url=redis://127.0.0.1:{redis}/",
            f"store.data_dir={directory}/data",
            f"listen.http=127.0.0.1:{self.port}",
            f"listen.https=127.0.0.1:{self.https}",
            f"listen.ops=127.0.0.1:{self.ops}",
            "listen.api=",
            "secrets.key=" + base64.b64encode(SECRET).decode(),
            "runtime.javascript=false",
            "limits.connections_per_address=100000",
            "log.access=false",
            "log.level=warn",
        ):
            self.settings += ["--set", setting]

    def start(self):
        self.process = subprocess.Popen([BINARY, "run", *self.settings], stdout=subprocess.DEVNULL)
        until_open(self.https)

    def end(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()


class Redis:
    def __init__(self, directory):
        self.port = free_port()
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(directory)],
            stdout=subprocess.DEVNULL,
        )
        until_open(self.port)

    def write(self, pairs):
        """Sets keys, many at a time."""
        with socket.create_connection(("127.0.0.1", self.port)) as it:
            for start in range(0, len(pairs), 500):
                part = pairs[start : start + 500]
                text = b""
                for key, value in part:
                    key, value = key.encode(), value.encode()
                    text += b"*3\r\n$3\r\nSET\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n" % (len(key), key, len(value), value)
                it.sendall(text)
                waiting = len(part)
                while waiting:
                    waiting -= it.recv(65536).count(b"\n")


def nginx(directory, chain, key):
    http, https = free_port(), free_port()
    for name, text in (("nginx.pem", chain), ("nginx.key", key)):
        (Path(directory) / name).write_text(text)
    conf = Path(directory) / "nginx.conf"
    conf.write_text(
        f"""daemon off; worker_processes 2; pid {directory}/nginx.pid; error_log {directory}/nginx.log;
events {{ worker_connections 4096; }}
http {{ access_log off; client_body_temp_path {directory}/b; proxy_temp_path {directory}/p; fastcgi_temp_path {directory}/f;
uwsgi_temp_path {directory}/u; scgi_temp_path {directory}/s; ssl_session_tickets on; ssl_session_cache shared:s:10m;
server {{ listen 127.0.0.1:{http}; listen 127.0.0.1:{https} ssl; ssl_certificate {directory}/nginx.pem;
ssl_certificate_key {directory}/nginx.key; ssl_protocols TLSv1.2 TLSv1.3;
location / {{ return 404 "no site\\n"; }} }} }}"""
    )
    process = subprocess.Popen(["nginx", "-c", str(conf), "-p", str(directory)], stderr=subprocess.DEVNULL)
    until_open(https)
    return process, https


def cost_us(process, count, work):
    before = cpu_s(process)
    for turn in range(count):
        work(turn)
    return (cpu_s(process) - before) / count * 1e6


def main():
    with tempfile.TemporaryDirectory() as directory:
        redis = Redis(directory)
        edge = Edge(directory, redis.port)
        chain, key = certificate(["one.test", "*.many.test", "*.miss.test"])
        # Whatever is sealed names the key's id.
        probe = subprocess.run(
            [BINARY, *edge.settings, "secrets", "rotate", "--keep-keys"], capture_output=True, text=True, check=True
        )
        key_id = key_id_of(probe.stdout)
        record = lambda name: json.dumps(
            {"chains": [{"certificate": chain, "key": sealed(key_id, f"certificate {name}", key)}], "settings": {}}
        )
        redis.write([("cirque:certificate:one.test", record("one.test"))])
        edge.start()
        peer, peer_port = nginx(directory, chain, key)
        context = client()
        sides = {"cirque": (edge.process, edge.https), "nginx": (peer, peer_port)}
        found = {(side, what): [] for side in sides for what in ("full", "resumed")}
        for _ in range(ROUNDS):
            for side, (process, port) in sides.items():
                found[side, "full"].append(
                    cost_us(process, HANDSHAKES, lambda _: visit(context, port, "one.test"))
                )
                session = [visit(context, port, "one.test")]

                def resume(_):
                    session[0] = visit(context, port, "one.test", session[0])

                found[side, "resumed"].append(cost_us(process, HANDSHAKES, resume))
        for what in ("full", "resumed"):
            ours, theirs = (statistics.median(found[side, what]) for side in sides)
            ratios = sorted(a / b for a, b in zip(found["cirque", what], found["nginx", what]))
            print(
                f"{what:8} handshake and a request: cirque {ours:.0f} us, nginx {theirs:.0f} us, "
                f"ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
            )
        peer.terminate()
        names = [f"m{n}.miss.test" for n in range(HANDSHAKES)]
        redis.write([(f"cirque:certificate:{name}", record(name)) for name in names])
        time.sleep(1)
        missed = cost_us(edge.process, HANDSHAKES, lambda n: visit(context, edge.https, names[n]))
        known = cost_us(edge.process, HANDSHAKES, lambda n: visit(context, edge.https, names[n]))
        print(f"full handshake whose certificate is only in Redis: {missed:.0f} us; then: {known:.0f} us")
        few_mb = resident_mb(edge.process.pid)
        edge.end()

        names = [f"c{n}.many.test" for n in range(CERTIFICATES)]
        for start in range(0, CERTIFICATES, 10_000):
            redis.write([(f"cirque:certificate:{name}", record(name)) for name in names[start : start + 10_000]])
        began = time.perf_counter()
        edge.start()
        visit(context, edge.https, names[0])
        first_ms = (time.perf_counter() - began) * 1000
        started_mb = resident_mb(edge.process.pid)
        step = max(1, CERTIFICATES // WORKING_SET)
        working = names[::step][:WORKING_SET]
        for name in working:
            visit(context, edge.https, name)
        began = time.perf_counter()
        spent = cost_us(edge.process, len(working), lambda n: visit(context, edge.https, working[n]))
        wall = time.perf_counter() - began
        print(
            f"{CERTIFICATES} certificates in Redis: first byte {first_ms:.0f} ms after the start, {started_mb:.0f} MB resident "
            f"(with {HANDSHAKES}: {few_mb:.0f} MB), after {len(working)} names {resident_mb(edge.process.pid):.0f} MB; "
            f"{spent:.0f} us of CPU for a handshake among them, {len(working) / wall:.0f} one after the other in a second"
        )
        edge.end()
        redis.process.terminate()
        redis.process.wait()


def key_id_of(text):
    match = re.search(r"with the key ([0-9a-f]{8}) now", text)
    if match is None:
        sys.exit(f"`cirque secrets` names no key: {text!r}")
    return match.group(1)


if __name__ == "__main__":
    main()
