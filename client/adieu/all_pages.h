#pragma once

#include "client/adieu/ask.h"

namespace adieu::client {

// Walks the pages of a List method; the first one receives the items of the others. A page_size of zero is
// 1000, the largest that the API allows.
template <typename Stub, typename Request, typename Response, typename Items>
Result<Response> AllPages(Stub& stub,
                          grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                          Request request, Items* (Response::*items)(), Deadline deadline) {
  if (request.page_size() == 0) request.set_page_size(1000);
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

}  // namespace adieu::client
