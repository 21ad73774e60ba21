#include "server/metrics/metrics.h"

#include <prometheus/text_serializer.h>

#include <utility>
#include <vector>

#include "server/base/status_name.h"
#include "server/metrics/metrics_impl.h"

namespace adieu::metrics {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Labels;
using prometheus::Registry;

// Seconds, from 50 us to 64 s (64*T1 is 32 s).
const Histogram::BucketBoundaries kBuckets = {0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                              0.01,    0.025,  0.05,    0.1,    0.25,  0.5,    1,
                                              2.5,     5,      10,      32,     64};

// Seconds, from 1 us to 10 ms: what an agent's thread waits for.
const Histogram::BucketBoundaries kEvaluationBuckets = {0.000001, 0.0000025, 0.000005, 0.00001, 0.000025,
                                                        0.00005,  0.0001,    0.00025,  0.0005,  0.001,
                                                        0.0025,   0.005,     0.01};

Family<Counter>& CounterFamily(Registry& registry, const char* name, const char* help) {
  return BuildCounter().Name(name).Help(help).Register(registry);
}

// A family whose only label has the values of an enum, with every series from the start: a first count is
// then an increase to who scrapes.
template <typename Enum, size_t kValues>
std::array<Counter*, kValues> CountersOf(Registry& registry, const char* name, const char* help,
                                         const char* label) {
  Family<Counter>& family = CounterFamily(registry, name, help);
  std::array<Counter*, kValues> counters;
  for (size_t i = 0; i < kValues; ++i) {
    counters[i] = &family.Add({{label, std::string(Label(static_cast<Enum>(i)))}});
  }
  return counters;
}

Family<Gauge>& GaugeFamily(Registry& registry, const char* name, const char* help) {
  return BuildGauge().Name(name).Help(help).Register(registry);
}

Family<Histogram>& HistogramFamily(Registry& registry, const char* name, const char* help) {
  return BuildHistogram().Name(name).Help(help).Register(registry);
}

// The index of an enum value; what is outside the enum counts as its zero.
size_t Index(int value, int size) { return value > 0 && value < size ? static_cast<size_t>(value) : 0; }

size_t MessageIndex(v1::LegSide side, v1::Direction direction, SipMethod method) {
  const size_t way = Index(side, v1::LegSide_ARRAYSIZE) * v1::Direction_ARRAYSIZE +
                     Index(direction, v1::Direction_ARRAYSIZE);
  return way * kSipMethods + static_cast<size_t>(method);
}

Labels MessageLabels(v1::LegSide side, v1::Direction direction, SipMethod method) {
  return {{"side", std::string(Label(side))},
          {"direction", Label(direction)},
          {"method", std::string(Label(method))}};
}

double Seconds(std::chrono::nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

Metrics::Impl::Impl(const std::string& version)
    : responses(CounterFamily(*registry, "adieu_sip_responses_total", "SIP responses on the wire.")),
      requests(CounterFamily(*registry, "adieu_sip_requests_total", "SIP requests on the wire.")),
      retransmissions(CounterFamily(*registry, "adieu_sip_retransmissions_total",
                                    "SIP messages on the wire that repeat an earlier one.")),
      rejected(CountersOf<RejectReason, kRejectReasons>(*registry, "adieu_sip_rejected_total",
                                                        "SIP messages that were not served.", "reason")),
      receive_buffer(GaugeFamily(*registry, "adieu_sip_receive_buffer_bytes",
                                 "Receive buffer of the listener's UDP socket as the kernel granted it.")),
      datagrams_dropped(
          CounterFamily(*registry, "adieu_sip_datagrams_dropped_total",
                        "Datagrams that the kernel dropped at the listener's UDP socket: from "
                        "networks that sip.allow does not name, or while its buffer was full.")),
      calls(GaugeFamily(*registry, "adieu_calls", "Calls that have not ended.")),
      ringing_limit(
          GaugeFamily(*registry, "adieu_ringing_limit", "Calls that may ring at once (limits.max_ringing).")
              .Add({})),
      calls_total(CounterFamily(*registry, "adieu_calls_total", "Calls that began.").Add({})),
      calls_ended(CounterFamily(*registry, "adieu_calls_ended_total", "Calls that ended.")),
      glares(CountersOf<GlareKind, kGlareKinds>(*registry, "adieu_glare_total",
                                                "Endings of ours that met one of the peer.", "kind")),
      unjournaled(CounterFamily(*registry, "adieu_answers_unjournaled_total",
                                "Callers answered although the journal did not have their call.")
                      .Add({})),
      recovered(CountersOf<Recovery, kRecoveries>(
          *registry, "adieu_recovered_calls_total",
          "Calls of the process before this one, by what became of them.", "recovery")),
      forks(CounterFamily(*registry, "adieu_fork_total", "Further To tags that answered an INVITE of ours.")
                .Add({})),
      failovers(CountersOf<FailoverReason, kFailoverReasons>(*registry, "adieu_failover_total",
                                                             "Targets given up for the next one.", "reason")),
      terminations(CounterFamily(*registry, "adieu_terminations_total", "Legs ended by a termination.")),
      termination_sent(HistogramFamily(*registry, "adieu_termination_sent_seconds",
                                       "From a termination's acceptance to its first message sent.")
                           .Add({}, kBuckets)),
      termination_ended(HistogramFamily(*registry, "adieu_termination_ended_seconds",
                                        "From a termination's acceptance to its final outcome.")
                            .Add({}, kBuckets)),
      policy_decisions(CounterFamily(*registry, "adieu_policy_decisions_total",
                                     "Calls that a rule of a cancel policy decided about.")),
      far_end_rewrites(CounterFamily(*registry, "adieu_far_end_rewrites_total",
                                     "Final responses of the far end that the caller got another one for.")),
      policy_evaluation(HistogramFamily(*registry, "adieu_policy_evaluation_seconds",
                                        "How long one choice among the cancel policies took.")
                            .Add({}, kEvaluationBuckets)),
      policies(GaugeFamily(*registry, "adieu_policies", "Cancel policies.")),
      sweeps(GaugeFamily(*registry, "adieu_sweeps", "Sweeps under way.").Add({})),
      sweep_calls(CountersOf<SweepResult, kSweepResults>(*registry, "adieu_sweep_calls_total",
                                                         "Calls that a sweep came to.", "result")),
      queue_depth(
          GaugeFamily(*registry, "adieu_queue_depth", "Terminations that wait for a worker.").Add({})),
      queue_limit(
          GaugeFamily(*registry, "adieu_queue_limit", "Terminations that may wait at once (limits.queue).")
              .Add({})),
      queue_rejected(CounterFamily(*registry, "adieu_queue_rejected_total",
                                   "Terminations refused because a queue was full.")
                         .Add({})),
      workers(GaugeFamily(*registry, "adieu_workers", "Worker threads.").Add({})),
      workers_busy(GaugeFamily(*registry, "adieu_workers_busy", "Worker threads at work.").Add({})),
      rpc_started(CounterFamily(*registry, "grpc_server_started_total", "RPCs started.")),
      rpc_handled(CounterFamily(*registry, "grpc_server_handled_total", "RPCs completed, by status code.")),
      rpc_handling(HistogramFamily(*registry, "grpc_server_handling_seconds", "How long RPCs took.")),
      api_denied(
          CounterFamily(*registry, "adieu_api_denied_total", "Requests over the API that were not let in.")),
      certificate_expiry(GaugeFamily(*registry, "adieu_certificate_expiry_timestamp_seconds",
                                     "When a certificate in use, or one of its chain, ends.")),
      store_errors(
          CounterFamily(*registry, "adieu_store_errors_total", "Operations that the store failed.").Add({})),
      store_commit(HistogramFamily(*registry, "adieu_store_commit_seconds", "How long commits took.")
                       .Add({}, kBuckets)),
      watchers(GaugeFamily(*registry, "adieu_watchers", "Open WatchCalls streams.").Add({})),
      draining(GaugeFamily(*registry, "adieu_draining", "1 while the server goes down.").Add({})) {
  GaugeFamily(*registry, "adieu_build_info", "Always 1; the label tells the version.")
      .Add({{"version", version}})
      .Set(1);
  for (const v1::CallState state :
       {v1::CALL_STATE_RINGING, v1::CALL_STATE_ANSWERED, v1::CALL_STATE_TERMINATING}) {
    state_gauges[state] = &calls.Add({{"state", Label(state)}});
  }
  for (const v1::EndedBy by :
       {v1::ENDED_BY_CALLER, v1::ENDED_BY_CALLEE, v1::ENDED_BY_ADIEU, v1::ENDED_BY_TIMEOUT}) {
    EndedBy(by);
  }
}

Counter& Metrics::Impl::EndedBy(v1::EndedBy by) {
  return ended_cells.At(Index(by, v1::EndedBy_ARRAYSIZE), calls_ended, [by] {
    return Labels{{"ended_by", Label(by)}};
  });
}

Metrics::Metrics(const std::string& version) : impl_(std::make_unique<Impl>(version)) {}
Metrics::~Metrics() = default;

void Metrics::SipRequest(v1::LegSide side, v1::Direction direction, SipMethod method) {
  impl_->request_cells.Increment(MessageIndex(side, direction, method), impl_->requests,
                                 [&] { return MessageLabels(side, direction, method); });
}

void Metrics::SipResponse(v1::LegSide side, v1::Direction direction, SipMethod method, int status_code) {
  const bool known = status_code >= 100 && status_code <= 699;
  const size_t code = known ? static_cast<size_t>(status_code - 100) : Impl::kCodes - 1;
  const size_t index = MessageIndex(side, direction, method) * Impl::kCodes + code;
  impl_->response_cells.Increment(index, impl_->responses, [&] {
    Labels labels = MessageLabels(side, direction, method);
    labels["code"] = CodeLabel(status_code);
    labels["class"] = ClassLabel(status_code);
    return labels;
  });
}

void Metrics::SipRetransmission(v1::LegSide side, v1::Direction direction, SipMethod method) {
  impl_->retransmission_cells.Increment(MessageIndex(side, direction, method), impl_->retransmissions,
                                        [&] { return MessageLabels(side, direction, method); });
}

void Metrics::SipRejected(RejectReason reason) { impl_->rejected[static_cast<size_t>(reason)]->Increment(); }

void Metrics::SetSipReceiveBuffer(const std::string& listener, int64_t bytes) {
  impl_->receive_buffer.Add({{"listener", listener}}).Set(static_cast<double>(bytes));
}

void Metrics::SipDatagramsDropped(const std::string& listener, uint64_t count) {
  impl_->datagrams_dropped.Add({{"listener", listener}}).Increment(static_cast<double>(count));
}

void Metrics::CallBegan(v1::CallState state) {
  impl_->calls_total.Increment();
  CallMoved(v1::CALL_STATE_UNSPECIFIED, state);
}

void Metrics::CallMoved(v1::CallState from, v1::CallState to) {
  Gauge* left = impl_->state_gauges[Index(from, v1::CallState_ARRAYSIZE)];
  Gauge* entered = impl_->state_gauges[Index(to, v1::CallState_ARRAYSIZE)];
  if (left == entered) return;
  if (left != nullptr) left->Decrement();
  if (entered != nullptr) entered->Increment();
}

void Metrics::CallEnded(v1::CallState from, v1::EndedBy ended_by) {
  CallMoved(from, v1::CALL_STATE_TERMINATED);
  impl_->EndedBy(ended_by).Increment();
}

void Metrics::SetRingingLimit(size_t limit) { impl_->ringing_limit.Set(static_cast<double>(limit)); }

void Metrics::Glare(GlareKind kind) { impl_->glares[static_cast<size_t>(kind)]->Increment(); }

void Metrics::AnsweredWithoutJournal() { impl_->unjournaled.Increment(); }

void Metrics::CallRecovered(Recovery recovery) {
  impl_->recovered[static_cast<size_t>(recovery)]->Increment();
}

void Metrics::Forked() { impl_->forks.Increment(); }

void Metrics::FailedOver(FailoverReason reason) {
  impl_->failovers[static_cast<size_t>(reason)]->Increment();
}

void Metrics::TerminationEnded(v1::Trigger trigger, v1::Intent intent, v1::LegAction action,
                               v1::LegOutcome outcome) {
  size_t index = Index(trigger, v1::Trigger_ARRAYSIZE);
  index = index * v1::Intent_ARRAYSIZE + Index(intent, v1::Intent_ARRAYSIZE);
  index = index * v1::LegAction_ARRAYSIZE + Index(action, v1::LegAction_ARRAYSIZE);
  index = index * v1::LegOutcome_ARRAYSIZE + Index(outcome, v1::LegOutcome_ARRAYSIZE);
  impl_->termination_cells.Increment(index, impl_->terminations, [&] {
    return Labels{{"trigger", Label(trigger)},
                  {"intent", Label(intent)},
                  {"action", Label(action)},
                  {"outcome", Label(outcome)}};
  });
}

void Metrics::TerminationSentAfter(std::chrono::nanoseconds duration) {
  impl_->termination_sent.Observe(Seconds(duration));
}

void Metrics::TerminationEndedAfter(std::chrono::nanoseconds duration) {
  impl_->termination_ended.Observe(Seconds(duration));
}

void Metrics::PolicyDecided(const std::string& policy, v1::CancelPolicyMode mode, v1::Trigger trigger,
                            const std::string& rule) {
  bool known;
  {
    const std::lock_guard lock(impl_->policy_mutex);
    std::set<std::string>& names = impl_->policy_names;
    known = names.contains(policy) || (names.size() < kMaxPolicies && names.insert(policy).second);
  }
  impl_->policy_decisions
      .Add({{"policy", known ? policy : "other"},
            {"mode", Label(mode)},
            {"trigger", Label(trigger)},
            {"rule", known ? rule : ""}})
      .Increment();
}

void Metrics::FarEndRewritten(int from, int to) {
  impl_->far_end_rewrites.Add({{"from", CodeLabel(from)}, {"to", CodeLabel(to)}}).Increment();
}

void Metrics::PolicyEvaluatedIn(std::chrono::nanoseconds duration) {
  impl_->policy_evaluation.Observe(Seconds(duration));
}

void Metrics::SetPolicies(v1::CancelPolicyOrigin origin, v1::CancelPolicyMode mode, size_t count) {
  impl_->policies.Add({{"origin", Label(origin)}, {"mode", Label(mode)}}).Set(static_cast<double>(count));
}

void Metrics::AddSweeps(int delta) { impl_->sweeps.Increment(delta); }

void Metrics::SweepCall(SweepResult result) { impl_->sweep_calls[static_cast<size_t>(result)]->Increment(); }

void Metrics::SetQueueDepth(size_t depth) { impl_->queue_depth.Set(static_cast<double>(depth)); }
void Metrics::SetQueueLimit(size_t limit) { impl_->queue_limit.Set(static_cast<double>(limit)); }
void Metrics::QueueRejected() { impl_->queue_rejected.Increment(); }
void Metrics::SetWorkers(size_t workers) { impl_->workers.Set(static_cast<double>(workers)); }
void Metrics::AddWorkersBusy(int delta) { impl_->workers_busy.Increment(delta); }

Metrics::RpcKey Metrics::RegisterRpc(RpcType type, const std::string& service, const std::string& method) {
  const std::lock_guard lock(impl_->rpc_mutex);
  const size_t key = impl_->rpc_count.load(std::memory_order_relaxed);
  if (key == Impl::kMaxRpcs) return Impl::kMaxRpcs;
  auto rpc = std::make_unique<Impl::Rpc>();
  rpc->labels = {{"grpc_type", std::string(Label(type))}, {"grpc_service", service}, {"grpc_method", method}};
  rpc->started = &impl_->rpc_started.Add(rpc->labels);
  rpc->handling = &impl_->rpc_handling.Add(rpc->labels, kBuckets);
  impl_->rpcs[key] = std::move(rpc);
  impl_->rpc_count.store(key + 1, std::memory_order_release);
  return static_cast<RpcKey>(key);
}

void Metrics::RpcStarted(RpcKey key) {
  if (key >= impl_->rpc_count.load(std::memory_order_acquire)) return;
  impl_->rpcs[key]->started->Increment();
}

void Metrics::RpcHandled(RpcKey key, absl::StatusCode code, std::chrono::nanoseconds duration) {
  if (key >= impl_->rpc_count.load(std::memory_order_acquire)) return;
  Impl::Rpc& rpc = *impl_->rpcs[key];
  const auto number = static_cast<size_t>(code);
  rpc.handled.Increment(number < Impl::kRpcCodes ? number : Impl::kRpcCodes - 1, impl_->rpc_handled, [&] {
    Labels labels = rpc.labels;
    labels["grpc_code"] = base::GrpcCodeLabel(code);
    return labels;
  });
  rpc.handling->Observe(Seconds(duration));
}

void Metrics::ApiDenied(ApiDenial denial) {
  impl_->denial_cells.Increment(static_cast<size_t>(denial), impl_->api_denied, [&] {
    return Labels{{"reason", std::string(Label(denial))}};
  });
}

void Metrics::SetCertificateExpiry(const std::string& use, std::chrono::system_clock::time_point end) {
  impl_->certificate_expiry.Add({{"use", use}}).Set(Seconds(end.time_since_epoch()));
}

void Metrics::StoreFailed() { impl_->store_errors.Increment(); }
void Metrics::StoreCommitted(std::chrono::nanoseconds duration) {
  impl_->store_commit.Observe(Seconds(duration));
}
void Metrics::AddWatchers(int delta) { impl_->watchers.Increment(delta); }
void Metrics::SetDraining(bool draining) { impl_->draining.Set(draining ? 1 : 0); }

std::string Metrics::Text() const {
  std::vector<prometheus::MetricFamily> families = impl_->registry->Collect();
  for (auto& family : impl_->process->Collect()) families.push_back(std::move(family));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace adieu::metrics
