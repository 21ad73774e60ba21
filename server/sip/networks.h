#pragma once

#include <netinet/in.h>

#include <string>
#include <vector>

#include "server/base/address.h"
#include "server/base/error.h"

namespace adieu::sip {

// Which sources are admitted: a list of networks. Immutable, pure.
class Networks {
 public:
  // `cidrs`: `192.0.2.0/24`, `2001:db8::/32`. Empty: every source. `path` is that of the list in the
  // configuration.
  static base::Result<Networks> Parse(const std::vector<std::string>& cidrs, const std::string& path);

  bool Has(const sockaddr_storage& source) const;

  // Empty: every source.
  const std::vector<base::Network>& list() const { return networks_; }

 private:
  std::vector<base::Network> networks_;
};

}  // namespace adieu::sip
