#include "server/engine/resume_point.h"

#include "server/engine/token.h"

namespace adieu::engine {
namespace {

using std::chrono::milliseconds;
constexpr char kKind = 'r';

}  // namespace

std::string EncodeResumeToken(const ResumePoint& point) {
  const auto as_of = std::chrono::duration_cast<milliseconds>(point.as_of.time_since_epoch());
  return EncodeToken(kKind, {point.boot_id, std::to_string(point.revision), std::to_string(as_of.count())});
}

std::optional<ResumePoint> DecodeResumeToken(std::string_view token) {
  const auto fields = DecodeToken(kKind, token, 3);
  if (!fields) return std::nullopt;
  const auto revision = ParseNumber((*fields)[1]);
  const auto as_of = ParseNumber((*fields)[2]);
  if (!revision || !as_of) return std::nullopt;
  return ResumePoint{(*fields)[0], *revision, std::chrono::system_clock::time_point(milliseconds(*as_of))};
}

}  // namespace adieu::engine
