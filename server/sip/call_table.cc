#include "server/sip/call_table.h"

#include <utility>

namespace adieu::sip {

ParkedCall& CallTable::Add(std::unique_ptr<ParkedCall> call) {
  ParkedCall& added = *call;
  dialogs_[added.dialog_key()] = &added;
  calls_[added.name()] = std::move(call);
  return added;
}

ParkedCall* CallTable::Find(const std::string& name) const {
  const auto found = calls_.find(name);
  return found == calls_.end() ? nullptr : found->second.get();
}

ParkedCall* CallTable::FindDialog(const std::string& dialog_key) const {
  const auto found = dialogs_.find(dialog_key);
  return found == dialogs_.end() ? nullptr : found->second;
}

void CallTable::Remove(const std::string& name) {
  const auto found = calls_.find(name);
  if (found == calls_.end()) return;
  const auto dialog = dialogs_.find(found->second->dialog_key());
  if (dialog != dialogs_.end() && dialog->second == found->second.get()) dialogs_.erase(dialog);
  calls_.erase(found);
}

}  // namespace adieu::sip
