"""adieu policies against a real server: what it prints, and its exit codes."""

import pathlib
import re

import pytest
import yaml

from harness.api import Api
from harness.cli import adieu
from harness.peer import UdpPeer
from harness.server import Server

SHIPPED = ["cancelPolicies/quiet-kills", "cancelPolicies/builtin"]
ROOT = pathlib.Path(__file__).resolve().parents[2]

NIGHT = """# Nobody is there at night.
name: cancelPolicies/night
description: |
  Nobody is there.
  Try again.
mode: enforced
priority: 7
rules:
  - id: desk
    triggers: [REQUEST]
    intents: [busy]
    match:
      to_uri: {prefix: "sip:desk@"}
    treatment:
      final_response: {status_code: 480, reason_phrase: Night, retry_after: 60s}
"""


@pytest.fixture(scope="module")
def own_server():
    started = Server(store="memory")
    yield started
    started.stop()


@pytest.fixture
def run(own_server):
    """Runs `adieu policies ...` against a server that has only the shipped policies."""
    def policies(*arguments, **options):
        return adieu(own_server.grpc, "policies", *arguments, **options)
    yield policies
    for name in set(names(policies)) - set(SHIPPED):
        assert policies("delete", name).code == 0


@pytest.fixture
def night(run, tmp_path):
    """The file of a policy that was applied."""
    file = tmp_path / "night.yaml"
    file.write_text(NIGHT)
    done = run("apply", "-f", str(file))
    assert (done.code, done.out) == (0, "cancelPolicies/night created\n"), done
    return file


def names(run):
    return [policy["name"] for policy in run("list", "-o", "json").json()["cancel_policies"]]


def test_list_is_in_the_order_asked(run, night):
    assert names(run) == ["cancelPolicies/night", *SHIPPED]
    table = run("list")
    assert table.code == 0, table
    lines = table.out.splitlines()
    assert re.fullmatch(r"1  night +ENFORCED +7 +1  API +Nobody is there\.\.\.\.", lines[1]), table
    assert re.match(r"3  builtin +ENFORCED +0 +\d+  SHIPPED ", lines[3]), table
    assert max(map(len, lines)) <= 130, table


def test_what_get_prints_can_be_applied(run, night):
    first = run("get", "night", "-o", "yaml")
    assert first.code == 0, first
    told = yaml.safe_load(first.out)
    assert told["description"] == "Nobody is there.\nTry again.\n"
    assert told["origin"] == "CANCEL_POLICY_ORIGIN_API" and told["etag"] and told["create_time"]
    done = run("apply", "-f", "-", stdin=first.out)
    assert (done.code, done.out) == (0, "cancelPolicies/night unchanged\n"), done
    assert run("get", "cancelPolicies/night", "-o", "yaml").out == first.out

    assert run("delete", "night").code == 0
    done = run("apply", "-f", "-", stdin=first.out)
    assert (done.code, done.out) == (0, "cancelPolicies/night created\n"), done
    rules = yaml.safe_load(run("get", "night", "-o", "yaml").out)["rules"]
    assert rules == told["rules"]


def test_every_shipped_policy_reads_back_as_it_is(run):
    for name in ("builtin", "quiet-kills"):
        printed = run("get", name, "-o", "yaml")
        done = run("diff", "-f", "-", stdin=printed.out)
        assert (done.code, done.out, done.err) == (0, "", "")


def test_get_for_a_person(run, night):
    done = run("get", "night")
    assert done.code == 0, done
    for text in ("cancelPolicies/night", "Rule desk", "REQUEST", "BUSY", 'prefix: "sip:desk@"',
                 "480 Night, Retry-After: 60"):
        assert text in done.out, done


def test_apply_changes_and_dry_run_does_not(run, night):
    night.write_text(NIGHT.replace("priority: 7", "priority: 8"))
    done = run("apply", "-f", str(night), "--dry-run")
    assert (done.code, done.out) == (0, "cancelPolicies/night updated (dry run)\n"), done
    assert run("get", "night", "-o", "json").json()["priority"] == 7
    done = run("apply", "-f", str(night), "-o", "json")
    assert done.code == 0 and done.json()["priority"] == 8, done
    assert run("get", "night", "-o", "json").json()["priority"] == 8


def test_if_unchanged_compares_the_etag(run, night):
    told = run("get", "night", "-o", "yaml").out
    assert run("apply", "-f", "-", stdin=NIGHT.replace("priority: 7", "priority: 8")).code == 0
    mine = told.replace("priority: 7", "priority: 9")
    done = run("apply", "--if-unchanged", "-f", "-", stdin=mine)
    assert done.code == 1 and "ETAG_MISMATCH" in done.err, done
    assert run("get", "night", "-o", "json").json()["priority"] == 8
    assert run("apply", "-f", "-", stdin=mine).out == "cancelPolicies/night updated\n"


def test_diff(run, night):
    done = run("diff", "-f", str(night))
    assert (done.code, done.out, done.err) == (0, "", ""), done
    night.write_text(NIGHT.replace("status_code: 480", "status_code: 486"))
    done = run("diff", "-f", str(night))
    assert done.code == 1 and done.err == "", done
    assert done.out.startswith(f"--- cancelPolicies/night\n+++ {night}\n@@ "), done
    assert re.search(r"^-\s+status_code: 480\n\+\s+status_code: 486$", done.out, re.M), done
    as_json = run("diff", "-f", str(night), "-o", "json")
    assert as_json.code == 1 and as_json.json()["differs"] is True, as_json
    done = run("diff", "-f", "-", stdin=NIGHT.replace("/night", "/day"))
    assert done.code == 1 and "--- /dev/null\n+++ stdin\n" in done.out, done


def test_a_directory_is_applied_as_a_whole_or_not_at_all(run, tmp_path):
    (tmp_path / "a.yaml").write_text(NIGHT.replace("/night", "/a"))
    (tmp_path / "b.yaml").write_text(NIGHT.replace("/night", "/b") + "---\n" + NIGHT.replace("/night", "/c"))
    bad = tmp_path / "z.yaml"
    bad.write_text(NIGHT.replace("/night", "/z").replace('prefix: "sip:desk@"', 'regex: "("'))
    done = run("apply", "-f", str(tmp_path))
    assert (done.code, done.out) == (1, ""), done
    assert f"{bad}:13: rules[0].match.to_uri.regex: " in done.err, done
    assert names(run) == SHIPPED

    bad.unlink()
    done = run("apply", "-f", str(tmp_path))
    assert done.code == 0, done
    assert done.out == "".join(f"cancelPolicies/{name} created\n" for name in "abc")
    assert run("diff", "-f", str(tmp_path)).code == 0


@pytest.mark.parametrize("old,new,line,words", [
    ("triggers: [REQUEST]", "triggers: [REQUESTS]", 10, 'rules[0].triggers[0]: "REQUESTS" is not one of request'),
    ("mode: enforced", "modus: enforced", 6, "modus: no such field in CancelPolicy"),
    ("status_code: 480", "status_code: many", 15, "rules[0].treatment.final_response.status_code: "),
    ("match:\n", "match:\n      from_uri: {prefix: a}\n", 14, "rules[0].match.to_uri: only one of"),
    ("priority: 7", "priority: 7\npriority: 8", 8, "priority: is given twice"),
    ("rules:\n", "rules: }\n", 8, ""),
])
def test_errors_in_a_file_have_its_line_and_nothing_is_sent(run, tmp_path, old, new, line, words):
    assert old in NIGHT
    file = tmp_path / "night.yaml"
    file.write_text(NIGHT.replace(old, new))
    for command in ("apply", "diff"):
        done = run(command, "-f", str(file))
        assert (done.code, done.out) == (2, ""), done
        assert done.err.startswith(f"adieu: {file}:{line}: {words}"), done
    assert "cancelPolicies/night" not in names(run)


@pytest.mark.parametrize("old,new,line,field", [
    ("status_code: 480", "status_code: 200", 15, "rules[0].treatment.final_response.status_code"),
    ("id: desk", "id: Desk!", 9, "rules[0].id"),
    ("triggers: [REQUEST]", "triggers: [ARRIVAL]", 11, "rules[0].intents"),
    ('to_uri: {prefix: "sip:desk@"}', "all_of:\n        matches:\n          - to_uri: {}", 15,
     "rules[0].match.all_of.matches[0].to_uri"),
    ("final_response: {status_code: 480, reason_phrase: Night, retry_after: 60s}",
     "final_response:\n        status_code: 486\n        reasons:\n          - q850_cause: 17\n"
     "          - sip_status: 480", 19, "rules[0].treatment.final_response.reasons[1]"),
])
def test_what_the_server_refuses_has_its_line(run, tmp_path, old, new, line, field):
    assert old in NIGHT
    file = tmp_path / "night.yaml"
    file.write_text(NIGHT.replace(old, new))
    done = run("apply", "-f", str(file))
    assert (done.code, done.out) == (1, ""), done
    assert f"INVALID_ARGUMENT (INVALID_FIELD): {file}:{line}: {field}" in done.err, done
    assert "cancelPolicies/night" not in names(run)


def test_shipped_policies_are_read_only(run):
    changed = run("get", "builtin", "-o", "yaml").out.replace("mode: CANCEL_POLICY_MODE_ENFORCED", "mode: DISABLED")
    done = run("apply", "-f", "-", stdin=changed)
    assert done.code == 1 and "(POLICY_READ_ONLY): stdin:1: " in done.err, done
    done = run("delete", "builtin")
    assert done.code == 1 and "POLICY_READ_ONLY" in done.err, done


def test_delete(run, night):
    assert run("delete", "night", "--dry-run").out == "cancelPolicies/night can be deleted\n"
    done = run("delete", "night", "--etag", "stale")
    assert done.code == 1 and "ETAG_MISMATCH" in done.err, done
    assert "cancelPolicies/night" in names(run)
    assert run("delete", "cancelPolicies/night", "-o", "json").json() == {}
    assert "cancelPolicies/night" not in names(run)
    for command in ("delete", "get"):
        done = run(command, "night")
        assert done.code == 1 and "POLICY_NOT_FOUND" in done.err, done


def test_unreachable_exits_3(night):
    for arguments in (["list"], ["apply", "-f", str(night)], ["diff", "-f", str(night)], ["explain", "calls/a"]):
        assert adieu("127.0.0.1:1", "--timeout", "2s", "policies", *arguments).code == 3, arguments


@pytest.mark.parametrize("arguments", [
    [], ["get"], ["apply"], ["apply", "-f", "/nonexistent"], ["diff"], ["delete"], ["explain"],
    ["explain", "calls/a", "--user-agent", "b"], ["explain", "--from", "a", "--trigger", "never"]])
def test_usage_errors_exit_2(run, arguments):
    done = run(*arguments)
    assert done.code == 2 and done.err.strip() and not done.out, done


def test_explain_a_made_up_call(run):
    done = run("explain", "--user-agent", "LinphoneDesktop/4.4 (LinphoneCore/5.1.64)")
    assert done.code == 0, done
    assert re.search(r"^Policy +cancelPolicies/builtin, rule quiet_linphone", done.out), done
    assert re.search(r"^Treatment +480 Call ended", done.out, re.M), done
    assert "To the caller:\n  SIP/2.0 480 Call ended\n" in done.out, done
    assert re.search(r"^ +\+ caller_user_agent .*\n +is LinphoneDesktop/4\.4", done.out, re.M), done
    assert re.search(r"^ +- caller_user_agent ", done.out, re.M), done
    assert done.out.isascii() and "\x1b" not in done.out, done
    told = run("explain", "--user-agent", "baresip v1.0.0", "--intent", "busy", "-o", "json").json()
    assert (told["policy"], told["rule"]) == ("cancelPolicies/builtin", "busy")


def test_explain_with_a_candidate(run, tmp_path):
    file = tmp_path / "night.yaml"
    file.write_text(NIGHT)
    asks = ["explain", "--to", "sip:desk@example.com", "--intent", "busy", "--candidate", str(file)]
    told = run(*asks, "-o", "json").json()
    assert (told["policy"], told["rule"]) == ("cancelPolicies/night", "desk")
    assert told["treatment"]["final_response"]["reason_phrase"] == "Night"
    file.write_text(NIGHT.replace("mode: enforced", "mode: shadow"))
    done = run(*asks)
    assert re.search(r"^In shadow +cancelPolicies/night, rule desk: 480 Night", done.out, re.M), done
    assert re.search(r"^Policy +cancelPolicies/builtin, rule busy", done.out), done
    assert "cancelPolicies/night" not in names(run)
    file.write_text(NIGHT.replace("status_code: 480", "status_code: 200"))
    done = run(*asks)
    assert done.code == 1, done
    assert f"{file}:15: rules[0].treatment.final_response.status_code" in done.err, done


def test_explain_a_failure_of_the_far_end(run):
    shipped = run("get", "quiet-kills", "-o", "yaml").out
    enforced = shipped.replace("MODE_DISABLED", "MODE_ENFORCED").replace("quiet-kills", "kills")
    asks = ["explain", "--status", "480", "--user-agent", "baresip v1.0.0", "--candidate", "-", "-o", "json"]
    killed = run(*asks, "--reason", 'Q.850;cause=16;text="NORMAL_CLEARING"', stdin=enforced).json()
    assert (killed["policy"], killed["rule"]) == ("cancelPolicies/kills", "killed")
    assert killed["treatment"]["final_response"]["status_code"] == 487
    away = run(*asks, "--reason", "Q.850;cause=18", stdin=enforced).json()
    assert away["policy"] == "cancelPolicies/builtin" and "relay" in away["treatment"]


def test_explain_a_real_call(server, ringing):
    call, name = ringing
    done = adieu(server.grpc, "policies", "explain", name, "-o", "json")
    assert done.code == 0, done
    assert done.json()["treatment"]["final_response"]["status_code"] == 487
    call.no_final()
    done = adieu(server.grpc, "policies", "explain", "calls/nobody")
    assert done.code == 1 and "CALL_NOT_FOUND" in done.err, done


@pytest.fixture
def ringing(peer, api):
    call = peer.invite(user="desk")
    call.ring()
    return call, api.find(call.call_id).name


# phone           adieu           adieu calls terminate
#   |---INVITE----->|                 |
#   |<--180---------|                 |
#   |               |<--Terminate-----|
#   |<--480---------|                 |
@pytest.mark.parametrize("flags,code,decided", [
    (["--policy", "night"], 480, "cancelPolicies/night, rule desk"),
    ([], 486, "cancelPolicies/builtin, rule busy")])
def test_a_call_is_ended_by_a_policy(run, own_server, flags, code, decided):
    assert run("apply", "-f", "-", stdin=NIGHT.replace("mode: enforced", "mode: shadow")).code == 0
    with UdpPeer(own_server.sip()) as peer, Api(own_server.grpc) as own_api:
        call = peer.invite(user="desk")
        call.ring()
        name = own_api.find(call.call_id).name
        done = adieu(own_server.grpc, "calls", "terminate", name, "--intent", "busy", *flags)
        assert done.code == 0, done
        assert call.final().status == code
        assert re.search(rf"^Policy +{decided}$", done.out, re.M), done
        shadow = re.search(r"^In shadow +cancelPolicies/night, rule desk: 480 Night", done.out, re.M)
        assert bool(shadow) is not bool(flags), done
        listed = adieu(own_server.grpc, "terminations", "list", "--to", "sip:desk@")
        policy, rule = re.fullmatch(r"cancelPolicies/(\S+), rule (\S+)", decided).groups()
        assert re.search(rf"^\S+ +{name} .* {policy} +{rule} +CALLER +{code} ", listed.out, re.M), listed


def examples():
    """Every policy in the documents."""
    for document in ("README.md", "docs/policies.md", "docs/configuration.md"):
        text = (ROOT / document).read_text()
        for block in re.findall(r"^```yaml\n(.*?)^```", text, re.M | re.S):
            if re.search(r"^name: cancelPolicies/", block, re.M):
                yield block


def test_the_examples_in_the_docs_are_right(run, tmp_path):
    blocks = list(examples())
    assert len(blocks) >= 11
    for i, block in enumerate(blocks):
        (tmp_path / f"{i:02}.yaml").write_text(block)
    done = run("apply", "--dry-run", "-f", str(tmp_path))
    assert done.code == 0, done
    assert done.out.count(" created (dry run)\n") == len(blocks), done
    assert names(run) == SHIPPED


def test_the_presets_are_right(run):
    done = run("apply", "--dry-run", "-f", str(ROOT / "deploy" / "policies"))
    assert done.code == 0, done
