#pragma once

#include <memory>
#include <vector>

#include "adieu/v1/call_control_service.pb.h"
#include "server/base/error.h"
#include "server/store/backend.h"
#include "server/store/store.h"

namespace adieu::store {

// Store::List over a backend. `pending` are the terminations that may not be in it yet, or in an older form;
// they were collected before the call. A page ends after max_examined (at least 1) of the backend's
// terminations.
base::Result<v1::ListTerminationsResponse> ListNewestFirst(
    const v1::ListTerminationsRequest& request, const Store::CallFilter& call,
    const std::vector<std::shared_ptr<const v1::Termination>>& pending, Backend& backend,
    std::size_t max_examined);

}  // namespace adieu::store
