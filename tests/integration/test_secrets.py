"""What nobody may read: passwords, keys and tokens, in logs, metrics, answers, errors, the store, a core."""

import hashlib
import json
import re
import resource
import secrets
import subprocess
import urllib.request

import grpc
import pytest

from harness import sip, trust
from harness.api import Api
from harness.callee import UdpCallee
from harness.peer import UdpPeer
from harness.server import Server, binary, run_to_exit

DIGEST = 'Digest realm="pbx.example", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c0", algorithm=MD5, qop="auth"'


class Planted:
    """A configuration with a secret of each kind, and what each is."""

    def __init__(self, folder, target):
        self.ca, self.issuer = trust.Authority(), trust.Issuer()
        identity = self.ca.server()
        self.token, self.wrong_token, self.password, self.callers_own = (secrets.token_hex(24) for _ in range(4))
        self.jwt = self.issuer.token("admin", "HS256")
        tokens = trust.tokens_file(folder / "tokens.yaml", tokens=[trust.static("boss", "admin", self.token)],
                                   issuers=[self.issuer.entry(folder)])
        credentials = {"realm": "pbx.example", "username": "adieu",
                       "password_file": trust.write(folder / "password", self.password)}
        tls = {"certificate_file": trust.write(folder / "server.pem", identity.certificate),
               "private_key_file": trust.write(folder / "server.key", identity.key)}
        self.config = json.dumps({
            "log": {"level": "debug", "personal_data": True}, "api": {"tokens_file": tokens, "tls": tls},
            "routes": [{"name": "out", "forward": {"targets": [target], "credentials": [credentials]}}]})
        self.all = {"token": self.token, "wrong token": self.wrong_token, "password": self.password,
                    "JWT": self.jwt.rsplit(".", 1)[1], "key of the issuer": self.issuer.keys["HS256"],
                    "hash of the token": hashlib.sha256(self.token.encode()).hexdigest(),
                    "private key": max(identity.key.splitlines(), key=len), "the caller's own": self.callers_own}

    def found_in(self, texts):
        return [(what, where) for what, secret in self.all.items() for where, text in texts.items() if secret in text]

    def api(self, server, token):
        return Api(server.grpc, ca=self.ca.certificate, token=token)


def call_through(planted, peer, callee):
    """A call that rings, after the callee asked for the password. The caller sends credentials for somebody else."""
    own = f'Digest username="alice", realm="other", nonce="x", uri="sip:x", response="{planted.callers_own}"'
    caller = peer.invite(headers=[("Authorization", own)])
    first = callee.take(sip.user_of(caller.uri))
    first.respond(407, headers=[("Proxy-Authenticate", DIGEST)])
    first.expect_ack()
    second = callee.take(sip.user_of(caller.uri))
    given, = (value for value in second.invite.all("Proxy-Authorization") if 'username="adieu"' in value)
    planted.all["answer to the challenge"] = re.search(r'response="(\w+)"', given)[1]
    second.ring()
    caller.ring()
    return caller, second


def test_a_run_tells_no_secret(tmp_path):
    texts = {}
    with UdpCallee() as callee:
        planted = Planted(tmp_path, f"sip:127.0.0.1:{callee.address[1]}")
        with Server(config=planted.config) as server, UdpPeer(server.sip()) as peer, \
                planted.api(server, planted.token) as boss, planted.api(server, planted.jwt) as sso, \
                planted.api(server, planted.wrong_token) as stranger:
            caller, called = call_through(planted, peer, callee)
            with pytest.raises(grpc.RpcError) as refused:
                stranger.list()
            name = boss.find(caller.call_id).name
            later = sso.terminate_later(name)
            called.expect_cancelled()
            caller.final()
            texts["answers"] = "".join(map(str, [refused.value, later.result(), boss.get(name), sso.list(),
                                                 boss.terminations()]))
            texts["metrics"] = urllib.request.urlopen(f"http://{server.metrics}/metrics", timeout=30).read().decode()
            server.terminate()
            server.wait_exit(60)
            texts["log"] = "\n".join(server.log())
            texts |= {path.name: path.read_bytes().decode("latin-1") for path in server.folder.glob("adieu.db*")}
    # All of it happened.
    assert "jwt:sso:admin@example.com" in texts["answers"] and '"audit"' in texts["log"]
    assert "api request denied" in texts["log"] and "adieu.db" in texts
    assert planted.found_in(texts) == []


def test_a_planted_secret_would_be_found(tmp_path):
    planted = Planted(tmp_path, "sip:127.0.0.1:9")
    assert planted.found_in({"log": f"x{planted.password}x"}) == [("password", "log")]


@pytest.mark.parametrize("file, wrong, told", [
    ("password", "{}:x", "password_file"), ("password", "{}\n\n", "password_file"),
    ("server.key", "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", "private_key_file"),
    ("server.key", "{}", "private_key_file"), ("server.pem", "{}", "certificate_file"),
    ("sso-HS256.key", "{:.20}", "keys[0].file"), ("sso-RS256.key", "{}", "keys[1].file"),
    ("tokens.yaml", "tokens: [{{name: a, role: ADMIN, sha256: {}}}]", "sha256"),
    ("tokens.yaml", "tokens: [{{name: a, role: ADMIN, token: {}}}]", "tokens[0].token"),
    ("tokens.yaml", "tokens: [{{name: a, role: ADMIN, sha256: [{}]}}]", "sha256"),
    ("tokens.yaml", "tokens: [{{name: a, role: ADMIN, sha256: '{}", "tokens.yaml"),
    ("tokens.yaml", "{}", "tokens.yaml"), ("tokens.yaml", "tokens: {}", "tokens"),
])
def test_an_error_tells_no_secret(tmp_path, file, wrong, told):
    """Of a file of secrets that is no good, the message says where it is and why, and nothing of what is in it."""
    planted = Planted(tmp_path, "sip:127.0.0.1:9")
    secret = secrets.token_hex(16)
    trust.write(tmp_path / file, wrong.format(secret))
    code, output = run_to_exit(["--check"], config=planted.config)
    assert code == 2 and told in output, output
    assert secret[:12] not in output, output


def test_no_core_is_written():
    """Whoever starts it allows cores of any size; it says no for itself, and may be told otherwise from outside."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    started = subprocess.Popen(
        [binary("adieud"), "--sip-listen", "127.0.0.1:0", "--grpc-listen", "127.0.0.1:0", "--metrics-listen",
         "127.0.0.1:0", "--store", "memory"], stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (hard, hard)))
    try:
        assert any('"ready"' in line for line in iter(started.stderr.readline, ""))
        assert resource.prlimit(started.pid, resource.RLIMIT_CORE) == (0, hard)
    finally:
        started.kill()
        started.communicate(timeout=30)
