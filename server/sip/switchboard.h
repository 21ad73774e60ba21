#pragma once

#include <sofia-sip/nua.h>
#include <sofia-sip/su_wait.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/base/error.h"
#include "server/sip/agent_options.h"
#include "server/sip/call_context.h"
#include "server/sip/call_table.h"
#include "server/sip/connections.h"
#include "server/sip/early_invites.h"
#include "server/sip/entrance.h"
#include "server/sip/hops.h"
#include "server/sip/journal_inbox.h"
#include "server/sip/listener.h"
#include "server/sip/local_tags.h"
#include "server/sip/next_hop.h"
#include "server/sip/recovery.h"
#include "server/sip/resolver.h"
#include "server/sip/timer_queue.h"
#include "server/sip/wire_tap.h"

namespace adieu::sip {

// Brings what NUA and the wire tap tell of an agent's listeners to the calls. Lives on the agent's thread
// from before the first listener opens until after the last one closed; owns the listeners and the calls.
class Switchboard : public WireListener, public NextHops, public LocalTags {
 public:
  Switchboard(su_root_t* root, const AgentOptions& options, CallEvents& events, metrics::Metrics& metrics);
  ~Switchboard() override;
  Switchboard(const Switchboard&) = delete;
  Switchboard& operator=(const Switchboard&) = delete;

  // Opens every listener and proves that tap and guards hold on each. Nothing: it did.
  std::optional<base::Error> Open();
  std::vector<ListenAddress> addresses() const;
  // Takes up the calls of the process before this one, then lets the peers in. After Open, once.
  void Recover(std::vector<JournaledCall> calls);

  void End(EndOrder order);
  // The call goes on, if it is held.
  void Release(const std::string& call);
  // New INVITEs get 503 from now on.
  void StopIntake() { intake_open_ = false; }
  // No BYE waits for its time any more.
  void HastenByes();
  // Lets go of every call that nobody ended.
  void LetGoOfAll();
  // No leg is left; at most the ACKs of refusals are missing.
  bool quiet() const;
  // Closes the listeners; only when quiet.
  void CloseListeners();
  bool closed() const;

  bool Admits(const sockaddr_storage& source) override;
  Passage OnReceived(const WireMessage& message) override;
  void OnMalformed() override;
  void OnBroken(tport_s* connection) override;
  void OnConnected(tport_s* connection) override;
  void OnClosed(tport_s* connection) override;
  bool Sends(const sip_t& sip) override;
  void OnSent(const WireMessage& message) override;
  std::string NextHop(const sip_t& request) const override;
  std::string Branch(const sip_t& request) const override;
  uint32_t CseqShift(const sip_t& request) const override;
  std::string TagFor(const sip_t& invite) override;

 private:
  static void OnNuaEvent(nua_event_t event, int status, char const* phrase, nua_t* nua, nua_magic_t* self,
                         nua_handle_t* handle, nua_hmagic_t* call, sip_t const* sip, tagi_t tags[]);
  // What NUA tells of a handle that is no leg's.
  void OnStranger(const NuaEvent& event, nua_handle_t* handle);
  void OnInvite(nua_t* nua, nua_handle_t* handle, const sip_t& sip);
  void Take(nua_t* nua, nua_handle_t* handle, const sip_t& sip);
  // False: the INVITE may not go on, and was answered.
  bool MayGoOn(nua_handle_t* handle, const sip_t& sip, HopCheck* hops);
  ForwardSeed SeedOfForward(const ForwardPlan& plan, nua_t* nua, const sip_t& sip,
                            const HopCheck& hops) const;
  void OnStored(const JournalInbox::Answer& answer);
  // Why no new call is taken at all.
  std::optional<metrics::RejectReason> Closed() const;
  void RefuseForNow(nua_handle_t* handle, const sip_t& sip, metrics::RejectReason reason);
  void AnswerStranger(const NuaEvent& event, nua_handle_t* handle);
  void Count(v1::Direction direction, const sip_t& sip, const Leg* leg);
  static void Tell(v1::Direction direction, const WireMessage& message, Leg& leg);
  // The leg of a message that the peer (`by_peer`) or we sent. Null: there is none.
  Leg* LegOf(const sip_t& sip, bool by_peer) const;
  const Listener* ListenerOf(const nua_t* nua) const;
  const Listener* ListenerFor(const Endpoint& endpoint, nua_t* came_by) const;
  const Listener* ListenerOfDialog(const journal::v1::Dialog& dialog) const;
  void Resume(const RecoveredCall& recovered);
  // The replay that a message of ours, or one that the stack is given, belongs to. Null: none.
  Replay* ReplayOf(const sip_t& sip) const { return recovery_ ? recovery_->Find(sip) : nullptr; }
  void Drop(const std::string& call);
  static void OnDrop(su_root_magic_t*, su_msg_r, su_msg_arg_t* self);

  su_root_t* const root_;
  const AgentOptions& options_;
  CallEvents& events_;
  metrics::Metrics& metrics_;
  // Keys the marks that our calls carry along (hops.h).
  const std::string secret_;
  TimerQueue timers_;
  Resolver resolver_;
  // Null: there is no journal.
  const std::shared_ptr<JournalInbox> journal_;
  CallContext context_;
  Entrance entrance_;
  Connections connections_;
  EarlyInvites early_invites_;
  CallTable calls_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  // One message each is under way, in this order.
  std::deque<std::string> to_drop_;
  bool intake_open_ = true;
  // Messages of peers are kept until the calls of the process before are there.
  bool closed_to_peers_ = true;
  // While it runs.
  std::unique_ptr<Recovery> recovery_;
  // While tap and guards are proved nothing is counted.
  bool proving_ = false;
  tport_s* proved_on_ = nullptr;
  uint64_t proved_received_ = 0;
  uint64_t proved_sent_ = 0;
};

}  // namespace adieu::sip
