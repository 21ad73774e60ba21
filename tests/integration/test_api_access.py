"""Who may do what over the API: every RPC, with every role and every kind of credentials."""

import secrets
import time

import grpc
import pytest

from harness import metrics, trust
from harness.api import Api, Refusal
from harness.peer import UdpPeer
from harness.server import Server
from harness.stubs import health, pb, reflection
from harness.wait import DEADLINE, until

ROLES = ("viewer", "operator", "admin")

# Of every method: a request that changes nothing, and what whoever may call it is told.
REQUESTS = {
    "ListCalls": (pb.ListCallsRequest(), "OK"),
    "GetCall": (pb.GetCallRequest(name="calls/none"), "NOT_FOUND"),
    "WatchCalls": (pb.WatchCallsRequest(), "OK"),
    "ListTerminations": (pb.ListTerminationsRequest(), "OK"),
    "TerminateCall": (pb.TerminateCallRequest(name="calls/none", validate_only=True), "NOT_FOUND"),
    "ApplyCancelPolicy": (pb.ApplyCancelPolicyRequest(
        match=pb.CallMatch(every_call=pb.EveryCall()), max_calls=1, validate_only=True), "OK"),
    "ListCancelPolicies": (pb.ListCancelPoliciesRequest(), "OK"),
    "GetCancelPolicy": (pb.GetCancelPolicyRequest(name="cancelPolicies/builtin"), "OK"),
    "CreateCancelPolicy": (pb.CreateCancelPolicyRequest(
        cancel_policy_id="none", cancel_policy=pb.CancelPolicy(), validate_only=True), "INVALID_ARGUMENT"),
    "UpdateCancelPolicy": (pb.UpdateCancelPolicyRequest(
        cancel_policy=pb.CancelPolicy(name="cancelPolicies/builtin"), validate_only=True), "FAILED_PRECONDITION"),
    "DeleteCancelPolicy": (pb.DeleteCancelPolicyRequest(
        name="cancelPolicies/none", validate_only=True), "NOT_FOUND"),
    "ExplainCancelPolicy": (pb.ExplainCancelPolicyRequest(hypothetical_call=pb.Call()), "OK"),
}


def methods():
    """{name: (service, least role)} of every RPC of ours, as the schema has them."""
    return {method.name: (service, pb.Role.Name(method.GetOptions().Extensions[pb.least_role])[5:].lower())
            for file in (pb.ListCallsRequest.DESCRIPTOR.file, pb.ListCancelPoliciesRequest.DESCRIPTOR.file)
            for service in file.services_by_name.values() for method in service.methods}


def ask(channel, name, authorization=None):
    """The outcome of one RPC: `OK`, or the code and the reason."""
    def once():
        outcome = ask_once(channel, name, authorization)
        # After too many wrong signatures no further one is looked at, for a moment.
        return outcome if outcome[1] != "RATE_LIMITED" else None
    return until(once, f"{name} is not held back")


def ask_once(channel, name, authorization):
    service, _ = methods()[name]
    method = service.methods_by_name[name]
    path = f"/{service.full_name}/{name}"
    answer_type = getattr(pb, method.output_type.name, None)
    kind = channel.unary_stream if name in ("WatchCalls", "ApplyCancelPolicy") else channel.unary_unary
    call = kind(path, request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=answer_type.FromString if answer_type else None)
    metadata = [] if authorization is None else [("authorization", text) for text in authorization]
    try:
        answer = call(REQUESTS[name][0], metadata=metadata, timeout=DEADLINE)
        if kind == channel.unary_stream:
            next(answer)
            answer.cancel()
        return "OK", ""
    except grpc.RpcError as error:
        refusal = Refusal(error)
        assert refusal.info and refusal.info.domain == "adieu.v1", f"{name}: {refusal}"
        return refusal.code, refusal.reason


@pytest.fixture(scope="module")
def issuer():
    return trust.Issuer()


@pytest.fixture(scope="module")
def tokens():
    return {role: secrets.token_urlsafe(32) for role in (*ROLES, "expired")}


@pytest.fixture(scope="module")
def secured(tmp_path_factory, issuer, tokens):
    folder = tmp_path_factory.mktemp("access")
    file = trust.tokens_file(
        folder / "tokens.yaml",
        tokens=[*(trust.static(role, role, tokens[role]) for role in ROLES),
                trust.static("expired", "admin", tokens["expired"], expire_time="2020-01-01T00:00:00Z")],
        issuers=[issuer.entry(folder)])
    with Server(config=f"api: {{tokens_file: {file}}}") as started:
        yield started


@pytest.fixture(scope="module")
def channel(secured):
    with Api(secured.grpc) as api:
        yield api.channel


def test_every_rpc_is_in_the_table_and_has_a_role():
    assert set(REQUESTS) == set(methods())
    assert len(REQUESTS) >= 12
    for name, (_, role) in methods().items():
        assert role in ROLES, f"{name} has no role: nobody can call it"
        assert (role == "viewer") == name.startswith(("List", "Get", "Watch", "Explain")), name


def bad_credentials(issuer, tokens):
    now = int(time.time())
    other = trust.Issuer()
    unsigned = trust.jwt.encode({"iss": issuer.url, "aud": "adieu", "sub": "x", "exp": now + 600,
                                 "groups": ["admin"]}, None, "none")
    good = issuer.token("admin")
    # A public key as the secret: PyJWT itself refuses to do it.
    header, body = (trust.jwt.utils.base64url_encode(part).decode() for part in (
        b'{"alg":"HS256","typ":"JWT"}',
        b'{"iss":"%s","aud":"adieu","sub":"x","groups":["admin"],"exp":%d}' % (issuer.url.encode(), now + 600)))
    confused = f"{header}.{body}." + trust.jwt.utils.base64url_encode(
        trust.hmac_sha256(issuer.public["RS256"], f"{header}.{body}")).decode()
    return [
        ("none", None, "CREDENTIALS_MISSING"),
        ("another scheme", ["Basic YTpi"], "TOKEN_UNKNOWN"),
        ("no token", ["Bearer "], "TOKEN_UNKNOWN"),
        ("unknown", [f"Bearer {secrets.token_urlsafe(32)}"], "TOKEN_UNKNOWN"),
        ("cut off", [f"Bearer {tokens['admin'][:-1]}"], "TOKEN_UNKNOWN"),
        ("its hash", [f"Bearer {trust.static('a', 'admin', tokens['admin'])['sha256']}"], "TOKEN_UNKNOWN"),
        ("two of them", [f"Bearer {tokens['admin']}", f"Bearer {tokens['viewer']}"], "TOKEN_UNKNOWN"),
        ("static, expired", [f"Bearer {tokens['expired']}"], "TOKEN_EXPIRED"),
        ("expired", [f"Bearer {issuer.token('admin', exp=now - 60)}"], "TOKEN_EXPIRED"),
        ("never expires", [f"Bearer {issuer.token('admin', exp=None)}"], "TOKEN_CLAIMS_INVALID"),
        ("nobody's", [f"Bearer {issuer.token('admin', sub=None)}"], "TOKEN_CLAIMS_INVALID"),
        ("not yet", [f"Bearer {issuer.token('admin', nbf=now + 300)}"], "TOKEN_NOT_YET_VALID"),
        ("wrong audience", [f"Bearer {issuer.token('admin', aud='billing')}"], "TOKEN_AUDIENCE_MISMATCH"),
        ("no audience", [f"Bearer {issuer.token('admin', aud=None)}"], "TOKEN_AUDIENCE_MISMATCH"),
        ("wrong issuer", [f"Bearer {issuer.token('admin', iss='https://evil')}"], "TOKEN_UNKNOWN"),
        ("alg none", [f"Bearer {unsigned}"], "TOKEN_ALGORITHM_REFUSED"),
        ("wrong alg", [f"Bearer {issuer.token('admin', 'HS512', issuer.keys['HS256'])}"], "TOKEN_ALGORITHM_REFUSED"),
        ("public key as secret", [f"Bearer {confused}"], "TOKEN_SIGNATURE_INVALID"),
        ("wrong signature", [f"Bearer {good[:good.rindex('.')]}.{issuer.token('viewer').rpartition('.')[2]}"],
         "TOKEN_SIGNATURE_INVALID"),
        *((f"another key, {algorithm}", [f"Bearer {other.token('admin', algorithm)}"], "TOKEN_SIGNATURE_INVALID")
          for algorithm in ("HS256", "RS256", "ES256")),
    ]


def test_whoever_is_not_known_may_do_nothing(channel, issuer, tokens):
    wrong = []
    for what, authorization, reason in bad_credentials(issuer, tokens):
        for name in methods():
            outcome = ask(channel, name, authorization)
            if outcome != ("UNAUTHENTICATED", reason):
                wrong.append(f"{name} with {what}: {outcome}, not {reason}")
    assert not wrong, "\n".join(wrong)


def test_a_token_without_a_role_may_do_nothing(channel, issuer):
    for name in methods():
        for groups in (["cleaner"], None):
            assert ask(channel, name, [f"Bearer {issuer.token('admin', groups=groups)}"]) == (
                "PERMISSION_DENIED", "NO_ROLE"), name


def test_each_role_may_do_what_the_schema_says(channel, issuer, tokens):
    wrong = []
    for role in ROLES:
        credentials = [tokens[role], *(issuer.token(role, algorithm) for algorithm in ("HS256", "RS256", "ES256")),
                       issuer.token(role, aud=["billing", "adieu"]), issuer.token(role, nbf=int(time.time()))]
        for name, (_, least) in methods().items():
            may = ROLES.index(role) >= ROLES.index(least)
            expected = REQUESTS[name][1] if may else "PERMISSION_DENIED"
            for token in credentials:
                code, reason = ask(channel, name, [f"bearer {token}"])
                if code != expected or (reason == "ROLE_TOO_LOW") == may:
                    wrong.append(f"{role} {name}: {code} {reason}, not {expected}")
    assert not wrong, "\n".join(wrong)


def test_health_is_for_all_and_reflection_for_viewers(secured, tokens):
    with Api(secured.grpc) as nobody, Api(secured.grpc, token=tokens["viewer"]) as viewer:
        assert nobody.health.Check(health.HealthCheckRequest(), timeout=DEADLINE).status == 1
        question = reflection.ServerReflectionRequest(file_containing_symbol="adieu.v1.CallControlService")
        with nobody.refused("UNAUTHENTICATED", "CREDENTIALS_MISSING"):
            next(nobody.reflection.ServerReflectionInfo(iter([question]), timeout=DEADLINE))
        answer = next(viewer.reflection.ServerReflectionInfo(iter([question]), timeout=DEADLINE))
        assert b"CallControlService" in answer.file_descriptor_response.file_descriptor_proto[0]


def test_denials_are_counted_and_logged(secured, channel):
    before = metrics.scrape(secured.metrics).value("adieu_api_denied_total", reason="credentials_missing")
    ask(channel, "ListCalls")
    assert until(lambda: metrics.scrape(secured.metrics).value(
        "adieu_api_denied_total", reason="credentials_missing") == before + 1, "one more")
    line = secured.wait_log("api request denied", DEADLINE)
    assert line["client"] == "127.0.0.1" and line["level"] == "warn"


def test_without_a_tokens_file_everyone_is_an_admin(api):
    for name in methods():
        assert ask(api.channel, name)[0] == REQUESTS[name][1], name
        # A token that nobody asked for is not looked at.
        assert ask(api.channel, name, ["Bearer x"])[0] == REQUESTS[name][1], name


def test_the_tokens_file_changes_without_a_restart(tmp_path, issuer):
    first, second = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    path = tmp_path / "tokens.yaml"
    trust.tokens_file(path, tokens=[trust.static("one", "viewer", first)])
    with Server(config=f"api: {{tokens_file: {path}}}") as server, Api(server.grpc) as api, \
            Api(server.grpc, token=first) as watcher, UdpPeer(server.sip()) as peer:
        def outcome(token):
            return ask(api.channel, "ListCalls", [f"Bearer {token}"])[0]

        watch = watcher.stub.WatchCalls(pb.WatchCallsRequest(), timeout=DEADLINE * 2)
        next(watch)
        trust.write(path, "tokens: [{name: one}]\n")
        refused = server.wait_log("api files refused, the old ones count on", DEADLINE)
        assert f"{path}:1: tokens[0].role: is required" in refused["error"]
        assert (outcome(first), outcome(second)) == ("OK", "UNAUTHENTICATED")
        trust.tokens_file(path, tokens=[trust.static("two", "operator", second)], issuers=[issuer.entry(tmp_path)])
        until(lambda: outcome(second) == "OK", "the new token is known")
        assert outcome(first) == "UNAUTHENTICATED"
        # Who was watching is told nothing more.
        peer.invite().ring()
        with watcher.refused("UNAUTHENTICATED", "TOKEN_UNKNOWN"):
            list(watch)
        assert outcome(issuer.token("viewer")) == "OK"
        # Keys are read again too.
        old = issuer.token("viewer", "HS256")
        assert outcome(old) == "OK"
        trust.write(tmp_path / "sso-HS256.key", secrets.token_hex(32))
        until(lambda: outcome(old) == "UNAUTHENTICATED", "the old key is forgotten")
        assert outcome(second) == "OK"
        server.wait_log("api tokens in use", DEADLINE)
