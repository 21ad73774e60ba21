"""TLS on the API: who gets in with which certificate, files that change under load, and the adieu program."""

import concurrent.futures
import datetime
import secrets
import socket
import ssl
import threading
import time

import grpc
import pytest

from harness import metrics, trust
from harness.api import Api
from harness.cli import adieu
from harness.peer import UdpPeer
from harness.server import Server, run_to_exit
from harness.stubs import pb
from harness.wait import DEADLINE, until


class Files:
    """The files of `api.tls` in a folder."""

    def __init__(self, folder, identity, client_ca=None):
        self.folder = folder
        self.put(identity)
        if client_ca:
            trust.write(folder / "clients.pem", client_ca.certificate)
        self.config = (f"api:\n  tls:\n    certificate_file: {folder}/server.pem\n"
                       f"    private_key_file: {folder}/server.key\n")
        if client_ca:
            self.config += f"    client_ca_file: {folder}/clients.pem\n"

    def put(self, identity):
        trust.write(self.folder / "server.pem", identity.certificate)
        trust.write(self.folder / "server.key", identity.key)


@pytest.fixture(scope="module")
def token():
    return secrets.token_urlsafe(32)


@pytest.fixture(scope="module")
def mutual(tmp_path_factory, ca, clients, token):
    """Wants certificates, knows some of them, and a token."""
    folder = tmp_path_factory.mktemp("mutual")
    files = Files(folder, ca.server(), clients)
    tokens = trust.tokens_file(
        folder / "tokens.yaml", tokens=[trust.static("boss", "admin", token)],
        certificates=[{"name": "eyes.example.com", "role": "VIEWER"}, {"name": "spiffe://example/hand", "role": "OPERATOR"},
                      {"name": "old style", "role": "ADMIN"}])
    with Server(config=files.config + f"  tokens_file: {tokens}\n") as server:
        yield server


def outcome(api):
    """(may read, may end calls, may change policies): codes."""
    def code(call):
        try:
            call()
        except grpc.RpcError as error:
            return error.code().name
        return "OK"
    return (code(api.list), code(lambda: api.terminate("calls/none")),
            code(lambda: api.policies.DeleteCancelPolicy(
                pb.DeleteCancelPolicyRequest(name="cancelPolicies/none"), timeout=DEADLINE)))


VIEWER = ("OK", "PERMISSION_DENIED", "PERMISSION_DENIED")
OPERATOR = ("OK", "NOT_FOUND", "PERMISSION_DENIED")
ADMIN = ("OK", "NOT_FOUND", "NOT_FOUND")
NOBODY = ("UNAUTHENTICATED",) * 3
NO_WAY = ("UNAVAILABLE",) * 3


def test_certificates_and_roles(mutual, ca, clients, token):
    stranger = trust.Authority("clients CA")
    for what, identity, bearer, expected in [
        ("a name", clients.client("x", dns=["www.example.com", "eyes.example.com"]), None, VIEWER),
        ("a URI", clients.client("x", uris=["spiffe://example/hand"]), None, OPERATOR),
        ("a common name alone", clients.client("old style"), None, ADMIN),
        ("a common name beside others", clients.client("old style", dns=["www.example.com"]), None, NOBODY),
        ("another case", clients.client(dns=["Eyes.example.com"]), None, NOBODY),
        ("not known", clients.client("x", dns=["www.example.com"]), None, NOBODY),
        ("not known, with a token", clients.client("x"), token, ADMIN),
        ("a name, with a token", clients.client(dns=["eyes.example.com"]), token, ADMIN),
        ("a name, with a bad token", clients.client(dns=["eyes.example.com"]), "x", NOBODY),
        ("no certificate", None, token, NO_WAY),
        ("of another CA", stranger.client(dns=["eyes.example.com"]), token, NO_WAY),
        ("of the server's CA", ca.client(dns=["eyes.example.com"]), token, NO_WAY),
    ]:
        with Api(mutual.grpc, ca=ca.certificate, identity=identity, token=bearer) as api:
            assert outcome(api) == expected, what
    with Api(mutual.grpc, token=token) as plaintext:
        assert outcome(plaintext) == NO_WAY


def test_without_a_tokens_file_every_certificate_is_an_admin(tmp_path, ca, clients):
    files = Files(tmp_path, ca.server(), clients)
    with Server(config=files.config) as server, UdpPeer(server.sip()) as peer, \
            Api(server.grpc, ca=ca.certificate, identity=clients.client(dns=["app.example.com"])) as api:
        call = peer.invite()
        call.ring()
        assert api.terminate(api.find(call.call_id).name).principal == "certificate:app.example.com"
        call.final()


def test_the_program_over_tls(mutual, ca, clients, token, tmp_path, monkeypatch):
    known = clients.client(dns=["eyes.example.com"])
    for name, text in [("ca", ca.certificate), ("crt", known.certificate), ("key", known.key), ("token", token + "\n"),
                       ("two", "a\nb\n")]:
        (tmp_path / name).write_text(text)
    flags = ["--tls-ca", f"{tmp_path}/ca", "--tls-certificate", f"{tmp_path}/crt", "--tls-key", f"{tmp_path}/key"]
    assert adieu(mutual.grpc, "health", *flags).out.strip() == "SERVING"
    assert adieu(mutual.grpc, "health", "--service", "adieu.live", *flags).code == 0
    listed = adieu(mutual.grpc, "policies", "list", "-o", "json", *flags)
    assert listed.code == 0 and "builtin" in listed.out
    refused = adieu(mutual.grpc, "policies", "delete", "none", *flags)
    assert refused.code == 1 and "PERMISSION_DENIED (ROLE_TOO_LOW)" in refused.err
    with_token = adieu(mutual.grpc, "policies", "delete", "none", "--token-file", f"{tmp_path}/token", *flags)
    assert with_token.code == 1 and "POLICY_NOT_FOUND" in with_token.err
    # The name in the certificate.
    port = mutual.grpc.rpartition(":")[2]
    assert adieu(f"localhost:{port}", "health", *flags).code == 0
    assert adieu(f"127.0.0.2:{port}", "health", *flags, "--timeout", "2s").code == 3
    wrong = adieu(mutual.grpc, "health", *flags, "--tls-server-name", "sip.example.com", "--timeout", "2s")
    assert wrong.code == 3 and "no answer" in wrong.err
    assert adieu(mutual.grpc, "health", *flags, "--tls-server-name", "localhost").code == 0
    # Without a certificate, without TLS, with the CAs of the system.
    for less in (flags[:2], [], ["--tls", *flags[2:]]):
        assert adieu(mutual.grpc, "health", *less, "--timeout", "2s").code == 3, less
    # From the environment.
    for name, file in [("TLS_CA", "ca"), ("TLS_CERTIFICATE", "crt"), ("TLS_KEY", "key"), ("TOKEN_FILE", "token")]:
        monkeypatch.setenv(f"ADIEU_{name}", f"{tmp_path}/{file}")
    assert adieu(mutual.grpc, "health").code == 0
    assert "POLICY_NOT_FOUND" in adieu(mutual.grpc, "policies", "delete", "none").err
    # What cannot be.
    for more, why in [(["--tls-ca", "/missing"], "cannot be read"), (["--tls-key", ""], "--tls-key"),
                      (["--token-file", f"{tmp_path}/two"], "must have one token on one line")]:
        done = adieu(mutual.grpc, "health", *more)
        assert done.code == 2 and why in done.err, done


def test_a_token_is_not_sent_in_plaintext_to_other_machines(tmp_path):
    (tmp_path / "token").write_text("abc")
    done = adieu("192.0.2.1:50051", "health", "--token-file", f"{tmp_path}/token")
    assert done.code == 2 and "could be read on the way" in done.err and "abc" not in done.err


def shown(address):
    """The certificate that the server shows to a new connection, PEM."""
    host, _, port = address.rpartition(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    with socket.create_connection((host, int(port)), timeout=DEADLINE) as raw, context.wrap_socket(raw) as secure:
        return ssl.DER_cert_to_PEM_cert(secure.getpeercert(True)).strip()


def test_certificates_change_under_load_and_no_request_is_lost(tmp_path, token):
    """Old and new connections are busy while the certificate is replaced, also by ones that are no good."""
    old, new = trust.Authority("old CA"), trust.Authority("new CA")
    both = old.certificate + new.certificate
    first, bad, second = old.server(), old.server(), new.server()
    files = Files(tmp_path, first)
    tokens = trust.tokens_file(tmp_path / "tokens.yaml", tokens=[trust.static("a", "viewer", token)])
    stop, answers, failures = threading.Event(), [], []

    with Server(config=files.config + f"  tokens_file: {tokens}\n") as server:
        def ask(steady):
            with Api(server.grpc, ca=both, token=token) as kept:
                while not stop.is_set():
                    try:
                        if steady:
                            kept.list()
                        else:
                            with Api(server.grpc, ca=both, token=token) as fresh:
                                fresh.list()
                        answers.append(steady)
                    except grpc.RpcError as error:
                        failures.append(error)

        def asked():
            """Once each kind was answered often from now on."""
            before = len(answers)
            until(lambda: answers[before:].count(True) > 20 and answers[before:].count(False) > 20, "load", DEADLINE)

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            load = [pool.submit(ask, steady) for steady in (True, True, False, False)]
            try:
                asked()
                assert shown(server.grpc) == first.certificate.strip()
                # A key that is not the certificate's, and then no certificate at all: the old ones count on.
                trust.write(tmp_path / "server.key", bad.key)
                error = server.wait_log("api files refused, the old ones count on", DEADLINE)["error"]
                assert error.startswith("api.tls.private_key_file: ") and "BEGIN" not in error
                asked()
                trust.write(tmp_path / "server.pem", "nothing")
                until(lambda: any("has no certificate in PEM" in line for line in server.log()), "the second refusal")
                assert shown(server.grpc) == first.certificate.strip()
                files.put(second)
                until(lambda: shown(server.grpc) == second.certificate.strip(), "the new certificate")
                asked()
                files.put(first)
                until(lambda: shown(server.grpc) == first.certificate.strip(), "the first one again")
                asked()
            finally:
                stop.set()
            for thread in load:
                thread.result(DEADLINE)
        assert not failures, failures[:3]
        print(f"{len(answers)} requests, {answers.count(False)} of them on new connections")


def test_the_end_of_the_certificate_is_told(tmp_path, ca):
    over = ca.server(ends=datetime.timedelta(seconds=-60))
    files = Files(tmp_path, over)
    with Server(config=files.config) as server:
        line = server.wait_log("api certificate in use has ended", DEADLINE)
        assert line["level"] == "warn"
        page = metrics.scrape(server.metrics)
        assert abs(page.value("adieu_certificate_expiry_timestamp_seconds", use="api") - (time.time() - 60)) < DEADLINE
        files.put(ca.server())
        until(lambda: metrics.scrape(server.metrics).value(
            "adieu_certificate_expiry_timestamp_seconds", use="api") > time.time() + 3000, "the new end")


@pytest.mark.parametrize("tls,tokens,expected", [
    ({}, "", "give api.tls, or api.insecure"),
    ({}, "tokens", "give api.tls, or api.insecure"),
    ({"server"}, "", "give api.tokens_file or api.tls.client_ca_file, or api.insecure"),
])
def test_off_loopback_nobody_comes_in_unasked(tmp_path, ca, clients, tls, tokens, expected):
    config = Files(tmp_path, ca.server()).config if tls else "api:\n"
    if tokens:
        config += f"  tokens_file: {trust.tokens_file(tmp_path / 't', tokens=[trust.static('a', 'admin', 'x')])}\n"
    code, output = run_to_exit(["--check", "--grpc-listen", "0.0.0.0:0"], config=config if tls or tokens else None)
    assert code == 2 and expected in output, output
    code, output = run_to_exit(["--check", "--grpc-listen", "0.0.0.0:0", "--insecure-api"],
                               config=config if tls or tokens else None)
    assert code == 0, output


@pytest.mark.parametrize("tokens,wrong", [
    ("", "must have tokens, issuers or certificates"),
    ("tokens: [{name: a, role: ROOT, sha256: x}]", "tokens[0].role: must be one of"),
    ("tokens: [{name: a, role: ADMIN, sha256: x}]", "tokens[0].sha256: must be the SHA-256"),
    ("issuers: [{name: a, issuer: b, audiences: [c], keys: [{algorithm: none, file: d}], roles: [{value: v, role: ADMIN}]}]",
     "issuers[0].keys[0].algorithm: must be one of"),
    ("issuers: [{name: a, issuer: b, audiences: [c], keys: [{algorithm: RS256, file: /missing}], "
     "roles: [{value: v, role: ADMIN}]}]", "issuers[0].keys[0].file: the file `/missing` cannot be read"),
    ("certificates: [{name: a, role: ADMIN}]", "certificates: need api.tls.client_ca_file"),
])
def test_a_bad_tokens_file(tmp_path, tokens, wrong):
    (tmp_path / "tokens.yaml").write_text(tokens)
    code, output = run_to_exit(["--check"], config=f"api: {{tokens_file: {tmp_path}/tokens.yaml}}")
    assert code == 2 and len(output.strip().splitlines()) == 1, output
    assert f"{tmp_path}/tokens.yaml:1: " in output and wrong in output, output
