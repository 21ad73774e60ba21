#include "client/cli/progress_bar.h"

#include <algorithm>
#include <string>

namespace adieu::cli {
namespace {

constexpr int kWidth = 30;
// To the beginning of the line; erase to its end (ECMA-48 8.3.41).
constexpr char kAgain[] = "\r\x1b[K";

}  // namespace

ProgressBar::~ProgressBar() {
  if (shown_) out_ << kAgain << std::flush;
}

void ProgressBar::Show(const v1::ApplyCancelPolicyResponse& progress) {
  if (!shown_) return;
  const int64_t matched = progress.matched_count();
  const int64_t done = int64_t{progress.ended_count()} + progress.failed_count() + progress.skipped_count();
  const auto filled = matched == 0 ? kWidth : static_cast<size_t>(kWidth * done / matched);
  std::string bar(std::min<size_t>(filled, kWidth), '#');
  bar.resize(kWidth, '.');
  out_ << kAgain << '[' << bar << "] " << done << '/' << matched << " calls";
  if (progress.failed_count() > 0) out_ << ", " << progress.failed_count() << " failed";
  if (progress.skipped_count() > 0) out_ << ", " << progress.skipped_count() << " skipped";
  out_ << std::flush;
}

}  // namespace adieu::cli
