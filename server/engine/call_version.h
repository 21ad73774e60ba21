#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "adieu/v1/call.pb.h"

namespace adieu::engine {

// Bytes of a call, in two parts whose concatenation is the serialized v1::Call without its ladder: a message
// takes several times the memory of its bytes, and most changes touch the second part only. The first part is
// what the INVITE said; the second states, times, the callee, the termination: everything that changes while
// a call lives.
std::string PackFixed(const v1::Call& call);
std::string PackVarying(const v1::Call& call);

// A call as it was at one revision. Immutable, shared between the registry, its change log and the watchers:
// none of them can say which of them lets go last.
struct CallVersion {
  int64_t revision = 0;
  // When this became true.
  std::chrono::system_clock::time_point since;
  // Shared by the versions of one call.
  std::shared_ptr<const std::string> fixed;
  std::string varying;

  v1::Call Unpack() const;
};

// One field as bytes that may follow `varying`: of two values of a field the later one counts.
std::string PackTermination(const std::string& termination);
std::string PackEndedBy(v1::EndedBy ended_by);

}  // namespace adieu::engine
