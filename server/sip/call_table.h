#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "server/sip/call.h"

namespace adieu::sip {

// The calls of one agent by name, and their legs by dialog. Owns the calls; the agent's thread. Pointers it
// gives are good until Remove of that name, or of that leg.
class CallTable {
 public:
  // With its caller leg.
  Call& Add(std::unique_ptr<Call> call);
  // Null: no such call.
  Call* Find(const std::string& name) const;
  void Remove(const std::string& name);

  // The latest leg of a dialog key is the one that FindLeg gives.
  void AddLeg(Leg& leg);
  // Null: no such leg.
  Leg* FindLeg(const std::string& dialog_key) const;
  void RemoveLeg(const Leg& leg);

  bool empty() const { return calls_.empty(); }
  const std::unordered_map<std::string, std::unique_ptr<Call>>& calls() const { return calls_; }

 private:
  // Before the calls: they let go of their legs when they die.
  std::unordered_map<std::string, Leg*> legs_;
  std::unordered_map<std::string, std::unique_ptr<Call>> calls_;
};

}  // namespace adieu::sip
