#include "server/sip/agent.h"

#include <pthread.h>
#include <sofia-sip/su.h>

#include <utility>

#include "server/base/log.h"
#include "server/sip/stack_log.h"
#include "server/sip/switchboard.h"

namespace adieu::sip {
namespace {

// How often a stopping agent looks whether it is done.
constexpr su_duration_t kStopStep = 10;

// How often the agent's thread shows that it turns.
constexpr su_duration_t kBeat = 500;

// Orders that are carried out before the sockets are read again: more let ACKs wait in a storm, fewer make
// the orders wait.
constexpr int kOrdersPerTurn = 2;

// With a leg or a NUA left the stack cannot be taken down safely: it stays, reachable, until the process
// ends.
void LeaveBehind(std::unique_ptr<Switchboard> switchboard) {
  static std::mutex mutex;
  static auto* const left = new std::vector<std::unique_ptr<Switchboard>>;
  const std::lock_guard lock(mutex);
  left->push_back(std::move(switchboard));
}

}  // namespace

base::Result<std::unique_ptr<Agent>> Agent::Start(const config::v1::Config& config, CallEvents* events,
                                                  metrics::Metrics* metrics,
                                                  std::vector<JournaledCall> journaled) {
  auto options = AgentOptions::From(config);
  if (!options.ok()) return options.error();
  std::unique_ptr<Agent> agent(new Agent(std::move(*options), *events, *metrics));
  std::promise<std::optional<base::Error>> opened;
  auto result = opened.get_future();
  agent->thread_ = std::thread(&Agent::Run, agent.get(), std::move(opened), std::move(journaled));
  if (auto error = result.get()) return *error;
  agent->certificates_.emplace(config.sip(), agent->options_.identities, *metrics);
  return agent;
}

Agent::Agent(AgentOptions options, CallEvents& events, metrics::Metrics& metrics)
    : options_(std::move(options)), events_(events), metrics_(metrics) {}

Agent::~Agent() {
  if (thread_.joinable()) Stop(std::chrono::seconds(2));
}

bool Agent::End(EndOrder order) {
  const std::lock_guard lock(mutex_);
  if (orders_.size() >= options_.max_orders || root_ == nullptr) return false;
  orders_.push_back(std::move(order));
  Wake();
  return true;
}

bool Agent::Release(const std::string& call) {
  const std::lock_guard lock(mutex_);
  if (releases_.size() >= options_.max_orders || root_ == nullptr) return false;
  releases_.push_back(call);
  Wake();
  return true;
}

void Agent::StopIntake() {
  const std::lock_guard lock(mutex_);
  stop_intake_ = true;
  Wake();
}

void Agent::HastenByes() {
  const std::lock_guard lock(mutex_);
  hasten_byes_ = true;
  Wake();
}

void Agent::Stop(std::chrono::milliseconds patience) {
  {
    const std::lock_guard lock(mutex_);
    stop_by_ = std::chrono::steady_clock::now() + patience;
    Wake();
  }
  thread_.join();
}

void Agent::Wake() {
  if (woken_ || root_ == nullptr) return;
  su_msg_r message = SU_MSG_R_INIT;
  if (su_msg_new(message, sizeof(void*)) != 0) return;
  woken_ = su_msg_send_to(message, su_root_task(root_), &Agent::OnWake) == 0;
}

void Agent::OnBeat(su_root_magic_t*, su_timer_t*, su_timer_arg_t* self) {
  reinterpret_cast<Agent*>(self)->turns_.fetch_add(1, std::memory_order_relaxed);
}

void Agent::OnWake(su_root_magic_t* self, su_msg_r, su_msg_arg_t*) {
  auto* agent = reinterpret_cast<Agent*>(self);
  if (agent->switchboard_ != nullptr) agent->TakeMail(*agent->switchboard_);
}

void Agent::TakeMail(Switchboard& switchboard) {
  std::vector<EndOrder> orders;
  std::string release;
  bool stop_intake = false;
  bool hasten_byes = false;
  bool stop = false;
  {
    const std::lock_guard lock(mutex_);
    woken_ = false;
    for (int i = 0; i < kOrdersPerTurn && !orders_.empty(); ++i) {
      orders.push_back(std::move(orders_.front()));
      orders_.pop_front();
    }
    if (!releases_.empty()) {
      release = std::move(releases_.front());
      releases_.pop_front();
    }
    if (!orders_.empty() || !releases_.empty()) Wake();
    stop_intake = stop_intake_;
    hasten_byes = hasten_byes_;
    stop = stop_by_.has_value();
  }
  if (stop_intake || stop) switchboard.StopIntake();
  for (EndOrder& order : orders) switchboard.End(std::move(order));
  if (!release.empty()) switchboard.Release(release);
  if (hasten_byes) switchboard.HastenByes();
  if (stop) su_root_break(root_);
}

void Agent::Run(std::promise<std::optional<base::Error>> opened, std::vector<JournaledCall> journaled) {
  pthread_setname_np(pthread_self(), "sip-agent");
  SilenceStackLog();
  su_init();
  su_root_t* root = su_root_create(reinterpret_cast<su_root_magic_t*>(this));
  su_root_threading(root, 0);
  su_timer_t* beat = su_timer_create(su_root_task(root), kBeat);
  su_timer_set_for_ever(beat, &Agent::OnBeat, reinterpret_cast<su_timer_arg_t*>(this));
  auto switchboard = std::make_unique<Switchboard>(root, options_, events_, metrics_);
  std::optional<base::Error> error = switchboard->Open();
  const bool open = !error;
  if (open) {
    switchboard->Recover(std::move(journaled));
    addresses_ = switchboard->addresses();
    switchboard_ = switchboard.get();
    const std::lock_guard lock(mutex_);
    root_ = root;
  }
  opened.set_value(std::move(error));
  if (open) {
    su_root_run(root);
    RunUntilStopped(root, *switchboard);
  } else {
    const std::lock_guard lock(mutex_);
    stop_by_ = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  }
  {
    const std::lock_guard lock(mutex_);
    root_ = nullptr;
  }
  switchboard_ = nullptr;
  if (!open) RunUntilStopped(root, *switchboard);
  if (!switchboard->closed()) {
    LeaveBehind(std::move(switchboard));
    return;
  }
  switchboard.reset();
  su_timer_destroy(beat);
  su_root_destroy(root);
  su_deinit();
}

void Agent::RunUntilStopped(su_root_t* root, Switchboard& switchboard) {
  std::chrono::steady_clock::time_point stop_by;
  {
    const std::lock_guard lock(mutex_);
    stop_by = *stop_by_;
  }
  const auto in_time = [stop_by] { return std::chrono::steady_clock::now() < stop_by; };
  switchboard.StopIntake();
  switchboard.LetGoOfAll();
  while (!switchboard.quiet() && in_time()) su_root_step(root, kStopStep);
  if (!switchboard.quiet()) {
    base::LogWarn("calls left at the end", {});
    return;
  }
  switchboard.CloseListeners();
  while (!switchboard.closed() && in_time()) su_root_step(root, kStopStep);
}

}  // namespace adieu::sip
