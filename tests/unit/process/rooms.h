#pragma once

#include <memory>
#include <string>

#include "server/engine/engine.h"
#include "server/metrics/metrics.h"
#include "server/sip/agent.h"
#include "server/store/store.h"

namespace adieu::process {

// What adieud is without gRPC: the store, the engine and the agent, built and ended in the order of main,
// each with its threads.
class Rooms {
 public:
  // `path`: the store's file, or empty for one in memory. `target`: the port that calls are forwarded to.
  // `port`: where SIP is spoken; 0: any.
  Rooms(const std::string& path, int target, int port = 0);
  ~Rooms();

  int port() const { return agent_->addresses().front().port; }
  engine::Engine& engine() { return *engine_; }
  sip::Agent& agent() { return *agent_; }
  store::Store& store() { return *store_; }
  metrics::Metrics& metrics() { return metrics_; }

 private:
  metrics::Metrics metrics_{"test"};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<sip::Agent> agent_;
};

}  // namespace adieu::process
