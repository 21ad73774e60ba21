#pragma once

#include <sofia-sip/nua.h>
#include <sofia-sip/sip.h>

namespace adieu::sip {

// What NUA tells of one handle. Valid during the call only.
struct NuaEvent {
  nua_event_t event;
  int status;
  nua_t* nua;
  // Null for events that no message caused.
  const sip_t* sip;

  // No message of the peer stands behind a response: a timeout, a refused connection, an inner failure.
  bool MadeByStack() const;
};

// Whose a handle is: what it is bound to. The agent's thread.
class HandleOwner {
 public:
  virtual ~HandleOwner() = default;

  // What NUA says of the handle.
  virtual void OnNua(const NuaEvent& event) = 0;
};

// Makes the handle `owner`'s. Null: nobody's.
inline void Bind(nua_handle_t* handle, HandleOwner* owner) {
  nua_handle_bind(handle, reinterpret_cast<nua_hmagic_t*>(owner));
}

}  // namespace adieu::sip
