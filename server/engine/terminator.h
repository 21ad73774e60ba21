#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "adieu/v1/call_control_service.pb.h"
#include "server/base/error.h"
#include "server/engine/call_registry.h"
#include "server/engine/decider.h"
#include "server/engine/order.h"
#include "server/engine/policy_book.h"
#include "server/engine/report_queue.h"
#include "server/engine/request_gate.h"
#include "server/engine/sweep_terms.h"
#include "server/engine/worker_pool.h"
#include "server/metrics/metrics.h"
#include "server/sip/port.h"
#include "server/store/store.h"

namespace adieu::engine {

// Ends calls: decides on a worker, gives the order to the agents, follows it until every leg is settled,
// keeps the record: the first when every leg was reported (or after kRecordAfter), together with the id of
// the request. Any thread. What agents report is counted, logged and put into the store by the thread of the
// ReportQueue; waiters are answered on it, on a worker or on the store's writer, with no lock held. Owned by
// the engine; what it is given must outlive it.
class Terminator {
 public:
  using Clock = std::chrono::steady_clock;
  struct Options {
    // An order on which the agents did not report every leg's end after this (and what the treatment waits on
    // its own) is given up as FAILED. Above the longest ending: a held 200, its ACK and the BYE, 64*T1 (32 s)
    // each.
    std::chrono::milliseconds patience{120'000};
  };

  // An order without a report of each leg is recorded as it is after this.
  static constexpr std::chrono::seconds kRecordAfter{1};

  Terminator(Options options, CallRegistry* registry, const PolicyBook* policies, const Decider* decider,
             WorkerPool* pool, store::Store* store, metrics::Metrics* metrics);
  Terminator(const Terminator&) = delete;
  Terminator& operator=(const Terminator&) = delete;

  // Where orders go, and this server's own SIP addresses (`host:port`). Until then every order is refused.
  void Connect(sip::CallPort* port, std::vector<std::string> own_addresses);

  // What a client asks for, as in TerminateCall. `deadline`: the client's; work that was not begun by then is
  // dropped (DEADLINE_EXCEEDED), and so is what the ticket cancels; `done` is then not called. Null: the
  // queue is full, `done` is not called and nothing will be done.
  std::shared_ptr<Ticket> Terminate(v1::TerminateCallRequest request, std::string principal,
                                    std::chrono::system_clock::time_point deadline, TerminateDone done);

  // What this server decides on its own, by the policies: never refused for want of a place among the waiting
  // requests. `trigger`: RING_TIMEOUT or DRAIN. `done` may be null; RESOURCE_EXHAUSTED (QUEUE_FULL) when the
  // agent's queue is full.
  void EndByTrigger(const std::string& call, v1::Trigger trigger, TerminateDone done);

  // What was decided about a call that an agent holds. `call`: as it was then. Nothing when it ends otherwise
  // in the meantime; the agent may go on with it when its queue is full. Does not block.
  void EndHeld(v1::Call call, Decision decision);

  // The call rang too long: ends it, again and again until the agent's queue takes the order.
  void OnRingTimeout(const std::string& call);

  // What a sweep does to one call, on the calling thread. `done` is called when every leg is SENT, HELD or
  // settled. When there is an error it is not: CALL_NOT_FOUND, CALL_TERMINATED, CALL_TERMINATING; QUEUE_FULL:
  // the agent's queue is full.
  std::optional<base::Error> EndForSweep(const std::string& call, const SweepTerms& terms,
                                         TerminateDone done);
  // What it would be, without a name and with the legs that PlannedLegs gives. CALL_NOT_FOUND.
  base::Result<v1::Termination> ShowForSweep(const std::string& call, const SweepTerms& terms) const;

  // A report of an agent. Does not block.
  void OnLegEnding(const std::string& termination, const v1::LegEnding& leg);

  // Gives up orders without patience left, records those that are overdue and tries refused ring timeouts
  // again. About once a second.
  void Tick(Clock::time_point now);

  // What is known of every order is in the store's queue when it returns: before terminations are listed.
  void Record();

  // Ends the following of orders: when the agents have stopped, before the store closes.
  void Stop() { reports_.Stop(); }

  // Orders that are not settled and stored.
  size_t pending() const;

 private:
  struct Request {
    v1::TerminateCallRequest message;
    std::string principal;
    std::chrono::system_clock::time_point time;
  };
  struct Pending {
    Order order;
    // Goes with the first record.
    std::optional<store::RequestRecord> request;
    // The agent has it and the waiter is known.
    bool placed = false;
    // The first Put was made.
    bool recorded = false;
    // The store does not know all of it yet.
    bool changed = true;
    std::multimap<Clock::time_point, std::string>::iterator patience;
    // Of a far end whose failure is replaced; zero: none.
    int far_end_status = 0;
  };
  using Orders = std::unordered_map<std::string, Pending>;
  // Unambiguous: a request id has no line break.
  static std::string RequestKey(const std::string& principal, const std::string& request_id) {
    return principal + '\n' + request_id;
  }
  // What a request id stands for.
  struct Known {
    std::string termination;
    std::string fingerprint;
  };
  // Who is answered now, with what.
  struct Answers {
    std::vector<TerminateDone> done;
    v1::Termination termination;

    void Give();
  };
  // What a group of reports brought.
  struct News {
    v1::Termination termination;
    std::vector<v1::LegEnding> ended_legs;
    bool settled = false;
    // There is something to put; `first`: with `request`, and somebody waits for the commit.
    bool put = false;
    bool first = false;
    std::optional<store::RequestRecord> request;
  };

  // On a worker. The waiter is taken, or there is an error and it is left.
  void Handle(const Request& request, Waiter waiter);
  std::optional<base::Error> HandleWithId(const Request& request, Waiter* waiter);
  std::optional<base::Error> Execute(const Request& request, const std::string& name,
                                     std::optional<store::RequestRecord> record, Waiter* waiter);
  std::optional<base::Error> Place(const v1::Call& call, Decision decision,
                                   std::optional<store::RequestRecord> record, Waiter* waiter);
  // What this server decided on its own.
  std::optional<base::Error> PlaceOwn(const v1::Call& call, Decision decision, Waiter* waiter);
  base::Result<Decision> DecideForSweep(const v1::Call& call, const SweepTerms& terms) const;
  base::Result<v1::Call> FindCall(const v1::TerminateCallRequest& request) const;
  // The order in flight or the record that has the id.
  std::optional<Known> FindRequest(const std::string& principal, const std::string& request_id) const;
  // Adds the waiter to the order when there is one, else answers from the store.
  void Join(const std::string& termination, Waiter waiter);
  void OnStored(const std::string& termination, const std::optional<base::Error>& error);

  // One thread at a time (ReportQueue); the reports of one group have one termination.
  ReportQueue::After TakeReports(std::vector<Report> reports);
  std::optional<News> Follow(std::span<const Report> group);
  void Count(const News& news) const;
  // After a Put: `first`: the first one of this order; `stored`: what the store said.
  Answers Kept(const std::string& name, bool first, bool stored);

  // With mutex_ held.
  void Apply(const Report& report, Pending* pending, News* news);
  // Takes out who waited long enough; forgets the order when it is finished.
  Answers Advance(Orders::iterator it);

  const Options options_;
  CallRegistry* const registry_;
  const PolicyBook* const policies_;
  const Decider* const decider_;
  WorkerPool* const pool_;
  store::Store* const store_;
  metrics::Metrics* const metrics_;
  RequestGate gate_;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  sip::CallPort* port_ = nullptr;
  std::vector<std::string> own_addresses_;
  Orders orders_;
  // From RequestKey to the name of the order that has the request and did not put it into the store yet.
  std::unordered_map<std::string, std::string> requests_in_flight_;
  std::multimap<Clock::time_point, std::string> patience_;
  // Placed orders by the time at which their record is overdue, if it was not put.
  std::deque<std::pair<Clock::time_point, std::string>> unrecorded_;
  std::vector<std::string> refused_ring_timeouts_;

  // Last: its thread uses everything above.
  ReportQueue reports_;
};

}  // namespace adieu::engine
