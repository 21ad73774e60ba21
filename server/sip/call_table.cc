#include "server/sip/call_table.h"

#include <utility>

namespace adieu::sip {

Call& CallTable::Add(std::unique_ptr<Call> call) {
  Call& added = *call;
  AddLeg(added.caller());
  calls_[added.name()] = std::move(call);
  return added;
}

Call* CallTable::Find(const std::string& name) const {
  const auto found = calls_.find(name);
  return found == calls_.end() ? nullptr : found->second.get();
}

void CallTable::Remove(const std::string& name) { calls_.erase(name); }

void CallTable::AddLeg(Leg& leg) { legs_[leg.dialog_key()] = &leg; }

Leg* CallTable::FindLeg(const std::string& dialog_key) const {
  const auto found = legs_.find(dialog_key);
  return found == legs_.end() ? nullptr : found->second;
}

void CallTable::RemoveLeg(const Leg& leg) {
  const auto found = legs_.find(leg.dialog_key());
  if (found != legs_.end() && found->second == &leg) legs_.erase(found);
}

}  // namespace adieu::sip
