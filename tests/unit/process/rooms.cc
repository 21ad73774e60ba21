#include "tests/unit/process/rooms.h"

#include <cstdlib>
#include <utility>

#include "adieu/config/v1/config.pb.h"

namespace adieu::process {
namespace {

config::v1::Config Configuration(int target, int port) {
  config::v1::Config config;
  auto* listener = config.mutable_sip()->add_listeners();
  listener->set_name("default");
  listener->set_address("127.0.0.1:" + std::to_string(port));
  config.set_instance("test");
  config.mutable_limits()->set_max_ringing(1000);
  config.mutable_limits()->set_queue(1000);
  config.mutable_limits()->mutable_recovered_calls_max_age()->set_seconds(60);
  config.mutable_store()->mutable_sqlite();
  auto* plan = config.add_routes()->mutable_forward();
  plan->add_targets("sip:127.0.0.1:" + std::to_string(target));
  plan->mutable_no_answer_timeout()->set_seconds(60);
  plan->mutable_ring_timeout()->set_seconds(180);
  return config;
}

}  // namespace

Rooms::Rooms(const std::string& path, int target, int port) {
  store_ = path.empty() ? store::OpenMemory() : std::move(*store::OpenSqlite(path));
  engine_ = std::make_unique<engine::Engine>(engine::Engine::Options{}, store_.get(), &metrics_);
  auto journaled = engine_->JournaledCalls();
  auto agent =
      sip::Agent::Start(Configuration(target, port), engine_.get(), &metrics_, *std::move(journaled));
  if (!agent.ok()) std::abort();
  agent_ = std::move(*agent);
  engine_->Connect(agent_.get(), {"127.0.0.1:" + std::to_string(this->port())});
}

Rooms::~Rooms() {
  engine_->watch().Shutdown();
  engine_->sweeps().Shutdown();
  agent_->Stop(std::chrono::seconds(5));
  engine_->Stop();
  store_->Close();
}

}  // namespace adieu::process
