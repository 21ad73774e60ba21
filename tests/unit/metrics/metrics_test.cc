#include "server/metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/unit/metrics/count_everything.h"

namespace adieu::metrics {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

TEST(Metrics, CountsWhatItIsTold) {
  Metrics metrics("1.2.3");
  CountEverything(&metrics);
  const std::string text = metrics.Text();
  const std::string kLines[] = {
      "adieu_build_info{version=\"1.2.3\"} 1\n",
      "adieu_sip_requests_total{direction=\"received\",method=\"INVITE\",side=\"caller\"} 1\n",
      "adieu_sip_responses_total{class=\"4xx\",code=\"486\",direction=\"sent\",method=\"INVITE\",side="
      "\"caller\"} 1\n",
      "adieu_sip_retransmissions_total{direction=\"received\",method=\"BYE\",side=\"callee\"} 1\n",
      "adieu_sip_rejected_total{reason=\"malformed\"} 1\n",
      "adieu_sip_receive_buffer_bytes{listener=\"default\"} 4194304\n",
      "adieu_calls{state=\"ringing\"} 1\n",
      "adieu_calls{state=\"answered\"} 0\n",
      "adieu_calls{state=\"terminating\"} 0\n",
      "adieu_ringing_limit 20000\n",
      "adieu_calls_total 2\n",
      "adieu_calls_ended_total{ended_by=\"adieu\"} 1\n",
      "adieu_answers_unjournaled_total 1\n",
      "adieu_recovered_calls_total{recovery=\"let_go\"} 1\n",
      "adieu_terminations_total{action=\"final_response\",intent=\"quiet\",outcome=\"ended\",trigger="
      "\"request\"} 1\n",
      "adieu_termination_sent_seconds_bucket{le=\"5e-05\"} 0\n",
      "adieu_termination_sent_seconds_bucket{le=\"0.0001\"} 1\n",
      "adieu_termination_sent_seconds_bucket{le=\"64\"} 1\n",
      "adieu_termination_ended_seconds_count 1\n",
      "adieu_policy_decisions_total{mode=\"enforced\",policy=\"quiet-kills\",rule=\"switch-kill\","
      "trigger=\"far_end_failure\"} 1\n",
      "adieu_far_end_rewrites_total{from=\"480\",to=\"487\"} 1\n",
      "adieu_policy_evaluation_seconds_bucket{le=\"1e-06\"} 0\n",
      "adieu_policy_evaluation_seconds_bucket{le=\"2.5e-06\"} 1\n",
      "adieu_policies{mode=\"shadow\",origin=\"api\"} 3\n",
      "adieu_sweeps 1\n",
      "adieu_sweep_calls_total{result=\"skipped\"} 1\n",
      "adieu_queue_depth 5\n",
      "adieu_queue_limit 30000\n",
      "adieu_queue_rejected_total 1\n",
      "adieu_workers 2\n",
      "adieu_workers_busy 1\n",
      "grpc_server_started_total{grpc_method=\"GetCall\",grpc_service=\"adieu.v1.CallControlService\","
      "grpc_type=\"unary\"} 1\n",
      "grpc_server_handled_total{grpc_code=\"NotFound\",grpc_method=\"GetCall\","
      "grpc_service=\"adieu.v1.CallControlService\",grpc_type=\"unary\"} 1\n",
      "grpc_server_handling_seconds_count{grpc_method=\"GetCall\"",
      "adieu_store_errors_total 1\n",
      "adieu_store_commit_seconds_count 1\n",
      "adieu_watchers 1\n",
      "adieu_draining 1\n",
  };
  for (const std::string& line : kLines) EXPECT_THAT(text, HasSubstr(line));
}

// A first count is seen as an increase only where a zero was scraped before it.
TEST(Metrics, SeriesOfShortListsAreThereFromTheStart) {
  const std::string text = Metrics("0").Text();
  for (const char* line : {
           "adieu_sip_rejected_total{reason=\"malformed\"} 0\n",
           "adieu_sip_rejected_total{reason=\"too_many_hops\"} 0\n",
           "adieu_glare_total{kind=\"bye_crossed\"} 0\n",
           "adieu_failover_total{reason=\"unresolved\"} 0\n",
           "adieu_sweep_calls_total{result=\"skipped\"} 0\n",
           "adieu_calls_ended_total{ended_by=\"caller\"} 0\n",
           "adieu_calls_ended_total{ended_by=\"timeout\"} 0\n",
       }) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(text, Not(HasSubstr("ended_by=\"unspecified\"")));
}

TEST(Metrics, ReadsTheProcess) {
  const std::string text = Metrics("0").Text();
  EXPECT_THAT(text, ContainsRegex("process_resident_memory_bytes [1-9]"));
  EXPECT_THAT(text, ContainsRegex("process_cpu_seconds_total [0-9]"));
  EXPECT_THAT(text, ContainsRegex("process_open_fds [1-9]"));
  EXPECT_THAT(text, ContainsRegex("process_start_time_seconds [1-9]"));
}

TEST(Metrics, ValuesOutsideTheirEnumsAreBounded) {
  Metrics metrics("0");
  metrics.SipResponse(v1::LEG_SIDE_CALLER, static_cast<v1::Direction>(77), SipMethod::kOther, 1000);
  metrics.SipResponse(v1::LEG_SIDE_CALLER, v1::DIRECTION_SENT, SipMethod::kInvite, -1);
  metrics.SipRequest(v1::LEG_SIDE_CALLER, static_cast<v1::Direction>(-1), SipMethod::kOther);
  metrics.CallBegan(static_cast<v1::CallState>(55));
  metrics.CallMoved(static_cast<v1::CallState>(55), static_cast<v1::CallState>(-3));
  metrics.CallEnded(v1::CALL_STATE_TERMINATED, static_cast<v1::EndedBy>(44));
  metrics.TerminationEnded(static_cast<v1::Trigger>(99), static_cast<v1::Intent>(99),
                           static_cast<v1::LegAction>(99), static_cast<v1::LegOutcome>(99));
  const std::string text = metrics.Text();
  EXPECT_THAT(
      text,
      HasSubstr(
          "{class=\"other\",code=\"other\",direction=\"unspecified\",method=\"other\",side=\"caller\"} 1\n"));
  EXPECT_THAT(
      text,
      HasSubstr("{class=\"other\",code=\"other\",direction=\"sent\",method=\"INVITE\",side=\"caller\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("adieu_calls_ended_total{ended_by=\"unspecified\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("intent=\"unspecified\",outcome=\"unspecified\",trigger=\"unspecified\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("adieu_calls{state=\"ringing\"} 0\n"));
}

TEST(Metrics, EveryCodeAndMethodHasItsOwnCounter) {
  Metrics metrics("0");
  for (int code = 100; code <= 699; ++code) {
    for (int times = 0; times < code % 7 + 1; ++times) {
      metrics.SipResponse(v1::LEG_SIDE_CALLER, v1::DIRECTION_RECEIVED, SipMethod::kPublish, code);
    }
  }
  const std::string text = metrics.Text();
  for (const int code : {100, 101, 199, 200, 487, 698, 699}) {
    const std::string name = std::to_string(code);
    EXPECT_THAT(text, HasSubstr("{class=\"" + name.substr(0, 1) + "xx\",code=\"" + name +
                                "\",direction=\"received\",method=\"PUBLISH\",side=\"caller\"} " +
                                std::to_string(code % 7 + 1) + "\n"));
  }
}

TEST(Metrics, UnknownRpcKeysAreIgnoredAndTheNumberOfRpcsIsBounded) {
  Metrics metrics("0");
  metrics.RpcStarted(0);
  metrics.RpcHandled(60000, absl::StatusCode::kOk, std::chrono::seconds(1));
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("grpc_server_started_total{")));
  Metrics::RpcKey last = 0;
  for (int i = 0; i < 100; ++i) last = metrics.RegisterRpc(RpcType::kUnary, "s", "m" + std::to_string(i));
  metrics.RpcStarted(last);
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("grpc_method=\"m99\"")));
  EXPECT_THAT(metrics.Text(), HasSubstr("grpc_method=\"m63\""));
}

TEST(Metrics, MorePoliciesThanHaveALabelAreOne) {
  Metrics metrics("0");
  const auto decided = [&metrics](const std::string& policy) {
    metrics.PolicyDecided(policy, v1::CANCEL_POLICY_MODE_SHADOW, v1::TRIGGER_DRAIN, "r");
  };
  for (size_t i = 0; i < Metrics::kMaxPolicies + 3; ++i) decided("p" + std::to_string(i));
  decided("p0");
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("{mode=\"shadow\",policy=\"p0\",rule=\"r\",trigger=\"drain\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("policy=\"p199\""));
  EXPECT_THAT(text, Not(HasSubstr("policy=\"p200\"")));
  EXPECT_THAT(text, HasSubstr("{mode=\"shadow\",policy=\"other\",rule=\"\",trigger=\"drain\"} 3\n"));
}

TEST(Metrics, LosesNothingFromManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kTimes = 5000;
  Metrics metrics("0");
  const auto rpc = metrics.RegisterRpc(RpcType::kServerStream, "s", "m");
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kTimes; ++i) {
        metrics.SipResponse(v1::LEG_SIDE_CALLER, v1::DIRECTION_SENT, SipMethod::kInvite, 180);
        metrics.CallBegan(v1::CALL_STATE_RINGING);
        metrics.TerminationEnded(v1::TRIGGER_DRAIN, v1::INTENT_BUSY, v1::LEG_ACTION_BYE,
                                 v1::LEG_OUTCOME_SENT);
        metrics.TerminationSentAfter(std::chrono::microseconds(i));
        metrics.RpcHandled(rpc, absl::StatusCode::kOk, std::chrono::microseconds(i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string all = std::to_string(kThreads * kTimes) + "\n";
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("code=\"180\",direction=\"sent\",method=\"INVITE\",side=\"caller\"} " + all));
  EXPECT_THAT(text, HasSubstr("adieu_calls{state=\"ringing\"} " + all));
  EXPECT_THAT(text, HasSubstr("outcome=\"sent\",trigger=\"drain\"} " + all));
  EXPECT_THAT(text, HasSubstr("adieu_termination_sent_seconds_count " + all));
  EXPECT_THAT(
      text,
      HasSubstr("grpc_code=\"OK\",grpc_method=\"m\",grpc_service=\"s\",grpc_type=\"server_stream\"} " + all));
}

}  // namespace
}  // namespace adieu::metrics
