#include "tests/bench/loadgen/caller.h"

#include "tests/bench/loadgen/clock.h"

namespace adieu::bench {

Caller::Caller(const std::string& server, const std::string& run, CallRecords& records)
    : socket_(server), text_(run, socket_.local(), server), records_(records), thread_(&Caller::Run, this) {}

Caller::~Caller() {
  stop_ = true;
  thread_.join();
}

void Caller::Invite(size_t index) {
  const std::string invite = text_.Invite(index);
  records_[index].invited = Now();
  socket_.Send(invite);
}

void Caller::Run() {
  while (!stop_) {
    int64_t now = 0;
    socket_.Receive([&](std::string_view datagram) {
      if (now == 0) now = Now();
      Take(datagram, now);
    });
    if (acks_.empty()) continue;
    socket_.Send(acks_);
    acks_.clear();
  }
}

void Caller::Take(std::string_view datagram, int64_t now) {
  const auto response = ParseResponse(datagram);
  if (!response || response->cseq_method != "INVITE") return;
  const auto index = text_.IndexOf(response->call_id);
  if (!index || *index >= records_.size()) return;
  CallRecord& record = records_[*index];
  if (record.heard == 0) record.heard = now;
  if (response->status < 200) {
    if (response->status == 180 && record.rang == 0) record.rang = now;
    return;
  }
  if (record.finals == 0) {
    record.status = response->status;
    record.retry_after = !response->retry_after.empty();
    record.ended = now;
  }
  ++record.finals;
  acks_.push_back(text_.Ack(*index, response->to));
}

}  // namespace adieu::bench
