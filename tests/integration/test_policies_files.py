"""Cancel policies of the configuration: files of a directory, shipped ones that are enabled, and what is wrong with them."""

import pytest

from harness.api import Api
from harness.policies import create, delete, explain, get, listed, names, policy, update
from harness.server import Server, run_to_exit
from harness.stubs import pb
from harness.wait import DEADLINE

NIGHT = """\
# Who calls at night.
name: cancelPolicies/night
description: |
  Nobody is there.
  Try again.
mode: ENFORCED
priority: 10
rules:
  - id: not-now
    triggers: [REQUEST, ring_timeout]
    match:
      caller_user_agent: {prefix: Linphone}
    treatment:
      final_response:
        status_code: 480
        retry_after: 3600s
"""


@pytest.fixture
def directory(tmp_path):
    folder = tmp_path / "policies"
    folder.mkdir()
    return folder


def config(directory):
    return f"policies:\n  directory: {directory}\n"


def test_files_are_policies_and_read_only(directory, tmp_path):
    (directory / "night.yaml").write_text(NIGHT)
    (directory / "other.yml").write_text(NIGHT.replace("night", "other").replace("priority: 10", "priority: 11"))
    (directory / "note.txt").write_text("not a policy")
    (directory / ".night.yaml").write_text("not: yet")
    store = f"sqlite:{tmp_path}/adieu.db"
    with Server(config(directory), store=store) as server, Api(server.grpc) as api:
        assert names(listed(api))[:2] == ["cancelPolicies/other", "cancelPolicies/night"]
        night = get(api, "cancelPolicies/night")
        assert night.origin == pb.CANCEL_POLICY_ORIGIN_DIRECTORY
        assert night.etag and not night.HasField("create_time")
        assert night.description == "Nobody is there.\nTry again.\n"
        assert night.rules[0].treatment.final_response.retry_after.seconds == 3600
        assert explain(api).policy == "cancelPolicies/other"
        with api.refused("FAILED_PRECONDITION", "POLICY_READ_ONLY"):
            update(api, policy("night"))
        with api.refused("FAILED_PRECONDITION", "POLICY_READ_ONLY"):
            delete(api, "cancelPolicies/night")
        with api.refused("ALREADY_EXISTS", "POLICY_EXISTS"):
            create(api, policy("night"))
    # Without its file it is gone; with it again it is the same.
    (directory / "night.yaml").rename(directory / "night.off")
    with Server(config(directory), store=store) as server, Api(server.grpc) as api:
        made = create(api, policy("night"))
    (directory / "night.off").rename(directory / "night.yaml")
    with Server(config(directory), store=store) as server, Api(server.grpc) as api:
        assert server.wait_log("stored policy hidden", DEADLINE)["policy"] == "cancelPolicies/night"
        assert get(api, "cancelPolicies/night") == night
    (directory / "night.yaml").unlink()
    with Server(config(directory), store=store) as server, Api(server.grpc) as api:
        assert get(api, "cancelPolicies/night") == made


def test_what_the_api_gives_can_be_a_file(directory):
    """What `get -o yaml` prints has what only answers have."""
    (directory / "night.yaml").write_text(
        NIGHT + "etag: x\ncreate_time: 2024-05-17T12:00:00.123Z\nupdate_time: 2024-05-17T12:00:00Z\n"
        "origin: CANCEL_POLICY_ORIGIN_API\n")
    with Server(config(directory)) as server, Api(server.grpc) as api:
        night = get(api, "cancelPolicies/night")
        assert night.origin == pb.CANCEL_POLICY_ORIGIN_DIRECTORY and night.etag != "x"


BAD = [
    ("an unknown key", NIGHT.replace("retry_after:", "retry_afer:"),
     "night.yaml:16: rules[0].treatment.final_response.retry_afer: is not a known key; known here: status_code"),
    ("an unknown mode", NIGHT.replace("ENFORCED", "ON"), "night.yaml:6: mode: must be one of"),
    ("an empty match", NIGHT.replace("match:\n      caller_user_agent: {prefix: Linphone}", "match: {}"),
     "night.yaml:11: rules[0].match"),
    ("a bad regex", NIGHT.replace("{prefix: Linphone}", "\n        regex: 'a('"),
     "night.yaml:13: rules[0].match.caller_user_agent.regex: "),
    ("a wrong status", NIGHT.replace("480", "200"),
     "night.yaml:15: rules[0].treatment.final_response.status_code: "),
    ("contradicting Reasons", NIGHT + "        reasons:\n          - q850_cause: 17\n",
     "night.yaml:18: rules[0].treatment.final_response.reasons[0]"),
    ("a bad name", NIGHT.replace("cancelPolicies/night", "Night"), "night.yaml:2: name: must be cancelPolicies/"),
    ("a taken name", NIGHT.replace("/night", "/builtin"), "night.yaml:2: name: is the name of a shipped policy"),
    ("a treatment that its trigger does not allow", NIGHT.replace("ring_timeout", "CALLER_CANCEL"),
     "night.yaml:13: rules[0].treatment: is not allowed with TRIGGER_CALLER_CANCEL"),
    ("no rules", "name: cancelPolicies/night\n", "night.yaml:1: rules: "),
    ("no YAML", "name: [\n", "night.yaml:2: is not YAML"),
    ("nothing", "", "night.yaml:1: name: is required"),
]


@pytest.mark.parametrize("text,line", [entry[1:] for entry in BAD], ids=[entry[0] for entry in BAD])
def test_what_is_wrong_is_told_with_file_and_line(directory, text, line):
    (directory / "a.yaml").write_text(NIGHT.replace("night", "a"))
    (directory / "night.yaml").write_text(text)
    for flags in (["--check"], ["--sip-listen", "127.0.0.1:0", "--store", "memory"]):
        code, output = run_to_exit(flags, config=config(directory))
        assert code == 2, output
        lines = output.splitlines()
        assert len(lines) == 1, output
        assert lines[0].startswith(f"adieud: {directory}/{line}"), output


def test_a_redirect_to_a_configured_listener_is_told_with_its_line(directory):
    (directory / "loop.yaml").write_text("""\
name: cancelPolicies/loop
rules:
  - id: loop
    triggers: [REQUEST]
    treatment:
      redirect:
        contacts:
          - sip:a@192.0.2.9
          - sip:a@127.0.0.1:5999
""")
    flags = ["--check", "--sip-listen", "127.0.0.1:5999"]
    code, output = run_to_exit(flags, config=config(directory))
    assert code == 2
    assert output.startswith(f"adieud: {directory}/loop.yaml:9: rules[0].treatment.redirect.contacts[1]: "), output
    code, output = run_to_exit(["--check", "--sip-listen", "127.0.0.1:5998"], config=config(directory))
    assert (code, output) == (0, "")


def test_a_directory_that_is_not_there(tmp_path):
    code, output = run_to_exit(["--check"], config=config(tmp_path / "nowhere"))
    assert code == 2
    assert "adieu.yaml:2: policies.directory: " in output and "No such file or directory" in output


def test_two_files_of_one_name(directory):
    (directory / "a.yaml").write_text(NIGHT)
    (directory / "b.yaml").write_text("\n" + NIGHT)
    code, output = run_to_exit(["--check"], config=config(directory))
    assert code == 2
    assert output == f"adieud: {directory}/b.yaml:3: name: is also the name in {directory}/a.yaml:2\n"


def test_a_shipped_policy_is_enabled_by_one_line():
    with Server("policies: {enable: [quiet-kills]}\n") as server, Api(server.grpc) as api:
        quiet = get(api, "cancelPolicies/quiet-kills")
        assert quiet.mode == pb.CANCEL_POLICY_MODE_ENFORCED and quiet.origin == pb.CANCEL_POLICY_ORIGIN_SHIPPED
        # What a switch's kill command sends, and a true no-answer.
        def failed(reasons):
            callee = pb.Leg(last_status_code=480, headers=[pb.Header(name="Reason", value=text) for text in reasons])
            call = pb.Call(caller=pb.Leg(user_agent="Linphone/5.1"), callee=callee)
            return explain(api, hypothetical_call=call, trigger=pb.TRIGGER_FAR_END_FAILURE)

        assert failed(["Q.850;cause=16"]).policy == quiet.name
        assert failed([]).treatment.HasField("relay")
        assert failed(["Q.850;cause=19"]).treatment.HasField("relay")


def test_what_is_not_shipped_cannot_be_enabled():
    code, output = run_to_exit(["--check"], config="policies:\n  enable:\n    - quiet-kills\n    - loud-kills\n")
    assert code == 2
    assert output.endswith("adieu.yaml:4: policies.enable[1]: is not a shipped policy; there are: quiet-kills\n"), output
