#pragma once

#include <ares.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "server/sip/dns_answer.h"
#include "server/sip/srv_reply.h"

namespace adieu::sip {

// Answers one question through a c-ares channel, on the channel's thread: addresses as the system would find
// them (hosts file and search domains too), SRV of the full name. The channel's queries keep it alive; those
// that are left when it has reported find nothing to do.
class DnsLookup : public std::enable_shared_from_this<DnsLookup> {
 public:
  using Done = std::function<void(const DnsQuestion&, DnsAnswer)>;

  DnsLookup(ares_channel channel, DnsQuestion question, Done done);
  // Once. May report before it returns.
  void Start();
  // Reports what is there by now, unless it did.
  void Settle();
  // It does not report any more.
  void Abandon() { settled_ = true; }
  bool settled() const { return settled_; }

 private:
  struct Query {
    std::shared_ptr<DnsLookup> lookup;
    size_t service = 0;
  };

  void AskSrv();
  void AskAddresses(const std::string& host, const SrvReply::Record& record);
  static void OnSrv(void* query, int status, int timeouts, unsigned char* reply, int size);
  static void OnAddresses(void* query, int status, int timeouts, ares_addrinfo* found);
  void TakeSrv(const SrvReply& reply);
  void TakeAddresses(size_t service, const ares_addrinfo& found);
  // One query is over.
  void Return();

  const ares_channel channel_;
  const DnsQuestion question_;
  const Done done_;
  DnsAnswer answer_;
  size_t under_way_ = 0;
  bool settled_ = false;
};

}  // namespace adieu::sip
