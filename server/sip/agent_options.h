#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adieu/config/v1/config.pb.h"
#include "server/base/error.h"
#include "server/base/sip_target.h"
#include "server/sip/invite_gate.h"
#include "server/sip/listener.h"
#include "server/sip/networks.h"
#include "server/sip/router.h"
#include "server/sip/tls_identity.h"

namespace adieu::sip {

// What an agent is started with, checked.
struct AgentOptions {
  std::string instance;
  std::vector<ListenAddress> listeners;
  // Of each listener; null: without TLS.
  std::vector<std::shared_ptr<TlsIdentity>> identities;
  Networks allow;
  Router router;
  // Calls that ring at once; further INVITEs get 503.
  size_t max_ringing = 0;
  InviteGate::Limits invite_limits;
  // Where callers are sent while the server drains. None: they get 503.
  std::optional<base::SipTarget> elsewhere;
  // Orders that wait for the agent's thread.
  size_t max_orders = 0;
  // The store outlives the process: calls are written into its journal.
  bool journal = false;
  // How long a recovered call goes on that has no session timer and shows no life.
  std::chrono::milliseconds recovered_calls_max_age{0};

  // Reads them from a complete configuration (server/config: CompleteConfig). Errors name the key.
  static base::Result<AgentOptions> From(const config::v1::Config& config);
};

}  // namespace adieu::sip
