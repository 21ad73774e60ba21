#pragma once

#include <sofia-sip/su_wait.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "server/sip/dns_answer.h"
#include "server/sip/dns_cache.h"
#include "server/sip/dns_thread.h"
#include "server/sip/target.h"

namespace adieu::sip {

// Where a request can be sent to.
struct Endpoint {
  // An IPv4 address, or an IPv6 address in brackets.
  std::string host;
  // 1-65535.
  int port = 0;
  // `udp` or `tcp`.
  std::string transport;
  bool operator==(const Endpoint&) const = default;
};

struct ResolverOptions {
  DnsOptions dns;
  // Names that are asked at a time. More fail at once.
  size_t max_names = 1024;
};

// Finds the addresses of targets (RFC 3263 without NAPTR): of the host and the port where a port is given,
// otherwise by SRV, and where there is none on port 5060; UDP where no transport is given. Lives on the
// agent's thread, which makes every call; DNS is asked on a thread of its own, which starts with the first
// name. Answers are kept (see DnsCache); those who wait for the same name share one lookup. The root must
// outlive it and is not needed for its destructor, after which nothing is called back.
class Resolver {
 public:
  // Those to try first come first, both families; empty: there are none, or not in time.
  using Done = std::function<void(std::vector<Endpoint>)>;

  explicit Resolver(su_root_t* root, ResolverOptions options = {});
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Calls `done` once: before it returns, and then returns 0, for an address, for what is known, and for a
  // failure at once; otherwise from the root's loop, within the deadline of DnsOptions. `done` may call the
  // resolver and destroy it.
  uint64_t Resolve(const Target& target, Done done);
  // The `done` of this id is not called any more. Does nothing for 0, and for one that was called.
  void Forget(uint64_t id);

 private:
  struct Waiter {
    DnsQuestion question;
    int port = 0;
    std::string transport;
    Done done;
  };
  // What the DNS thread brings; outlives the resolver while a message to the root is under way.
  struct Inbox;

  bool Ask(const DnsQuestion& question);
  static void Post(su_root_t* root, const std::shared_ptr<Inbox>& inbox, const DnsQuestion& question,
                   DnsAnswer answer);
  static void OnAnswers(su_root_magic_t*, su_msg_r, su_msg_arg_t* inbox);
  void Deliver(const DnsQuestion& question, const DnsAnswer& answer);
  std::vector<Endpoint> EndpointsOf(const DnsAnswer& answer, int port, const std::string& transport);

  su_root_t* const root_;
  const ResolverOptions options_;
  const std::shared_ptr<Inbox> inbox_;
  DnsCache cache_;
  std::minstd_rand random_;
  uint64_t last_id_ = 0;
  std::map<uint64_t, Waiter> waiters_;
  // Every name that is asked, with those who wait for it.
  std::map<DnsQuestion, std::set<uint64_t>> names_;
  // Null until the first name. Last: it reports to the inbox until it is gone.
  std::unique_ptr<DnsThread> dns_;
};

}  // namespace adieu::sip
