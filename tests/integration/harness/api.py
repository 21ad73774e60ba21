"""The API as a client sees it, with what the tests ask most."""

import contextlib

import grpc

from harness.stubs import errors, health, pb, reflection, rpc
from harness.wait import DEADLINE, until

UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]


class Refusal:
    """What a gRPC error says."""

    def __init__(self, error):
        self.code = error.code().name
        self.message = error.details()
        self.info = None
        self.fields = []
        self.retry = None
        trailers = dict(error.trailing_metadata() or ())
        status = errors.Status()
        status.ParseFromString(trailers.get("grpc-status-details-bin", b""))
        for detail in status.details:
            if detail.Is(errors.ErrorInfo.DESCRIPTOR):
                self.info = errors.ErrorInfo()
                detail.Unpack(self.info)
            elif detail.Is(errors.BadRequest.DESCRIPTOR):
                bad = errors.BadRequest()
                detail.Unpack(bad)
                self.fields += [violation.field for violation in bad.field_violations]
            elif detail.Is(errors.RetryInfo.DESCRIPTOR):
                self.retry = errors.RetryInfo()
                detail.Unpack(self.retry)

    @property
    def reason(self):
        return self.info.reason if self.info else ""

    def __repr__(self):
        return f"{self.code} {self.reason} {self.fields} {self.message!r}"


class _Token(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor, grpc.StreamStreamClientInterceptor):
    """Sends a token with each request."""

    def __init__(self, token):
        self._metadata = [("authorization", f"Bearer {token}")]

    def _send(self, proceed, details, request):
        metadata = [*(details.metadata or ()), *self._metadata]
        return proceed(details._replace(metadata=metadata), request)

    intercept_unary_unary = intercept_unary_stream = intercept_stream_stream = _send


class Api:
    """`ca`: TLS, with a server of this authority; `identity`: what the client shows; `token`: what it sends."""

    def __init__(self, address, ca=None, identity=None, token=None):
        self.address = address
        if ca is None:
            self.channel = grpc.insecure_channel(address, options=UNLIMITED)
        else:
            shown = (identity.key.encode(), identity.certificate.encode()) if identity else (None, None)
            self.channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(ca.encode(), *shown), UNLIMITED)
        if token is not None:
            self.channel = grpc.intercept_channel(self.channel, _Token(token))
        self.stub = rpc.CallControlServiceStub(self.channel)
        self.policies = rpc.CancelPolicyServiceStub(self.channel)
        self.health = health.HealthStub(self.channel)
        self.reflection = reflection.ServerReflectionStub(self.channel)

    def close(self):
        self.channel.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def list(self, match=None, page_size=1000):
        """Every call of every page."""
        calls, page = [], ""
        while True:
            answer = self.stub.ListCalls(
                pb.ListCallsRequest(match=match, page_size=page_size, page_token=page), timeout=DEADLINE)
            calls += answer.calls
            page = answer.next_page_token
            if not page:
                return calls

    def by_call_id(self, call_id):
        return self.list(pb.CallMatch(sip_call_ids=pb.StringList(values=[call_id])))

    def find(self, call_id):
        """The one call with this SIP Call-ID, as soon as it is listed."""
        calls = until(lambda: self.by_call_id(call_id), f"a call with Call-ID {call_id}")
        assert len(calls) == 1, calls
        return calls[0]

    def get(self, name):
        return self.stub.GetCall(pb.GetCallRequest(name=name), timeout=DEADLINE)

    def wait_state(self, name, state, seconds=DEADLINE):
        def probe():
            call = self.get(name)
            return call if call.state == state else None
        return until(probe, f"{name} {pb.CallState.Name(state)}", seconds)

    def request(self, call=None, **fields):
        """A TerminateCallRequest: `call` is a name, or a SIP Call-ID where sip_call_id is given instead."""
        if call is not None:
            fields["name"] = call
        return pb.TerminateCallRequest(**fields)

    def terminate(self, call=None, timeout=DEADLINE, **fields):
        return self.stub.TerminateCall(self.request(call, **fields), timeout=timeout)

    def terminate_later(self, call=None, timeout=DEADLINE * 6, **fields):
        """Starts it; .result() of what comes back waits."""
        return self.stub.TerminateCall.future(self.request(call, **fields), timeout=timeout)

    def terminations(self, **fields):
        found, page = [], ""
        while True:
            answer = self.stub.ListTerminations(
                pb.ListTerminationsRequest(page_token=page, **fields), timeout=DEADLINE)
            found += answer.terminations
            page = answer.next_page_token
            if not page:
                return found

    def termination(self, name, call, settled=True, seconds=DEADLINE):
        """The recorded termination of a call, once each of its legs is settled."""
        def probe():
            match = pb.CallMatch(names=pb.StringList(values=[call]))
            for found in self.terminations(match=match):
                if found.name == name and (not settled or (found.legs and all(leg.HasField("end_time") for leg in found.legs))):
                    return found
            return None
        return until(probe, f"{name} settled", seconds)

    @contextlib.contextmanager
    def refused(self, code, reason=None, field=None):
        """The block must raise a gRPC error of this code, with this ErrorInfo reason and BadRequest field."""
        seen = {}
        try:
            yield seen
        except grpc.RpcError as error:
            refusal = Refusal(error)
            assert refusal.code == code, refusal
            assert refusal.info, f"no ErrorInfo: {refusal}"
            assert refusal.info.domain == "adieu.v1", refusal.info
            assert refusal.message, refusal
            if reason is not None:
                assert refusal.reason == reason, refusal
            if field is not None:
                wanted = (field,) if isinstance(field, str) else field
                assert any(name in refusal.fields for name in wanted), refusal
            seen["refusal"] = refusal
        else:
            raise AssertionError(f"not refused; {code} {reason or ''} expected")


def final_response(code, phrase="", **fields):
    return pb.Treatment(final_response=pb.FinalResponse(status_code=code, reason_phrase=phrase, **fields))


def redirect(contacts, code=0):
    return pb.Treatment(redirect=pb.Redirect(status_code=code, contacts=contacts))


def answer_then_bye(after=0, bye_reasons=()):
    treatment = pb.Treatment(answer_then_bye=pb.AnswerThenBye(), bye_reasons=bye_reasons)
    if after:
        treatment.answer_then_bye.after.FromNanoseconds(int(after * 1e9))
    return treatment


def q850(cause, text=""):
    return pb.Reason(q850_cause=cause, text=text)


def sip_reason(status, text=""):
    return pb.Reason(sip_status=status, text=text)


def ladder(call):
    """The SIP ladder as [("INVITE", "<"), (100, ">"), ...]: `<` received, `>` sent."""
    arrows = {pb.DIRECTION_RECEIVED: "<", pb.DIRECTION_SENT: ">"}
    return [(m.status_code or m.method, arrows[m.direction]) for m in call.messages]
