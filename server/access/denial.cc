#include "server/access/denial.h"

#include <cctype>
#include <string>

namespace adieu::access {
namespace {

using absl::StatusCode;
using metrics::ApiDenial;

StatusCode CodeOf(ApiDenial denial) {
  switch (denial) {
    case ApiDenial::kNoRole:
    case ApiDenial::kRoleTooLow:
    case ApiDenial::kPersonalMatch:
      return StatusCode::kPermissionDenied;
    case ApiDenial::kRateLimited:
    case ApiDenial::kTooManyWatchers:
      return StatusCode::kResourceExhausted;
    default:
      return StatusCode::kUnauthenticated;
  }
}

const char* MessageOf(ApiDenial denial) {
  switch (denial) {
    case ApiDenial::kCredentialsMissing:
      return "nothing says who asks: send a token as `authorization: Bearer TOKEN`";
    case ApiDenial::kTokenUnknown:
      return "the token is none that is known, and no JSON Web Token of a known issuer";
    case ApiDenial::kTokenAlgorithm:
      return "the token is signed with an algorithm that its issuer has no key for here";
    case ApiDenial::kTokenSignature:
      return "the token is not signed with a key of its issuer";
    case ApiDenial::kTokenClaims:
      return "the token needs `exp` and `sub`, and numbers in `exp` and `nbf`";
    case ApiDenial::kTokenExpired:
      return "the token has expired";
    case ApiDenial::kTokenNotYetValid:
      return "the token is not valid yet";
    case ApiDenial::kTokenAudience:
      return "the token is for another audience";
    case ApiDenial::kNoRole:
      return "the token gives no role here";
    case ApiDenial::kRoleTooLow:
      return "the role may not call this method";
    case ApiDenial::kPersonalMatch:
      return "a viewer may compare what tells about people by `exact` only";
    case ApiDenial::kRateLimited:
      return "this client makes more requests per second than it may; nothing was done";
    case ApiDenial::kTooManyWatchers:
      return "this client has as many watches open as it may";
  }
  return "";
}

std::string ReasonOf(ApiDenial denial) {
  std::string reason(metrics::Label(denial));
  for (char& c : reason) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return reason;
}

// `ROLE_VIEWER`; for a method without a role, which nobody may call, `ROLE_UNSPECIFIED`.
const std::string& Name(v1::Role role) { return v1::Role_Name(role); }

}  // namespace

base::Error ToError(ApiDenial denial, std::optional<std::chrono::milliseconds> retry_after) {
  return base::Error{.code = CodeOf(denial),
                     .reason = ReasonOf(denial),
                     .message = MessageOf(denial),
                     .retry_after = retry_after};
}

base::Error RoleTooLow(v1::Role role, v1::Role least) {
  base::Error error = ToError(ApiDenial::kRoleTooLow);
  error.metadata = {{"role", Name(role)}, {"least_role", Name(least)}};
  return error;
}

}  // namespace adieu::access
