#pragma once

#include <google/protobuf/struct.pb.h>

#include <chrono>
#include <optional>
#include <string>

#include "adieu/config/v1/access.pb.h"
#include "adieu/v1/role.pb.h"

namespace adieu::access {

// The claims of a JSON Web Token (RFC 7519 4.1). A value type; pure.
class Claims {
 public:
  // Nothing: not a JSON object.
  static std::optional<Claims> Parse(const std::string& json);

  bool Has(const std::string& claim) const;
  // Empty: absent, or not a text.
  std::string Text(const std::string& claim) const;
  // Nothing: absent, or not a number. What the clock cannot tell becomes its nearest value.
  std::optional<std::chrono::system_clock::time_point> Time(const std::string& claim) const;
  // `aud` is this text, or a list with it.
  bool HasAudience(const std::string& audience) const;
  // The one that may do most of the roles that the issuer's claim gives. ROLE_UNSPECIFIED: it gives none.
  v1::Role RoleBy(const config::v1::TokenIssuer& issuer) const;

 private:
  google::protobuf::Struct claims_;
};

}  // namespace adieu::access
