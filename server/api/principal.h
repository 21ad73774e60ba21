#pragma once

namespace adieu::api {

// Who asks, until clients are authenticated.
inline constexpr char kPrincipal[] = "anonymous";

}  // namespace adieu::api
