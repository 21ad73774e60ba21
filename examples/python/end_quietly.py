"""Ends one ringing call without an error at the caller's phone, and says what came of it.

    python3 end_quietly.py [HOST:PORT]      the server's gRPC address; else $ADIEU_SERVER, else 127.0.0.1:50051
"""

import os
import pathlib
import sys
import time
import uuid

import grpc

# What protoc made of the API is a package `adieu`, beside this file.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "generated"))

from adieu.v1 import call_control_service_pb2 as api  # noqa: E402
from adieu.v1 import call_control_service_pb2_grpc as rpc  # noqa: E402
from adieu.v1 import call_pb2, call_state_pb2, match_pb2, termination_pb2, treatment_pb2  # noqa: E402

RINGING = match_pb2.CallMatch(state=call_state_pb2.CALL_STATE_RINGING)
# After these nothing was done, or nobody knows: the same request again, with the same request_id, is safe.
PASSING = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED)
# Seconds, for one answer and for all tries together. A phone that is gone is given up after 32 s.
ANSWER, TRIES = 45, 60


def list_ringing(stub):
    """Every ringing call, and the token from which a watch misses nothing."""
    calls, resume, page = [], "", ""
    while True:
        answer = stub.ListCalls(api.ListCallsRequest(match=RINGING, page_token=page), timeout=ANSWER)
        calls += answer.calls
        resume, page = resume or answer.resume_token, answer.next_page_token
        if not page:
            return calls, resume


def next_ringing(stub, resume):
    """The next call that rings."""
    for change in stub.WatchCalls(api.WatchCallsRequest(match=RINGING, resume_token=resume), wait_for_ready=True):
        if change.WhichOneof("change") == "call":
            return change.call
    raise SystemExit("the server ended the watch")


def end_quietly(stub, name):
    """The termination, once the phone has confirmed it. Tries again for as long as that may help."""
    request = api.TerminateCallRequest(
        name=name, intent=treatment_pb2.INTENT_QUIET, wait=api.WAIT_ENDED, note="end_quietly.py",
        request_id=str(uuid.uuid4()))
    give_up, pause = time.monotonic() + TRIES, 0.1
    while True:
        try:
            return stub.TerminateCall(request, timeout=ANSWER)
        except grpc.RpcError as error:
            if error.code() not in PASSING or time.monotonic() + pause > give_up:
                raise
            print(f"again: {error.code().name}")
        time.sleep(pause)
        pause = min(2 * pause, 2)


def main():
    address = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("ADIEU_SERVER", "127.0.0.1:50051")
    with grpc.insecure_channel(address) as channel:
        stub = rpc.CallControlServiceStub(channel)
        calls, resume = list_ringing(stub)
        for call in calls:
            print(f"rings: {call.name} from {call.caller.from_uri}")
        call = calls[0] if calls else next_ringing(stub, resume)
        termination = end_quietly(stub, call.name)
        # What became of it is data, not an error: the phone may have hung up first (PEER_FIRST).
        print(f"ended: {termination.call} by {termination.policy} {termination.rule}")
        for leg in termination.legs:
            side = call_pb2.LegSide.Name(leg.side)
            action = termination_pb2.LegAction.Name(leg.action)
            outcome = termination_pb2.LegOutcome.Name(leg.outcome)
            print(f"{side} {action} {leg.status_code} {leg.reason_phrase}: {outcome}")


if __name__ == "__main__":
    try:
        main()
    except grpc.RpcError as error:
        sys.exit(f"{error.code().name}: {error.details()}")
