#include "tests/unit/store/samples.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>

namespace adieu::store {
namespace {

constexpr std::int64_t kStart = 1'700'000'000;

}  // namespace

std::string NameOf(int number) {
  char name[32];
  std::snprintf(name, sizeof(name), "terminations/%08d", number);
  return name;
}

v1::Termination Sample(int number, int seconds, v1::LegOutcome outcome) {
  v1::Termination termination;
  termination.set_name(NameOf(number));
  termination.set_call("calls/" + std::to_string(number));
  termination.set_policy("cancelPolicies/builtin");
  termination.set_intent(v1::INTENT_QUIET);
  termination.mutable_request_time()->set_seconds(kStart + seconds);
  termination.set_principal("anonymous");
  v1::LegEnding& leg = *termination.add_legs();
  leg.set_side(v1::LEG_SIDE_CALLER);
  leg.set_action(v1::LEG_ACTION_FINAL_RESPONSE);
  leg.set_status_code(487);
  leg.set_outcome(outcome);
  return termination;
}

std::chrono::system_clock::time_point SampleTime(int seconds) {
  return std::chrono::system_clock::time_point(std::chrono::seconds(kStart + seconds));
}

RequestRecord SampleRequest(const std::string& request_id, int termination, int seconds) {
  return {.method = "TerminateCall",
          .principal = "anonymous",
          .request_id = request_id,
          .fingerprint = std::string("\0finger\xff", 8),
          .resource = NameOf(termination),
          .time = SampleTime(seconds)};
}

std::vector<std::string> NamesOf(const v1::ListTerminationsResponse& response) {
  std::vector<std::string> names;
  for (const v1::Termination& termination : response.terminations()) names.push_back(termination.name());
  return names;
}

Directory::Directory() {
  std::string name = (std::filesystem::temp_directory_path() / "adieu-store-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
  path_ = name;
}

Directory::~Directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

HeldWriter::HeldWriter(Store& store, int number) {
  auto held = std::make_shared<std::promise<void>>();
  const bool queued = store.Put(Sample(number, 0),
                                [held, released = release_.get_future().share()](std::optional<base::Error>) {
                                  held->set_value();
                                  released.wait_for(kPatience);
                                });
  if (!queued || held->get_future().wait_for(kPatience) != std::future_status::ready) {
    throw std::runtime_error("the writer could not be held");
  }
}

void HeldWriter::Release() {
  if (!released_) release_.set_value();
  released_ = true;
}

}  // namespace adieu::store
