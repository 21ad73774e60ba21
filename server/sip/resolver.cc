#include "server/sip/resolver.h"

#include <mutex>
#include <new>
#include <utility>

#include "server/base/address.h"
#include "server/sip/srv_order.h"

namespace adieu::sip {
namespace {

constexpr int kSipPort = 5060;

// Of one target.
constexpr size_t kMaxEndpoints = 32;

// Targets that wait for names, at a time.
constexpr size_t kMaxWaiters = 65536;

DnsQuestion QuestionOf(const Target& target) {
  DnsQuestion question{.name = target.host};
  if (target.port == 0) {
    question.kind = target.transport == "tcp" ? DnsQuestion::Kind::kSrvTcp : DnsQuestion::Kind::kSrvUdp;
  }
  return question;
}

}  // namespace

struct Resolver::Inbox {
  std::mutex mutex;
  // Guarded by mutex. At most one for each name that is asked.
  std::vector<std::pair<DnsQuestion, DnsAnswer>> answers;
  // A message to the root is under way. Guarded by mutex.
  bool woken = false;
  // The agent's thread only. Null: it is gone.
  Resolver* resolver = nullptr;
};

Resolver::Resolver(su_root_t* root, ResolverOptions options)
    : root_(root),
      options_(std::move(options)),
      inbox_(std::make_shared<Inbox>()),
      random_(std::random_device()()) {
  inbox_->resolver = this;
}

Resolver::~Resolver() {
  dns_.reset();
  inbox_->resolver = nullptr;
}

uint64_t Resolver::Resolve(const Target& target, Done done) {
  const std::string transport = target.transport.empty() ? "udp" : target.transport;
  if (base::ParseIp(target.host)) {
    const std::string host = target.is_ipv6 ? '[' + target.host + ']' : target.host;
    done({{.host = host, .port = target.port != 0 ? target.port : kSipPort, .transport = transport}});
    return 0;
  }
  const DnsQuestion question = QuestionOf(target);
  if (const DnsAnswer* known = cache_.Find(question, DnsCache::Clock::now())) {
    done(EndpointsOf(*known, target.port, transport));
    return 0;
  }
  if (waiters_.size() >= kMaxWaiters || !Ask(question)) {
    done({});
    return 0;
  }
  const uint64_t id = ++last_id_;
  names_[question].insert(id);
  waiters_.emplace(
      id, Waiter{.question = question, .port = target.port, .transport = transport, .done = std::move(done)});
  return id;
}

void Resolver::Forget(uint64_t id) {
  const auto waiter = waiters_.find(id);
  if (waiter == waiters_.end()) return;
  if (const auto name = names_.find(waiter->second.question); name != names_.end()) name->second.erase(id);
  waiters_.erase(waiter);
}

// Unless it is asked already. False: there are too many, or no thread.
bool Resolver::Ask(const DnsQuestion& question) {
  if (names_.contains(question)) return true;
  if (names_.size() >= options_.max_names) return false;
  if (dns_ == nullptr) {
    dns_ = DnsThread::Start(options_.dns,
                            [root = root_, inbox = inbox_](const DnsQuestion& of, DnsAnswer answer) {
                              Post(root, inbox, of, std::move(answer));
                            });
    if (dns_ == nullptr) return false;
  }
  names_.try_emplace(question);
  dns_->Ask(question);
  return true;
}

void Resolver::Post(su_root_t* root, const std::shared_ptr<Inbox>& inbox, const DnsQuestion& question,
                    DnsAnswer answer) {
  const std::lock_guard lock(inbox->mutex);
  inbox->answers.emplace_back(question, std::move(answer));
  if (inbox->woken) return;
  su_msg_r message = SU_MSG_R_INIT;
  if (su_msg_new(message, sizeof(std::shared_ptr<Inbox>)) != 0) return;
  new (su_msg_data(message)) std::shared_ptr<Inbox>(inbox);
  su_msg_deinitializer(
      message, [](su_msg_arg_t* data) { reinterpret_cast<std::shared_ptr<Inbox>*>(data)->~shared_ptr(); });
  inbox->woken = su_msg_send_to(message, su_root_task(root), &Resolver::OnAnswers) == 0;
}

void Resolver::OnAnswers(su_root_magic_t*, su_msg_r, su_msg_arg_t* data) {
  const std::shared_ptr<Inbox> inbox = *reinterpret_cast<std::shared_ptr<Inbox>*>(data);
  std::vector<std::pair<DnsQuestion, DnsAnswer>> answers;
  {
    const std::lock_guard lock(inbox->mutex);
    answers.swap(inbox->answers);
    inbox->woken = false;
  }
  for (const auto& [question, answer] : answers) {
    if (inbox->resolver == nullptr) return;
    inbox->resolver->Deliver(question, answer);
  }
}

void Resolver::Deliver(const DnsQuestion& question, const DnsAnswer& answer) {
  cache_.Put(question, answer, DnsCache::Clock::now());
  const auto name = names_.extract(question);
  if (name.empty()) return;
  const std::shared_ptr<Inbox> inbox = inbox_;
  for (const uint64_t id : name.mapped()) {
    const auto waiter = waiters_.extract(id);
    // Another one's callback has forgotten it.
    if (waiter.empty()) continue;
    const Waiter& waiting = waiter.mapped();
    waiting.done(EndpointsOf(answer, waiting.port, waiting.transport));
    if (inbox->resolver == nullptr) return;
  }
}

std::vector<Endpoint> Resolver::EndpointsOf(const DnsAnswer& answer, int port, const std::string& transport) {
  const auto pick = [this](uint32_t most) {
    return std::uniform_int_distribution<uint32_t>(0, most)(random_);
  };
  std::vector<Endpoint> endpoints;
  for (const DnsService& service : InSrvOrder(answer.services, pick)) {
    int service_port = service.port != 0 ? service.port : port;
    if (service_port == 0) service_port = kSipPort;
    for (const std::string& address : service.addresses) {
      if (endpoints.size() >= kMaxEndpoints) return endpoints;
      endpoints.push_back({.host = address, .port = service_port, .transport = transport});
    }
  }
  return endpoints;
}

}  // namespace adieu::sip
