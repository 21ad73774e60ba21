#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "server/sip/parked_call.h"

namespace adieu::sip {

// The calls of one agent, by name and by dialog. Owns them; the agent's thread. Pointers it gives are good
// until Remove of that name.
class CallTable {
 public:
  // The latest call of a dialog key is the one that FindDialog gives.
  ParkedCall& Add(std::unique_ptr<ParkedCall> call);
  // nullptr: no such call.
  ParkedCall* Find(const std::string& name) const;
  ParkedCall* FindDialog(const std::string& dialog_key) const;
  void Remove(const std::string& name);

  bool empty() const { return calls_.empty(); }
  const std::unordered_map<std::string, std::unique_ptr<ParkedCall>>& calls() const { return calls_; }

 private:
  std::unordered_map<std::string, std::unique_ptr<ParkedCall>> calls_;
  std::unordered_map<std::string, ParkedCall*> dialogs_;
};

}  // namespace adieu::sip
