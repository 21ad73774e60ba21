#include "server/engine/list_calls.h"

#include <optional>
#include <string>

#include "server/engine/resume_point.h"
#include "server/engine/token.h"
#include "server/policy/matcher.h"

namespace adieu::engine {
namespace {

constexpr char kKind = 'p';
constexpr int kDefaultPageSize = 100;
constexpr int kMaxPageSize = 1000;
// A page ends before it gets larger, so that a client takes it with gRPC's default limit of 4 MiB.
constexpr size_t kMaxPageBytes = 3 << 20;
// Calls taken from the registry at once.
constexpr size_t kBatch = 256;

// Where a page begins.
struct PageStart {
  std::string resume_token;
  ResumePoint point;
  // The name of the last call of the page before.
  std::string after;
};

std::string MatchFingerprint(const v1::ListCallsRequest& request) {
  return request.has_match() ? std::to_string(Fingerprint(request.match().SerializeAsString())) : "";
}

base::Result<PageStart> StartOf(const CallRegistry& registry, const v1::ListCallsRequest& request) {
  if (request.page_token().empty()) {
    PageStart start;
    start.point = {registry.boot_id(), registry.revision(), registry.Now()};
    start.resume_token = EncodeResumeToken(start.point);
    return start;
  }
  const auto fields = DecodeToken(kKind, request.page_token(), 3);
  const auto point = fields ? DecodeResumeToken((*fields)[0]) : std::nullopt;
  if (!point || point->boot_id != registry.boot_id()) {
    return base::InvalidField("page_token", "not a next_page_token of this server since its start");
  }
  if ((*fields)[1] != MatchFingerprint(request)) {
    return base::InvalidField("page_token", "belongs to a list with another match");
  }
  return PageStart{(*fields)[0], *point, (*fields)[2]};
}

}  // namespace

base::Result<v1::ListCallsResponse> ListCalls(const CallRegistry& registry,
                                              const v1::ListCallsRequest& request) {
  if (request.page_size() < 0 || request.page_size() > kMaxPageSize) {
    return base::InvalidField("page_size", "must be 0 to " + std::to_string(kMaxPageSize));
  }
  const int page_size = request.page_size() == 0 ? kDefaultPageSize : request.page_size();
  const base::Result<policy::Matcher> matcher =
      request.has_match() ? policy::Matcher::Compile(request.match(), "match") : policy::Matcher::Every();
  if (!matcher.ok()) return matcher.error();
  const base::Result<PageStart> start = StartOf(registry, request);
  if (!start.ok()) return start.error();

  v1::ListCallsResponse response;
  response.set_resume_token(start->resume_token);
  std::string after = start->after;
  size_t bytes = 0;
  for (;;) {
    const auto batch = registry.Page(after, kBatch);
    for (const auto& version : batch) {
      v1::Call call = version->Unpack();
      if (matcher->Matches(call, start->point.as_of)) {
        bytes += call.ByteSizeLong();
        if (response.calls_size() == page_size || (bytes > kMaxPageBytes && response.calls_size() > 0)) {
          const std::string& last = response.calls(response.calls_size() - 1).name();
          response.set_next_page_token(
              EncodeToken(kKind, {start->resume_token, MatchFingerprint(request), last}));
          return response;
        }
        *response.add_calls() = std::move(call);
      }
    }
    if (batch.size() < kBatch) return response;
    after = batch.back()->Unpack().name();
  }
}

}  // namespace adieu::engine
