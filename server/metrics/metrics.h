#pragma once

#include <absl/status/status.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "server/metrics/labels.h"

namespace adieu::metrics {

// What Prometheus counts of one server; docs/metrics.md lists the names. Owned by main, outlives every room
// that counts. Any thread, no method blocks for long or throws; the counting methods look nothing up by name,
// PolicyDecided and FarEndRewritten excepted.
// Values outside their enum are counted as `unspecified` or `other`.
class Metrics {
 public:
  // `version` is what adieu_build_info shows.
  explicit Metrics(const std::string& version);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // SIP. Each message on the wire is counted once by SipRequest or SipResponse, retransmissions too; those
  // are counted by SipRetransmission as well. `method` of a response is the one in its CSeq.
  void SipRequest(v1::LegSide side, v1::Direction direction, SipMethod method);
  void SipResponse(v1::LegSide side, v1::Direction direction, SipMethod method, int status_code);
  void SipRetransmission(v1::LegSide side, v1::Direction direction, SipMethod method);
  void SipRejected(RejectReason reason);
  // SO_RCVBUF of a listener's socket as the kernel granted it. Slow: at start only. `listener` is the
  // configured name.
  void SetSipReceiveBuffer(const std::string& listener, int64_t bytes);
  // The kernel dropped so many more datagrams at a listener's socket.
  void SipDatagramsDropped(const std::string& listener, uint64_t count);

  // Calls. One CallBegan per call, CallMoved per change of state, one CallEnded that leaves the last state.
  void CallBegan(v1::CallState state);
  void CallMoved(v1::CallState from, v1::CallState to);
  void CallEnded(v1::CallState from, v1::EndedBy ended_by);
  // `limits.max_ringing`.
  void SetRingingLimit(size_t limit);

  // The journal of calls: the caller was answered although the journal does not have the call; one call of
  // the process before this one was taken up.
  void AnsweredWithoutJournal();
  void CallRecovered(Recovery recovery);

  // What happens between two legs: an ending of ours met one of the peer; a further To tag answered an INVITE
  // of ours; a target was given up for the next one.
  void Glare(GlareKind kind);
  void Forked();
  void FailedOver(FailoverReason reason);

  // Terminations. TerminationEnded once per leg when its outcome is final. The durations run from the
  // request's acceptance: to the first message sent, and to the final outcome of the last leg.
  void TerminationEnded(v1::Trigger trigger, v1::Intent intent, v1::LegAction action, v1::LegOutcome outcome);
  void TerminationSentAfter(std::chrono::nanoseconds duration);
  void TerminationEndedAfter(std::chrono::nanoseconds duration);

  // Cancel policies. PolicyDecided once per rule that decided about a call, or in SHADOW mode would have;
  // `policy` is its id; more than kMaxPolicies different ones in the life of the process are `other`. `rule`:
  // of a policy that is part of the program; empty for any other. FarEndRewritten: the caller got another
  // response than the far end's. PolicyEvaluatedIn: one choice among all policies. The gauges are set
  // whole: what a policy in this mode and of this origin there is.
  static constexpr size_t kMaxPolicies = 200;
  void PolicyDecided(const std::string& policy, v1::CancelPolicyMode mode, v1::Trigger trigger,
                     const std::string& rule);
  void FarEndRewritten(int from, int to);
  void PolicyEvaluatedIn(std::chrono::nanoseconds duration);
  void SetPolicies(v1::CancelPolicyOrigin origin, v1::CancelPolicyMode mode, size_t count);

  // Sweeps. +1 when one begins, -1 when it is over; SweepCall once per call that it came to.
  void AddSweeps(int delta);
  void SweepCall(SweepResult result);

  // The engine's queue and workers. The limit is `limits.queue`.
  void SetQueueDepth(size_t depth);
  void SetQueueLimit(size_t limit);
  void QueueRejected();
  void SetWorkers(size_t workers);
  // +1 when a worker takes an item, -1 when it is done.
  void AddWorkersBusy(int delta);

  // gRPC. RegisterRpc once per method at start (slow); its answer is the key of the other two. Unknown keys
  // are ignored.
  using RpcKey = uint16_t;
  RpcKey RegisterRpc(RpcType type, const std::string& service, const std::string& method);
  void RpcStarted(RpcKey key);
  void RpcHandled(RpcKey key, absl::StatusCode code, std::chrono::nanoseconds duration);

  // The API. ApiDenied once per request that was not let in. SetCertificateExpiry when one is put to use,
  // with the first end of it and its chain; `use`: `api`, `sip:` and a listener. Slow.
  void ApiDenied(ApiDenial denial);
  void SetCertificateExpiry(const std::string& use, std::chrono::system_clock::time_point end);

  // The store.
  void StoreFailed();
  void StoreCommitted(std::chrono::nanoseconds duration);

  // +1 when a WatchCalls stream opens, -1 when it closes.
  void AddWatchers(int delta);
  void SetDraining(bool draining);

  // Everything in the text format of Prometheus, as /metrics gives it. Slow.
  std::string Text() const;

 private:
  friend class MetricsServer;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace adieu::metrics
