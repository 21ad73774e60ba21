#include <utility>

#include "client/adieu/ask.h"
#include "client/adieu/client.h"

namespace adieu::client {
namespace {

// The largest that the API allows.
constexpr int kPageSize = 1000;

// Walks the pages; the first one receives the items of the others.
template <typename Request, typename Response, typename Items>
Result<Response> AllPages(v1::CallControlService::Stub& stub,
                          grpc::Status (v1::CallControlService::Stub::*method)(grpc::ClientContext*,
                                                                               const Request&, Response*),
                          Request request, Items* (Response::*items)(), Deadline deadline) {
  if (request.page_size() == 0) request.set_page_size(kPageSize);
  auto all = Ask(stub, method, request, deadline);
  while (all.ok() && !all->next_page_token().empty()) {
    request.set_page_token(all->next_page_token());
    auto page = Ask(stub, method, request, deadline);
    if (!page.ok()) return page;
    (*all.*items)()->MergeFrom(*(*page.*items)());
    all->set_next_page_token(page->next_page_token());
  }
  return all;
}

}  // namespace

Result<v1::ListCallsResponse> Client::ListCalls(v1::ListCallsRequest request) const {
  return AllPages(*calls_, &v1::CallControlService::Stub::ListCalls, std::move(request),
                  &v1::ListCallsResponse::mutable_calls,
                  std::chrono::system_clock::now() + options_.deadline);
}

Result<v1::ListTerminationsResponse> Client::ListTerminations(v1::ListTerminationsRequest request) const {
  return AllPages(*calls_, &v1::CallControlService::Stub::ListTerminations, std::move(request),
                  &v1::ListTerminationsResponse::mutable_terminations,
                  std::chrono::system_clock::now() + options_.deadline);
}

}  // namespace adieu::client
