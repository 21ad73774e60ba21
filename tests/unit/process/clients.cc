#include "tests/unit/process/clients.h"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "tests/unit/engine/fakes.h"

namespace adieu::process {
namespace {

using Bell = engine::Inbox<int>;

// What one stream tells before its client goes away: more than there are calls.
constexpr int kResponses = 100;
constexpr std::chrono::milliseconds kBreath{5};

}  // namespace

Clients::Clients(engine::Engine* engine) : engine_(engine) {
  threads_.emplace_back([this] { Watch(); });
  threads_.emplace_back([this] { Terminate(); });
  threads_.emplace_back([this] { Sweep(); });
}

Clients::~Clients() {
  stop_ = true;
  for (std::thread& thread : threads_) thread.join();
}

void Clients::Watch() {
  std::string token;
  bool over = false;
  while (!stop_ && !over) {
    v1::WatchCallsRequest request;
    request.set_resume_token(token);
    const auto bell = std::make_shared<Bell>();
    const auto watcher = engine_->watch().Open(request, [bell] { bell->Put(1); });
    if (!watcher.ok()) return;
    bool bookmark = false;
    for (int told = 0; told < kResponses && !stop_ && !over;) {
      v1::WatchCallsResponse response;
      std::optional<base::Error> error;
      const auto next = (*watcher)->Take(&response, &error);
      if (next == engine::Watcher::Next::kNothing) bell->Take(kBreath);
      if (next == engine::Watcher::Next::kResponse) {
        ++told;
        bookmark = response.has_bookmark();
        if (!response.resume_token().empty()) token = response.resume_token();
      }
      over = next == engine::Watcher::Next::kEnd;
    }
    (*watcher)->Close();
    if (over && bookmark) ++last_bookmarks_;
  }
}

void Clients::Terminate() {
  const auto answers = std::make_shared<Bell>();
  while (!stop_) {
    const auto calls = engine_->List({});
    if (!calls.ok()) return;
    for (const v1::Call& call : calls->calls()) {
      if (call.state() == v1::CALL_STATE_TERMINATED) continue;
      v1::ExplainCancelPolicyRequest question;
      question.set_call(call.name());
      question.set_trigger(v1::TRIGGER_REQUEST);
      engine_->Explain(question);
      v1::TerminateCallRequest request;
      request.set_name(call.name());
      request.set_wait(v1::WAIT_ENDED);
      engine_->terminator().Terminate(std::move(request), "client",
                                      std::chrono::system_clock::now() + engine::kPatience,
                                      [answers](const auto&) { answers->Put(1); });
      break;
    }
    answers->Take(kBreath);
    engine_->ListTerminations({});
  }
}

void Clients::Sweep() {
  for (int round = 0; !stop_; ++round) {
    v1::ApplyCancelPolicyRequest request;
    request.mutable_match()->mutable_every_call();
    request.set_max_calls(1000);
    request.set_calls_per_second(200);
    request.set_request_id("sweep-" + std::to_string(round / 2));
    const auto bell = std::make_shared<Bell>();
    const auto stream = engine_->sweeps().Open(request, "client", [bell] { bell->Put(1); });
    if (!stream.ok()) {
      bell->Take(kBreath);
      continue;
    }
    for (int told = 0; told < 2 && !stop_;) {
      v1::ApplyCancelPolicyResponse response;
      std::optional<base::Error> error;
      const auto next = (*stream)->Take(&response, &error);
      if (next == engine::SweepStream::Next::kEnd) break;
      if (next == engine::SweepStream::Next::kResponse) ++told;
      if (next == engine::SweepStream::Next::kNothing) bell->Take(kBreath);
    }
    (*stream)->Close();
  }
}

}  // namespace adieu::process
