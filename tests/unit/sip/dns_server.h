#pragma once

#include <netinet/in.h>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace adieu::sip {

struct DnsRecord {
  static constexpr int kA = 1;
  static constexpr int kAaaa = 28;
  static constexpr int kSrv = 33;

  static DnsRecord A(const std::string& address, uint32_t ttl = 60);
  static DnsRecord Aaaa(const std::string& address, uint32_t ttl = 60);
  // An empty host is the root.
  static DnsRecord Srv(int priority, int weight, int port, const std::string& host, uint32_t ttl = 60);

  int type = 0;
  uint32_t ttl = 0;
  std::string data;
};

// The reply to a query (RFC 1035 4): its header and question, and the records.
std::string DnsReply(const std::string& query, int code, const std::vector<DnsRecord>& records);
// A query for one name.
std::string DnsQuery(const std::string& name, int type);

// A scripted DNS server on a UDP socket of 127.0.0.1, on a thread of its own. A name that it was told nothing
// of does not exist; of one that it knows, other types have no records. Any thread.
class DnsServer {
 public:
  DnsServer();
  ~DnsServer();
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  // For DnsOptions.
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  void Add(const std::string& name, DnsRecord record);
  // Never answers these.
  void Ignore(const std::string& name, int type);
  // Keeps its answers back until Release.
  void Hold();
  void Release();

  // How often it was asked.
  int Asked(const std::string& name, int type) const;
  // Waits until it was asked; false: it was not within 20 s.
  bool WaitAsked(const std::string& name, int type);

 private:
  using Key = std::pair<std::string, int>;
  struct Held {
    std::string reply;
    sockaddr_in peer;
  };

  void Run();
  void Answer(const std::string& query, const sockaddr_in& peer);
  void Send(const std::string& reply, const sockaddr_in& peer) const;

  int fd_;
  int port_ = 0;

  mutable std::mutex mutex_;
  mutable std::condition_variable asked_changed_;
  // Guarded by mutex_.
  std::map<std::string, std::vector<DnsRecord>> records_;
  std::set<Key> ignored_;
  std::map<Key, int> asked_;
  std::vector<Held> held_;
  bool hold_ = false;
  bool stop_ = false;

  std::thread thread_;
};

}  // namespace adieu::sip
