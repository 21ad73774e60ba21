#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "adieu/v1/call.pb.h"
#include "server/metrics/labels.h"

namespace adieu::sip {

// What the wire tap saw of INVITEs before NUA tells of them: where they came from and the first lines of
// their ladders. Bounded: the oldest is forgotten, which costs a call its first ladder lines and its remote
// address. The agent's thread.
class EarlyInvites {
 public:
  static constexpr size_t kMax = 8192;
  static constexpr size_t kMaxMessages = 8;

  struct Invite {
    std::string remote_address;
    std::string transport;
    // Why it may not become a call.
    std::optional<metrics::RejectReason> refused;
    std::vector<v1::SipMessage> messages;
    // Of our side. Empty: not chosen yet.
    std::string local_tag;
  };

  // `key`: dialog key and branch. A second one of the same key changes nothing.
  void Add(const std::string& key, Invite invite);
  // nullptr: not known.
  Invite* Find(const std::string& key);
  std::optional<Invite> Take(const std::string& key);

 private:
  struct Entry {
    Invite invite;
    std::list<const std::string*>::iterator place;
  };

  std::unordered_map<std::string, Entry> invites_;
  // The keys of invites_, oldest first.
  std::list<const std::string*> order_;
};

}  // namespace adieu::sip
