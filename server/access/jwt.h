#pragma once

#include <google/protobuf/repeated_field.h>

#include <chrono>
#include <string>
#include <variant>

#include "adieu/config/v1/access.pb.h"
#include "server/access/caller.h"
#include "server/metrics/labels.h"

namespace adieu::access {

// How far the clocks of an issuer and ours may be apart.
inline constexpr std::chrono::seconds kLeeway{30};

// Whom a JSON Web Token (RFC 7519) of one of `issuers` names, as access.proto says, or why it is refused. The
// issuer is found by `iss`; what the token says counts only once a key of that issuer, of the token's own
// algorithm, has made the signature. `issuers` are checked and have their keys. Pure, any thread; takes up to
// a millisecond.
std::variant<Caller, metrics::ApiDenial> ReadJwt(
    const std::string& token, const google::protobuf::RepeatedPtrField<config::v1::TokenIssuer>& issuers,
    std::chrono::system_clock::time_point now);

}  // namespace adieu::access
