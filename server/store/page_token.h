#pragma once

#include <string>

#include "adieu/v1/call_control_service.pb.h"
#include "server/base/error.h"
#include "server/store/position.h"

namespace adieu::store {

// The token of the page that begins after `last`. It is bound to everything in the request but page_size and
// page_token.
std::string MakePageToken(const v1::ListTerminationsRequest& request, const Position& last);

// What the request's page_token says; BeyondNewest() when it is empty. INVALID_ARGUMENT: no token of such a
// list.
base::Result<Position> ReadPageToken(const v1::ListTerminationsRequest& request);

}  // namespace adieu::store
