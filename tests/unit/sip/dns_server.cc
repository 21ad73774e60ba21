#include "tests/unit/sip/dns_server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iterator>

namespace adieu::sip {
namespace {

constexpr int kNoSuchName = 3;
constexpr size_t kHeaderSize = 12;

std::string Bytes16(unsigned value) {
  return {static_cast<char>(value >> 8 & 0xFF), static_cast<char>(value & 0xFF)};
}

std::string NameBytes(const std::string& name) {
  std::string bytes;
  for (size_t begin = 0; begin < name.size();) {
    const size_t end = std::min(name.find('.', begin), name.size());
    bytes += static_cast<char>(end - begin);
    bytes += name.substr(begin, end - begin);
    begin = end + 1;
  }
  return bytes + '\0';
}

template <typename Address>
std::string AddressBytes(int family, const std::string& text) {
  Address address;
  if (inet_pton(family, text.c_str(), &address) != 1) std::abort();
  return std::string(reinterpret_cast<const char*>(&address), sizeof address);
}

// Name and type of a query, and where its question ends.
struct Question {
  std::string name;
  int type = 0;
  size_t end = 0;
};

Question QuestionOf(const std::string& query) {
  Question question;
  size_t at = kHeaderSize;
  while (at < query.size() && query[at] != '\0') {
    const auto length = static_cast<size_t>(query[at]);
    question.name += (question.name.empty() ? "" : ".") + query.substr(at + 1, length);
    at += length + 1;
  }
  if (at + 5 > query.size()) std::abort();
  question.type = static_cast<unsigned char>(query[at + 1]) << 8 | static_cast<unsigned char>(query[at + 2]);
  question.end = at + 5;
  std::transform(question.name.begin(), question.name.end(), question.name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return question;
}

}  // namespace

DnsRecord DnsRecord::A(const std::string& address, uint32_t ttl) {
  return {kA, ttl, AddressBytes<in_addr>(AF_INET, address)};
}

DnsRecord DnsRecord::Aaaa(const std::string& address, uint32_t ttl) {
  return {kAaaa, ttl, AddressBytes<in6_addr>(AF_INET6, address)};
}

DnsRecord DnsRecord::Srv(int priority, int weight, int port, const std::string& host, uint32_t ttl) {
  return {kSrv, ttl,
          Bytes16(static_cast<unsigned>(priority)) + Bytes16(static_cast<unsigned>(weight)) +
              Bytes16(static_cast<unsigned>(port)) + NameBytes(host)};
}

std::string DnsReply(const std::string& query, int code, const std::vector<DnsRecord>& records) {
  const Question question = QuestionOf(query);
  std::string reply = query.substr(0, 2) + '\x81' + static_cast<char>(0x80 | code) + Bytes16(1) +
                      Bytes16(static_cast<unsigned>(records.size())) + std::string(4, '\0') +
                      query.substr(kHeaderSize, question.end - kHeaderSize);
  for (const DnsRecord& record : records) {
    reply += "\xc0\x0c" + Bytes16(static_cast<unsigned>(record.type)) + Bytes16(1) +
             Bytes16(record.ttl >> 16) + Bytes16(record.ttl & 0xFFFF) +
             Bytes16(static_cast<unsigned>(record.data.size())) + record.data;
  }
  return reply;
}

std::string DnsQuery(const std::string& name, int type) {
  return Bytes16(1) + Bytes16(0x100) + Bytes16(1) + std::string(6, '\0') + NameBytes(name) +
         Bytes16(static_cast<unsigned>(type)) + Bytes16(1);
}

DnsServer::DnsServer() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::abort();
  socklen_t length = sizeof address;
  getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread(&DnsServer::Run, this);
}

DnsServer::~DnsServer() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  sockaddr_in self{};
  self.sin_family = AF_INET;
  self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  self.sin_port = htons(static_cast<uint16_t>(port_));
  // Wakes it.
  sendto(fd_, "", 0, 0, reinterpret_cast<const sockaddr*>(&self), sizeof self);
  thread_.join();
  close(fd_);
}

void DnsServer::Add(const std::string& name, DnsRecord record) {
  const std::lock_guard lock(mutex_);
  records_[name].push_back(std::move(record));
}

void DnsServer::Ignore(const std::string& name, int type) {
  const std::lock_guard lock(mutex_);
  ignored_.emplace(name, type);
}

void DnsServer::Hold() {
  const std::lock_guard lock(mutex_);
  hold_ = true;
}

void DnsServer::Release() {
  const std::lock_guard lock(mutex_);
  hold_ = false;
  for (const Held& held : held_) Send(held.reply, held.peer);
  held_.clear();
}

int DnsServer::Asked(const std::string& name, int type) const {
  const std::lock_guard lock(mutex_);
  const auto found = asked_.find({name, type});
  return found != asked_.end() ? found->second : 0;
}

bool DnsServer::WaitAsked(const std::string& name, int type) {
  std::unique_lock lock(mutex_);
  return asked_changed_.wait_for(lock, std::chrono::seconds(20), [&] {
    return asked_.contains({name, type});
  });
}

void DnsServer::Run() {
  char buffer[4096];
  while (true) {
    sockaddr_in peer{};
    socklen_t length = sizeof peer;
    const ssize_t size = recvfrom(fd_, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&peer), &length);
    const std::lock_guard lock(mutex_);
    if (stop_) return;
    if (size > static_cast<ssize_t>(kHeaderSize))
      Answer(std::string(buffer, static_cast<size_t>(size)), peer);
  }
}

void DnsServer::Answer(const std::string& query, const sockaddr_in& peer) {
  const Question question = QuestionOf(query);
  const Key key{question.name, question.type};
  ++asked_[key];
  asked_changed_.notify_all();
  if (ignored_.contains(key)) return;
  const auto known = records_.find(question.name);
  std::vector<DnsRecord> records;
  if (known != records_.end()) {
    std::copy_if(known->second.begin(), known->second.end(), std::back_inserter(records),
                 [&](const DnsRecord& record) { return record.type == question.type; });
  }
  const std::string reply = DnsReply(query, known != records_.end() ? 0 : kNoSuchName, records);
  if (hold_) {
    held_.push_back({reply, peer});
  } else {
    Send(reply, peer);
  }
}

void DnsServer::Send(const std::string& reply, const sockaddr_in& peer) const {
  sendto(fd_, reply.data(), reply.size(), 0, reinterpret_cast<const sockaddr*>(&peer), sizeof peer);
}

}  // namespace adieu::sip
