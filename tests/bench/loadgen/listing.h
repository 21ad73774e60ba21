#pragma once

#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <memory>
#include <string>

namespace adieu::bench {

// What ListCalls gave.
struct Listing {
  // Calls of this run that ring.
  size_t calls = 0;
  double seconds = 0;
};

// Walks all pages, 1,000 calls each. Ends early when a page fails or takes 20 s.
Listing ListRinging(const std::shared_ptr<grpc::Channel>& channel, const std::string& run);

}  // namespace adieu::bench
