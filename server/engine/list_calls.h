#pragma once

#include "adieu/v1/call_control_service.pb.h"
#include "server/base/error.h"
#include "server/engine/call_registry.h"

namespace adieu::engine {

// One page of calls, in the order of their names. A call that begins or ends between two pages may be on
// none; the resume token, the same on every page, is from before the first one, so a watch tells of it. Any
// thread. INVALID_ARGUMENT: match, page_size or page_token is wrong.
base::Result<v1::ListCallsResponse> ListCalls(const CallRegistry& registry,
                                              const v1::ListCallsRequest& request);

}  // namespace adieu::engine
