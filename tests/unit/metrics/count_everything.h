#pragma once

#include <string>

#include "server/metrics/metrics.h"

namespace adieu::metrics {

// Counts each thing once, so that every metric has a series.
inline void CountEverything(Metrics* metrics) {
  metrics->SipRequest(v1::LEG_SIDE_CALLER, v1::DIRECTION_RECEIVED, SipMethod::kInvite);
  metrics->SipResponse(v1::LEG_SIDE_CALLER, v1::DIRECTION_SENT, SipMethod::kInvite, 486);
  metrics->SipRetransmission(v1::LEG_SIDE_CALLEE, v1::DIRECTION_RECEIVED, SipMethod::kBye);
  metrics->SipRejected(RejectReason::kMalformed);
  metrics->SetSipReceiveBuffer("default", 4194304);
  metrics->SipDatagramsDropped("default", 3);
  metrics->CallBegan(v1::CALL_STATE_RINGING);
  metrics->CallBegan(v1::CALL_STATE_RINGING);
  metrics->CallMoved(v1::CALL_STATE_RINGING, v1::CALL_STATE_TERMINATING);
  metrics->CallEnded(v1::CALL_STATE_TERMINATING, v1::ENDED_BY_ADIEU);
  metrics->SetRingingLimit(20000);
  metrics->Glare(GlareKind::kAnsweredFirst);
  metrics->AnsweredWithoutJournal();
  metrics->CallRecovered(Recovery::kLetGo);
  metrics->Forked();
  metrics->FailedOver(FailoverReason::kNoAnswer);
  metrics->TerminationEnded(v1::TRIGGER_REQUEST, v1::INTENT_QUIET, v1::LEG_ACTION_FINAL_RESPONSE,
                            v1::LEG_OUTCOME_ENDED);
  metrics->TerminationSentAfter(std::chrono::microseconds(70));
  metrics->TerminationEndedAfter(std::chrono::milliseconds(3));
  metrics->PolicyDecided("quiet-kills", v1::CANCEL_POLICY_MODE_ENFORCED, v1::TRIGGER_FAR_END_FAILURE,
                         "switch-kill");
  metrics->FarEndRewritten(480, 487);
  metrics->PolicyEvaluatedIn(std::chrono::microseconds(2));
  metrics->SetPolicies(v1::CANCEL_POLICY_ORIGIN_API, v1::CANCEL_POLICY_MODE_SHADOW, 3);
  metrics->AddSweeps(1);
  metrics->SweepCall(SweepResult::kSkipped);
  metrics->SetQueueDepth(5);
  metrics->SetQueueLimit(30000);
  metrics->QueueRejected();
  metrics->SetWorkers(2);
  metrics->AddWorkersBusy(1);
  const auto rpc = metrics->RegisterRpc(RpcType::kUnary, "adieu.v1.CallControlService", "GetCall");
  metrics->RpcStarted(rpc);
  metrics->RpcHandled(rpc, absl::StatusCode::kNotFound, std::chrono::milliseconds(1));
  metrics->ApiDenied(ApiDenial::kTokenExpired);
  metrics->SetCertificateExpiry("api", std::chrono::system_clock::from_time_t(1'900'000'000));
  metrics->StoreFailed();
  metrics->StoreCommitted(std::chrono::milliseconds(1));
  metrics->AddWatchers(1);
  metrics->SetDraining(true);
}

}  // namespace adieu::metrics
