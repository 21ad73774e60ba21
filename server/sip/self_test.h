#pragma once

#include <sofia-sip/su_wait.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "server/sip/listener.h"

namespace adieu::sip {

// Sends one OPTIONS to a listener from a socket of its own and runs `root` until `seen()` is true. Nothing:
// it came true; otherwise why not (10 s at most). On the agent's thread, before it serves anybody.
std::optional<std::string> ProveTap(su_root_t* root, const ListenAddress& address,
                                    const std::function<bool()>& seen);

}  // namespace adieu::sip
