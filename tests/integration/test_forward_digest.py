"""Digest authentication (RFC 2617, RFC 3261 22): end to end with KEEP, by us where a route has credentials.

    end to end                                     by us
      INVITE 1 >       INVITE a >                    INVITE >    INVITE 1 >
      < 407            < 407                                     < 407
      ACK >            ACK >                                     ACK >
      INVITE 2 + auth >  INVITE b + auth >                       INVITE 2 + auth >
      < 200            < 200                         < 200       < 200
"""

import hashlib
import json
import re

import pytest

from harness import sip
from harness.server import run_to_exit
from harness.stubs import pb
from harness.through import Through
from harness.wait import until

MD5 = 'Digest realm="pbx.example", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c0", opaque="5ccc069c", algorithm=MD5, qop="auth"'
SHA256 = 'Digest realm="pbx.example", nonce="7ypf/xlj9XXwfDPE", algorithm=SHA-256, qop="auth"'
ANSWERS = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def fields(value):
    """The parameters of a Digest header."""
    assert value.startswith("Digest "), value
    found = re.findall(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))', value)
    return {key.lower(): quoted or plain for key, quoted, plain in found}


def expected_response(given, user, password, method, body=""):
    """RFC 2617 3.2.2.1."""
    ha1 = md5(f"{user}:{given['realm']}:{password}")
    ha2 = md5(f"{method}:{given['uri']}") if given.get("qop") != "auth-int" else md5(f"{method}:{given['uri']}:{md5(body)}")
    if "qop" in given:
        return md5(f"{ha1}:{given['nonce']}:{given['nc']}:{given['cnonce']}:{given['qop']}:{ha2}")
    return md5(f"{ha1}:{given['nonce']}:{ha2}")


# End to end.

@pytest.mark.parametrize("code", [401, 407])
@pytest.mark.parametrize("challenges", [[MD5], [SHA256, MD5], [SHA256], [MD5, 'Digest realm="other", nonce="1"']],
                         ids=["md5", "sha-256-and-md5", "sha-256", "two-realms"])
def test_end_to_end(through, code, challenges):
    """Every challenge as it came; the answer as it came, for the Request-URI that it was made for, in the ACK too."""
    asks, answers = ANSWERS[code]
    user = f"keep-{sip.token()}"
    uri = f"sip:{user}@pbx.example.com"
    call = through.ringing("keep", user=user, uri=uri)
    first = call.callee
    first.respond(code, headers=[(asks, challenge) for challenge in challenges])
    challenged = call.caller.final()
    first.expect_ack()
    assert challenged.status == code
    assert challenged.all(asks) == challenges
    call.ended(by=pb.ENDED_BY_CALLEE)
    call.expect_ladders(f"<INVITE >100 >180 >{code} <ACK", f">INVITE <180 <{code} >ACK")

    credentials = f'Digest username="alice", realm="pbx.example", nonce="x", uri="{uri}", response="{md5(user)}", algorithm=MD5'
    again = through.calling(
        "keep", user=user, uri=uri, call_id=call.caller.call_id, from_tag=call.caller.from_tag, cseq=2,
        headers=[(answers, credentials)])
    second = again.callee
    assert second.call_id != first.call_id
    assert second.invite.uri == uri
    assert second.invite.all(answers) == [credentials]
    second.accept()
    again.caller.final()
    again_sent = fields(second.expect_ack().one(answers))  # RFC 3261 13.2.2.4: the same credentials
    for name in ("username", "realm", "nonce", "uri", "response"):
        assert again_sent[name] == fields(credentials)[name]
    assert again.caller.bye().status == 200
    second.expect_bye()
    until(lambda: sorted(found.ended_by for found in through.api.by_call_id(call.caller.call_id)) == [
        pb.ENDED_BY_CALLER, pb.ENDED_BY_CALLEE], "two calls, the first ended by the callee, the second by the caller")


# By us.

@pytest.fixture(scope="module")
def trunk(tmp_path_factory):
    """Routes with credentials; a password file may end with a line end."""
    folder = tmp_path_factory.mktemp("passwords")
    (folder / "good").write_text("Circle Of Life ü\n")
    (folder / "wrong").write_text("nothing")
    known = {"realm": "pbx.example", "username": "adieu", "password_file": str(folder / "good")}
    other = {"realm": "other.example", "username": "someone", "password_file": str(folder / "wrong")}
    routes = {"trunk": {"targets": ["{udp}"], "credentials": [other, known]},
              "tcptrunk": {"targets": ["{tcp}"], "credentials": [known]},
              "stranger": {"targets": ["{udp}"], "credentials": [other]}}
    with Through(routes=routes, callee_of={"trunk": "udp", "tcptrunk": "tcp", "stranger": "udp"}) as started:
        yield started


@pytest.mark.parametrize("code", [401, 407])
@pytest.mark.parametrize("challenge", [
    MD5, 'Digest realm="pbx.example", nonce="old", algorithm=MD5',
    'Digest realm="pbx.example",nonce="n",qop="auth,auth-int"',
    'Digest nonce="no-algorithm", realm="pbx.example"'], ids=["qop", "rfc2069", "auth-or-auth-int", "no-algorithm"])
@pytest.mark.parametrize("route", ["trunk", "tcptrunk"])
def test_by_us(trunk, route, code, challenge):
    """The caller hears nothing of it. Same Call-ID and From tag, CSeq one higher, the body again."""
    asks, answers = ANSWERS[code]
    call = trunk.calling(route)
    first = call.callee
    first.respond(code, headers=[(asks, challenge)])
    first.expect_ack()
    second = call.take()
    invite = second.invite
    assert (invite.call_id, invite.from_tag, invite.cseq) == (first.call_id, first.invite.from_tag, first.invite.cseq + 1)
    assert (invite.body, invite.uri) == (first.invite.body, first.invite.uri)
    assert invite.branch != first.invite.branch
    given = fields(invite.one(answers))
    assert (given["username"], given["realm"]) == ("adieu", "pbx.example")
    assert (given["nonce"], given.get("opaque")) == (fields(challenge)["nonce"], fields(challenge).get("opaque"))
    assert given["uri"] == invite.uri
    assert given["response"] == expected_response(given, "adieu", "Circle Of Life ü", "INVITE", sip.OFFER)
    call.ring()
    call.answer()
    call.hang_up()
    call.expect_ladders("<INVITE >100 >180 >200 <ACK <BYE >200",
                        f">INVITE <{code} >ACK >INVITE <180 <200 >ACK >BYE <200")
    assert "Circle" not in "\n".join(trunk.server.log())


@pytest.mark.parametrize("password", ["one:two", 'a"b', "a\\b"])
def test_a_password_that_the_stack_would_cut_is_refused(tmp_path, password):
    (tmp_path / "secret").write_text(password)
    credentials = {"realm": "pbx.example", "username": "adieu", "password_file": str(tmp_path / "secret")}
    route = {"name": "trunk", "forward": {"targets": ["sip:127.0.0.1:9"], "credentials": [credentials]}}
    code, output = run_to_exit(["--check"], config=json.dumps({"routes": [route]}))
    assert code == 2 and "password_file" in output, output
    assert password not in output


@pytest.mark.parametrize("route,challenges", [
    ("trunk", ['Digest realm="nobody.example", nonce="1", algorithm=MD5']), ("stranger", [MD5]),
    ("trunk", [SHA256]), ("trunk", ['Basic realm="pbx.example"'])],
    ids=["unknown realm", "no credentials for it", "sha-256 is not ours", "not digest"])
def test_what_we_cannot_answer_is_the_callers(trunk, route, challenges):
    call = trunk.calling(route)
    call.callee.respond(407, headers=[("Proxy-Authenticate", challenge) for challenge in challenges])
    challenged = call.caller.final()
    call.callee.expect_ack()
    assert challenged.status == 407
    assert challenged.all("Proxy-Authenticate") == challenges
    assert len(trunk.udp.offered(call.user)) == 1
    call.ended(by=pb.ENDED_BY_CALLEE)
    call.expect_ladders("<INVITE >100 >407 <ACK", ">INVITE <407 >ACK")


def test_a_wrong_password_is_not_tried_for_ever(trunk):
    """Each answer is refused with a new nonce: after three INVITEs at most the caller gets the refusal."""
    call = trunk.calling("trunk")
    for tries in range(1, 7):
        call.callee.respond(401, headers=[("WWW-Authenticate", MD5.replace("dcd9", f"{tries}"))])
        call.callee.expect_ack()

        def goes_on(tries=tries):
            call.caller.peer.pump()
            return call.caller.finals() or len(trunk.udp.offered(call.user)) > tries
        until(goes_on, "a final response or another INVITE")
        if call.caller.finals():
            break
        call.take()
    assert call.caller.final().status == 401
    assert len(trunk.udp.offered(call.user)) <= 3
    call.ended(by=pb.ENDED_BY_CALLEE)


def test_no_credentials_are_sent_unasked(trunk):
    call = trunk.calling("trunk")
    assert not call.callee.invite.has("Authorization") and not call.callee.invite.has("Proxy-Authorization")
    call.ring()
    call.cancel()


def test_a_termination_between_challenge_and_answer(trunk):
    """The INVITE with credentials is out and has no 1xx: the CANCEL waits for it; no further INVITE."""
    call = trunk.calling("trunk")
    call.callee.respond(401, headers=[("WWW-Authenticate", MD5)])
    call.callee.expect_ack()
    call.take()
    termination = trunk.api.terminate(call.name, intent=pb.INTENT_BUSY)
    assert call.caller.final().status == 486
    call.callee.none_of("CANCEL")
    call.callee.ring()
    call.callee.expect_cancelled()
    assert call.settled(termination) == {"caller": "FINAL_RESPONSE ENDED", "callee": "CANCEL ENDED"}
    assert len(trunk.udp.offered(call.user)) == 2
    call.expect_ladders("<INVITE >100 >486 <ACK", ">INVITE <401 >ACK >INVITE <180 >CANCEL <200 <487 >ACK")
