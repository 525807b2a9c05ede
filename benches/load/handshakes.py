#!/usr/bin/env python3
"""What does a visitor's TLS cost when there are many certificates?

CPU time of a handshake (TLS 1.3, ECDSA P-256, one request each) whose certificate is only in the store, and of the same again; then
with many certificates in Redis: time to the first byte after a start, resident bytes, and handshakes over a working set of names.
Full and resumed handshakes beside nginx are in `run.py --groups tls`, which shares what is here.

    benches/load/handshakes.py [--cirque target/release/cirque] [--certificates 100000]

Needs redis-server and python3-cryptography (`make setup-bench`).
"""

import argparse
import base64
import datetime
import json
import os
import re
import socket
import ssl
import sys
import tempfile
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

from servers import ROOT, BenchError, Cirque, Redis, free_port

HANDSHAKES = 600
WORKING_SET = 1_000
SECRET = b"0123456789" * 3 + b"01"


def certificate(names):
    """A chain of one certificate, which signs itself, and its key, both PEM."""
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


def settings(*more):
    """Of an edge that opens what is sealed here."""
    return [
        f"listen.https=127.0.0.1:{free_port()}",
        "secrets.key=" + base64.b64encode(SECRET).decode(),
        "limits.connections_per_address=100000",
        *more,
    ]


def key_id(edge):
    """The id of its key, which whatever is sealed names."""
    said = edge.run("secrets", "rotate", "--keep-keys")
    found = re.search(r"with the key ([0-9a-f]{8}) now", said)
    if found is None:
        raise BenchError(f"`cirque secrets` names no key: {said!r}")
    return found[1]


def record(key_id, name, chain, key):
    """The store's key and value for a certificate."""
    nonce = os.urandom(12)
    box = AESGCM(SECRET).encrypt(nonce, key.encode(), f"certificate {name}".encode())
    sealed = f"v1.{key_id}." + base64.urlsafe_b64encode(nonce + box).decode().rstrip("=")
    return f"cirque:certificate:{name}", json.dumps({"chains": [{"certificate": chain, "key": sealed}], "settings": {}}).encode()


def https_port(server):
    """Where a server speaks TLS: an edge has a listener for it beside the plain one."""
    for setting in getattr(server, "settings", ()):
        if setting.startswith("listen.https="):
            return int(setting.rpartition(":")[2])
    return server.tls_port


def nginx(bench, chain, key):
    """nginx with the same certificate and the same answer; None where it is not there."""
    for name, text in (("nginx.pem", chain), ("nginx.key", key)):
        (bench.directory / name).write_text(text)
    port = free_port()
    http = "ssl_session_tickets on; ssl_session_cache shared:s:10m;"
    listen = (
        f"listen 127.0.0.1:{port} ssl; ssl_certificate {bench.directory}/nginx.pem; "
        f"ssl_certificate_key {bench.directory}/nginx.key; ssl_protocols TLSv1.2 TLSv1.3;"
    )
    server = bench.nginx("nginx", 'return 404 "no site\\n";', access="/dev/null", http=http, listen=listen)
    if server is not None:
        server.tls_port = port
        bench.start(server)
    return server


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
            if session is not None and not stream.session_reused:
                raise BenchError("a session was not resumed")
            return stream.session


def cost_us(server, count, work):
    before = server.cpu_s()
    for turn in range(count):
        work(turn)
    return (server.cpu_s() - before) / count * 1e6


def costs_us(server, context, count):
    """A full handshake, and a resumed one."""
    port = https_port(server)
    full = cost_us(server, count, lambda _: visit(context, port, "one.test"))
    session = [visit(context, port, "one.test")]

    def resume(_):
        session[0] = visit(context, port, "one.test", session[0])

    return full, cost_us(server, count, resume)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cirque", default=str(ROOT / "target" / "release" / "cirque"))
    parser.add_argument("--certificates", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cirque-bench-") as directory:
        redis = Redis("redis", Path(directory))
        store = f"store.url=redis://127.0.0.1:{redis.port}/"
        edge = Cirque("edge", Path(directory), str(Path(options.cirque).resolve()), settings=settings(store, "log.access=false"))
        try:
            redis.start()
            measure(edge, redis, options.certificates)
        finally:
            edge.end()
            redis.end()


def measure(edge, redis, certificates):
    chain, key = certificate(["*.many.test", "*.miss.test"])
    sealed_by = key_id(edge)

    def write(names):
        for start in range(0, len(names), 10_000):
            records = [record(sealed_by, name, chain, key) for name in names[start : start + 10_000]]
            redis.write([(name, value.decode()) for name, value in records])

    context, port = client(), https_port(edge)
    edge.start()
    names = [f"m{n}.miss.test" for n in range(HANDSHAKES)]
    write(names)
    time.sleep(1)
    missed = cost_us(edge, HANDSHAKES, lambda n: visit(context, port, names[n]))
    known = cost_us(edge, HANDSHAKES, lambda n: visit(context, port, names[n]))
    print(f"full handshake whose certificate is only in Redis: {missed:.0f} us; then: {known:.0f} us")
    few_kb = edge.resident_kb()
    edge.end()

    names = [f"c{n}.many.test" for n in range(certificates)]
    write(names)
    began = time.perf_counter()
    edge.start()
    visit(context, port, names[0])
    first_ms, started_kb = (time.perf_counter() - began) * 1000, edge.resident_kb()
    working = names[:: max(1, certificates // WORKING_SET)][:WORKING_SET]
    for name in working:
        visit(context, port, name)
    began = time.perf_counter()
    spent = cost_us(edge, len(working), lambda n: visit(context, port, working[n]))
    wall = time.perf_counter() - began
    print(
        f"{certificates} certificates in Redis: first byte {first_ms:.0f} ms after the start, {started_kb / 1000:.0f} MB resident "
        f"(with {HANDSHAKES}: {few_kb / 1000:.0f} MB), after {len(working)} names {edge.resident_kb() / 1000:.0f} MB; "
        f"{spent:.0f} us of CPU for a handshake among them, {len(working) / wall:.0f} one after the other in a second"
    )


if __name__ == "__main__":
    try:
        main()
    except BenchError as error:
        sys.exit(str(error))
