#include "server/config/complete.h"

#include <unistd.h>

#include <array>
#include <cctype>
#include <string>

namespace adieu::config {
namespace {

constexpr int64_t kParkSeconds = 180;
constexpr int64_t kNoAnswerSeconds = 4;
constexpr int64_t kRingSeconds = 180;
constexpr int64_t kAnsweredAfterSeconds = 30;
constexpr int64_t kRecoveredCallsMaxAgeSeconds = 4 * 3600;

// The host's name as an instance name: what such a name may not have becomes `-`.
std::string HostInstance() {
  std::array<char, 256> name = {};
  if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "adieu";
  std::string instance = std::string(name.data()).substr(0, 63);
  for (char& c : instance) {
    const auto byte = static_cast<unsigned char>(c);
    c = std::isalnum(byte) != 0 && byte < 0x80 ? static_cast<char>(std::tolower(byte)) : '-';
  }
  return instance;
}

void CompleteSip(v1::Sip* sip) {
  if (sip->listeners().empty()) {
    v1::Listener* listener = sip->add_listeners();
    listener->set_name("default");
    listener->set_address("127.0.0.1:5060");
  }
  for (v1::Listener& listener : *sip->mutable_listeners()) {
    if (!listener.transports().empty()) continue;
    if (listener.has_tls()) {
      listener.add_transports("tls");
      continue;
    }
    listener.add_transports("udp");
    listener.add_transports("tcp");
  }
}

void CompleteForward(v1::Forward* forward) {
  if (forward->request_uri() == v1::REQUEST_URI_UNSPECIFIED) forward->set_request_uri(v1::REQUEST_URI_TARGET);
  if (!forward->has_no_answer_timeout()) forward->mutable_no_answer_timeout()->set_seconds(kNoAnswerSeconds);
  if (!forward->has_ring_timeout()) forward->mutable_ring_timeout()->set_seconds(kRingSeconds);
}

void CompleteRoute(v1::Route* route) {
  if (route->action_case() == v1::Route::ACTION_NOT_SET) route->mutable_park();
  if (route->has_park() && !route->park().has_timeout()) {
    route->mutable_park()->mutable_timeout()->set_seconds(kParkSeconds);
  }
  if (route->has_forward()) CompleteForward(route->mutable_forward());
}

void CompleteStore(v1::Store* store) {
  if (store->kind_case() == v1::Store::KIND_NOT_SET) store->mutable_sqlite();
  if (store->has_sqlite() && store->sqlite().path().empty()) store->mutable_sqlite()->set_path("./adieu.db");
}

void CompleteLimits(v1::Limits* limits) {
  if (!limits->has_max_ringing()) limits->set_max_ringing(20'000);
  if (!limits->has_queue()) limits->set_queue(20'000);
  if (!limits->has_workers()) limits->set_workers(2);
  if (!limits->has_ended_calls()) limits->set_ended_calls(10'000);
  if (!limits->has_recovered_calls_max_age()) {
    limits->mutable_recovered_calls_max_age()->set_seconds(kRecoveredCallsMaxAgeSeconds);
  }
  if (!limits->has_api_watchers_per_client()) limits->set_api_watchers_per_client(100);
  if (!limits->has_api_streams_per_connection()) limits->set_api_streams_per_connection(1'000);
}

void CompleteDrain(v1::Drain* drain) {
  if (!drain->has_ringing_after()) drain->mutable_ringing_after();
  if (!drain->has_answered_after()) drain->mutable_answered_after()->set_seconds(kAnsweredAfterSeconds);
}

}  // namespace

void CompleteConfig(v1::Config* config) {
  if (config->instance().empty()) config->set_instance(HostInstance());
  CompleteSip(config->mutable_sip());
  for (v1::Route& route : *config->mutable_routes()) CompleteRoute(&route);
  if (config->api().listen().empty()) config->mutable_api()->set_listen("127.0.0.1:50051");
  if (config->metrics().listen().empty()) config->mutable_metrics()->set_listen("127.0.0.1:9464");
  CompleteStore(config->mutable_store());
  CompleteLimits(config->mutable_limits());
  CompleteDrain(config->mutable_drain());
  if (config->log().level().empty()) config->mutable_log()->set_level("info");
  if (config->log().format().empty()) config->mutable_log()->set_format("json");
}

}  // namespace adieu::config
