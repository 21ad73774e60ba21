#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adieu/v1/call.pb.h"
#include "adieu/v1/termination.pb.h"
#include "server/base/clock.h"
#include "server/base/error.h"
#include "server/sip/port.h"

namespace adieu::engine {

// How long a test waits for what must come.
inline constexpr std::chrono::seconds kPatience{20};

// Things that arrive on other threads, in order.
template <typename T>
class Inbox {
 public:
  void Put(T item) {
    std::lock_guard lock(mutex_);
    items_.push_back(std::move(item));
    arrived_.notify_all();
  }

  // The next one; nothing when none came in time.
  std::optional<T> Take(std::chrono::milliseconds patience = kPatience) {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait_for(lock, patience, [this] { return !items_.empty(); })) return std::nullopt;
    T item = std::move(items_.front());
    items_.pop_front();
    return item;
  }

  size_t size() const {
    std::lock_guard lock(mutex_);
    return items_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<T> items_;
};

// Takes orders as the agents do; the test plays the agent.
class FakePort : public sip::CallPort {
 public:
  bool End(sip::EndOrder order) override {
    {
      std::lock_guard lock(mutex_);
      if (full_ > 0) {
        --full_;
        return false;
      }
    }
    if (on_end) on_end(order);
    orders.Put(std::move(order));
    return true;
  }
  bool Release(const std::string& call) override {
    releases.Put(call);
    return true;
  }
  void StopIntake() override {
    std::lock_guard lock(mutex_);
    ++intake_stops_;
  }
  void HastenByes() override {
    {
      std::lock_guard lock(mutex_);
      ++byes_hastened_;
    }
    if (on_hasten) on_hasten();
  }

  // Refuses the next `count` orders.
  void Refuse(int count) {
    std::lock_guard lock(mutex_);
    full_ = count;
  }
  int intake_stops() const {
    std::lock_guard lock(mutex_);
    return intake_stops_;
  }
  int byes_hastened() const {
    std::lock_guard lock(mutex_);
    return byes_hastened_;
  }

  Inbox<sip::EndOrder> orders;
  Inbox<std::string> releases;
  // Called for each order, on the thread that gives it. Set before the first.
  std::function<void(const sip::EndOrder&)> on_end;
  std::function<void()> on_hasten;

 private:
  mutable std::mutex mutex_;
  int full_ = 0;
  int intake_stops_ = 0;
  int byes_hastened_ = 0;
};

inline v1::Call MakeCall(const std::string& id, v1::CallState state = v1::CALL_STATE_RINGING,
                         const std::string& sip_call_id = "") {
  v1::Call call;
  call.set_name("calls/" + id);
  call.set_instance("test");
  call.set_state(state);
  v1::Leg* caller = call.mutable_caller();
  caller->set_sip_call_id(sip_call_id.empty() ? id + "@host" : sip_call_id);
  caller->set_from_uri("sip:alice@example.com");
  caller->set_to_uri("sip:bob@example.com");
  caller->set_request_uri("sip:bob@192.0.2.1");
  caller->set_user_agent("Linphone/5.1");
  caller->set_remote_address("192.0.2.7:5060");
  caller->set_transport("udp");
  caller->set_state(state);
  *call.mutable_create_time() = base::ToTimestamp(std::chrono::system_clock::now());
  return call;
}

inline v1::LegEnding MakeLeg(v1::LegOutcome outcome, int status_code = 480,
                             v1::LegSide side = v1::LEG_SIDE_CALLER) {
  v1::LegEnding leg;
  leg.set_side(side);
  leg.set_action(v1::LEG_ACTION_FINAL_RESPONSE);
  leg.set_status_code(status_code);
  leg.set_outcome(outcome);
  const auto now = base::ToTimestamp(std::chrono::system_clock::now());
  if (outcome == v1::LEG_OUTCOME_SENT || outcome == v1::LEG_OUTCOME_ENDED) *leg.mutable_send_time() = now;
  if (outcome != v1::LEG_OUTCOME_SENT && outcome != v1::LEG_OUTCOME_HELD) *leg.mutable_end_time() = now;
  return leg;
}

// An agent that carries out every order at once: SENT, ENDED, and the call is over. On a thread of its own.
// Stops before the port and the engine are destroyed.
class ObedientAgent {
 public:
  ObedientAgent(FakePort* port, sip::CallEvents* events)
      : port_(port), thread_([this, events] {
          for (;;) {
            const auto order = port_->orders.Take(std::chrono::hours(1));
            if (!order || order->call.empty()) return;
            events->OnLegEnding(order->termination, order->call, MakeLeg(v1::LEG_OUTCOME_SENT));
            v1::Call ended = MakeCall(order->call.substr(6), v1::CALL_STATE_TERMINATED);
            ended.set_ended_by(v1::ENDED_BY_ADIEU);
            events->OnCall(ended);
            events->OnLegEnding(order->termination, order->call, MakeLeg(v1::LEG_OUTCOME_ENDED));
          }
        }) {}
  ~ObedientAgent() {
    port_->orders.Put({});
    thread_.join();
  }

 private:
  FakePort* const port_;
  std::thread thread_;
};

}  // namespace adieu::engine
