#include "server/store/listing.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "server/store/page_token.h"

namespace adieu::store {
namespace {

using Found = std::vector<std::shared_ptr<const v1::Termination>>;

constexpr int kDefaultPageSize = 100;
constexpr int kMaxPageSize = 1000;
// How many rows are read at once: other readers come in between.
constexpr std::size_t kExaminedAtOnce = 5'000;

std::optional<base::Error> CheckTime(const char* field, const google::protobuf::Timestamp& time) {
  using google::protobuf::util::TimeUtil;
  const bool valid = time.seconds() >= TimeUtil::kTimestampMinSeconds &&
                     time.seconds() <= TimeUtil::kTimestampMaxSeconds && time.nanos() >= 0 &&
                     time.nanos() < 1'000'000'000;
  if (valid) return std::nullopt;
  return base::InvalidField(field, "must be between the years 1 and 9999, with nanos from 0 to 999999999");
}

base::Result<Selection> Select(const v1::ListTerminationsRequest& request) {
  if (request.page_size() < 0 || request.page_size() > kMaxPageSize) {
    return base::InvalidField("page_size", "must be from 0 to " + std::to_string(kMaxPageSize));
  }
  if (!v1::LegOutcome_IsValid(request.outcome())) return base::InvalidField("outcome", "is not a LegOutcome");
  if (auto error = CheckTime("start_time", request.start_time())) return *error;
  if (auto error = CheckTime("end_time", request.end_time())) return *error;
  base::Result<Position> position = ReadPageToken(request);
  if (!position.ok()) return position.error();

  Selection selection{.before = std::move(*position), .sweep = request.sweep(), .policy = request.policy()};
  if (request.outcome() != v1::LEG_OUTCOME_UNSPECIFIED) selection.outcomes = OutcomeBit(request.outcome());
  if (request.has_start_time()) selection.start_time = Nanoseconds(request.start_time());
  if (request.has_end_time()) {
    selection.before = std::min(selection.before, Position{Nanoseconds(request.end_time()), ""});
  }
  return selection;
}

bool Newer(const std::shared_ptr<const v1::Termination>& left,
           const std::shared_ptr<const v1::Termination>& right) {
  return PositionOf(*left) > PositionOf(*right);
}

// The pending ones and the backend's rows, merged.
class Merge {
 public:
  Merge(const Selection& selection, const Store::CallFilter& call, const Found& pending) : call_(call) {
    for (const auto& termination : pending) {
      superseded_.insert(termination->name());
      if (selection.Wants(*termination) && WantsCall(*termination)) waiting_.push_back(termination);
    }
    std::sort(waiting_.begin(), waiting_.end(), Newer);
  }

  void Add(const std::shared_ptr<const v1::Termination>& row) {
    if (superseded_.contains(row->name()) || !WantsCall(*row)) return;
    AddPendingDownTo(PositionOf(*row));
    found_.push_back(row);
  }

  void AddPendingDownTo(const Position& position) {
    while (next_ < waiting_.size() && PositionOf(*waiting_[next_]) > position)
      found_.push_back(waiting_[next_++]);
  }

  void AddPending() {
    while (next_ < waiting_.size()) found_.push_back(waiting_[next_++]);
  }

  const Found& found() const { return found_; }

 private:
  bool WantsCall(const v1::Termination& termination) const { return !call_ || call_(termination.call()); }

  const Store::CallFilter& call_;
  // The rows of these names are older forms.
  std::unordered_set<std::string_view> superseded_;
  // Newest first; those before next_ are found.
  Found waiting_;
  std::size_t next_ = 0;
  Found found_;
};

}  // namespace

base::Result<v1::ListTerminationsResponse> ListNewestFirst(const v1::ListTerminationsRequest& request,
                                                           const Store::CallFilter& call,
                                                           const Found& pending, Backend& backend,
                                                           std::size_t max_examined) {
  base::Result<Selection> selection = Select(request);
  if (!selection.ok()) return selection.error();
  const std::size_t page_size = request.page_size() == 0 ? kDefaultPageSize : request.page_size();
  Merge merge(*selection, call, pending);

  // One more than the page tells whether there is another page.
  bool end = false;
  std::size_t examined = 0;
  while (!end && merge.found().size() <= page_size && examined < max_examined) {
    base::Result<Backend::Rows> rows = backend.Read(*selection, page_size + 1 - merge.found().size(),
                                                    std::min(kExaminedAtOnce, max_examined - examined));
    if (!rows.ok()) return rows.error();
    for (const auto& row : rows->found) merge.Add(row);
    end = rows->end;
    examined += rows->examined;
    if (!end) {
      selection->before = rows->last;
      merge.AddPendingDownTo(rows->last);
    }
  }
  if (end) merge.AddPending();

  const Found& found = merge.found();
  v1::ListTerminationsResponse response;
  for (std::size_t i = 0; i < std::min(found.size(), page_size); ++i)
    *response.add_terminations() = *found[i];
  if (found.size() > page_size) {
    response.set_next_page_token(MakePageToken(request, PositionOf(*found[page_size - 1])));
  } else if (!end) {
    response.set_next_page_token(MakePageToken(request, selection->before));
  }
  return response;
}

}  // namespace adieu::store
