#include <algorithm>
#include <utility>

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/engine/terminator.h"

// How the terminator follows its orders: what came of them is counted, logged and put into the store here.
namespace adieu::engine {
namespace {

using std::chrono::system_clock;

std::chrono::nanoseconds SinceRequest(const v1::Termination& termination, system_clock::time_point time) {
  return time - base::FromTimestamp(termination.request_time());
}

system_clock::time_point EndOf(const v1::Termination& termination) {
  auto end = base::FromTimestamp(termination.request_time());
  for (const v1::LegEnding& leg : termination.legs()) {
    end = std::max(end, base::FromTimestamp(leg.end_time()));
  }
  return end;
}

void LogStoreFailure(const std::string& termination, const std::string& message) {
  base::LogError("termination not stored", {{"termination", termination}, {"error", message}});
}

}  // namespace

void Terminator::OnLegEnding(const std::string& termination, const v1::LegEnding& leg) {
  reports_.Add({.termination = termination, .leg = leg});
}

void Terminator::Tick(Clock::time_point now) {
  std::vector<std::string> ring_timeouts;
  std::vector<Report> due;
  {
    std::lock_guard lock(mutex_);
    ring_timeouts.swap(refused_ring_timeouts_);
    for (; !unrecorded_.empty() && unrecorded_.front().first <= now; unrecorded_.pop_front()) {
      const auto it = orders_.find(unrecorded_.front().second);
      if (it == orders_.end() || it->second.recorded) continue;
      due.push_back({.termination = it->first, .kind = Report::Kind::kOverdue});
    }
    for (auto it = patience_.begin(); it != patience_.end() && it->first <= now; ++it) {
      due.push_back({.termination = it->second, .kind = Report::Kind::kGivenUp});
    }
  }
  for (Report& report : due) reports_.Add(std::move(report));
  for (const std::string& call : ring_timeouts) OnRingTimeout(call);
}

void Terminator::Record() {
  std::vector<Report> unrecorded;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [due, name] : unrecorded_) {
      const auto it = orders_.find(name);
      if (it == orders_.end() || it->second.recorded) continue;
      unrecorded.push_back({.termination = name, .kind = Report::Kind::kOverdue});
    }
  }
  for (Report& report : unrecorded) reports_.Add(std::move(report));
  reports_.HandOver();
}

ReportQueue::After Terminator::TakeReports(std::vector<Report> reports) {
  std::stable_sort(reports.begin(), reports.end(),
                   [](const Report& a, const Report& b) { return a.termination < b.termination; });
  std::vector<std::pair<std::string, bool>> kept;
  std::vector<store::Write> writes;
  for (auto begin = reports.begin(); begin != reports.end();) {
    const auto end = std::find_if(
        begin, reports.end(), [&](const Report& report) { return report.termination != begin->termination; });
    std::optional<News> news = Follow({begin, end});
    begin = end;
    if (!news) continue;
    Count(*news);
    if (!news->put) continue;
    store::Write& write = writes.emplace_back();
    const std::string& name = kept.emplace_back(news->termination.name(), news->first).first;
    if (news->first) {
      write.done = [this, name](const std::optional<base::Error>& error) { OnStored(name, error); };
    }
    write.termination = std::move(news->termination);
    write.request = std::move(news->request);
  }
  if (writes.empty()) return nullptr;
  const std::vector<bool> stored = store_->Put(std::move(writes));
  std::vector<Answers> answers;
  for (size_t i = 0; i < kept.size(); ++i) {
    answers.push_back(Kept(kept[i].first, kept[i].second, stored[i]));
    if (answers.back().done.empty()) answers.pop_back();
  }
  if (answers.empty()) return nullptr;
  return [answers = std::move(answers)]() mutable {
    for (Answers& one : answers) one.Give();
  };
}

std::optional<Terminator::News> Terminator::Follow(std::span<const Report> group) {
  News news;
  std::lock_guard lock(mutex_);
  const auto it = orders_.find(group.front().termination);
  if (it == orders_.end()) return std::nullopt;
  Pending& pending = it->second;
  for (const Report& report : group) Apply(report, &pending, &news);
  const bool overdue = std::any_of(
      group.begin(), group.end(), [](const Report& report) { return report.kind == Report::Kind::kOverdue; });
  news.put = pending.placed && pending.changed && (pending.recorded || pending.order.reported() || overdue);
  news.first = news.put && !pending.recorded;
  if (news.first) {
    news.request = pending.request;
    pending.recorded = true;
  }
  news.termination = pending.order.termination();
  return news;
}

void Terminator::Apply(const Report& report, Pending* pending, News* news) {
  Order& order = pending->order;
  Order::Step step;
  if (report.kind == Report::Kind::kLeg) {
    step = order.Report(report.leg);
    if (step.first_sent) {
      metrics_->TerminationSentAfter(
          SinceRequest(order.termination(), base::FromTimestamp(report.leg.send_time())));
      if (pending->far_end_status != 0) {
        metrics_->FarEndRewritten(pending->far_end_status, report.leg.status_code());
      }
    }
    if (step.leg_ended) news->ended_legs.push_back(report.leg);
    pending->changed = true;
  } else if (report.kind == Report::Kind::kGivenUp && !order.settled()) {
    base::LogError("termination given up",
                   {{"call", order.termination().call()}, {"termination", order.termination().name()}});
    for (v1::LegEnding& leg : order.Abandon(system_clock::now())) news->ended_legs.push_back(std::move(leg));
    step.settled = true;
    pending->changed = true;
  }
  if (!step.settled) return;
  patience_.erase(pending->patience);
  news->settled = true;
}

void Terminator::Count(const News& news) const {
  const v1::Termination& termination = news.termination;
  for (const v1::LegEnding& leg : news.ended_legs) {
    metrics_->TerminationEnded(termination.trigger(), termination.intent(), leg.action(), leg.outcome());
    base::LogInfo("leg ended", {{"call", termination.call()},
                                {"termination", termination.name()},
                                {"trigger", metrics::Label(termination.trigger())},
                                {"intent", metrics::Label(termination.intent())},
                                {"principal", termination.principal()},
                                {"side", v1::LegSide_Name(leg.side())},
                                {"action", metrics::Label(leg.action())},
                                {"status_code", leg.status_code()},
                                {"outcome", metrics::Label(leg.outcome())}});
  }
  if (news.settled) metrics_->TerminationEndedAfter(SinceRequest(termination, EndOf(termination)));
}

Terminator::Answers Terminator::Kept(const std::string& name, bool first, bool stored) {
  if (!stored) {
    LogStoreFailure(name, "the store's queue is full");
    metrics_->StoreFailed();
  }
  std::lock_guard lock(mutex_);
  const auto it = orders_.find(name);
  if (it == orders_.end()) return {};
  Pending& pending = it->second;
  if (first) {
    if (const auto& request = pending.request) {
      requests_in_flight_.erase(RequestKey(request->principal, request->request_id));
    }
    pending.request.reset();
    if (!stored) pending.order.Commit();
  }
  pending.changed = false;
  return Advance(it);
}

void Terminator::OnStored(const std::string& termination, const std::optional<base::Error>& error) {
  if (error) LogStoreFailure(termination, error->message);
  Answers answers;
  {
    std::lock_guard lock(mutex_);
    const auto it = orders_.find(termination);
    if (it == orders_.end()) return;
    it->second.order.Commit();
    answers = Advance(it);
  }
  answers.Give();
}

Terminator::Answers Terminator::Advance(Orders::iterator it) {
  Pending& pending = it->second;
  Answers answers{.done = pending.order.TakeReady()};
  const bool finished = pending.order.finished() && !pending.changed;
  if (!answers.done.empty()) answers.termination = pending.order.termination();
  if (finished) orders_.erase(it);
  return answers;
}

void Terminator::Answers::Give() {
  for (size_t i = 0; i + 1 < done.size(); ++i) done[i](termination);
  if (!done.empty()) done.back()(std::move(termination));
}

}  // namespace adieu::engine
