#pragma once

#include <sofia-sip/sip.h>

#include <cstdint>
#include <string>

#include "adieu/journal/v1/dialogs.pb.h"
#include "adieu/v1/call.pb.h"

namespace adieu::sip {

// What the journal keeps of one dialog, read from its messages as they pass. Owned by its leg; the agent's
// thread.
class DialogRecord {
 public:
  // The CSeq of a BYE in the next process is so much higher than the last one of ours that the journal knows:
  // not each request of ours is written down.
  static constexpr uint32_t kCseqMargin = 1000;

  DialogRecord() = default;
  explicit DialogRecord(journal::v1::Dialog dialog);

  // What an INVITE from the caller says; `local_tag`: of our side, may be empty until it is known.
  static journal::v1::Dialog OfCaller(const sip_t& invite, const std::string& local_tag);

  // An INVITE of ours to a target leaves, for the first time or with credentials.
  void BeginAsCallee(const sip_t& invite);
  // The target's 2xx to it. Of several the first one counts.
  void Establish(const sip_t& answer);
  // The tag of our side, if it was not known.
  void LearnLocalTag(const sip_t& response);
  // A later message of the dialog. True: the journal must be told.
  bool Learn(v1::Direction direction, const sip_t& sip);
  // The ACK of the 2xx to the INVITE came or left. True: the first one.
  bool Acknowledge();

  // The journal is told what `dialog` says.
  void OnWritten() { written_cseq_ = dialog_.local_cseq(); }
  journal::v1::Dialog& dialog() { return dialog_; }
  const journal::v1::Dialog& dialog() const { return dialog_; }

 private:
  journal::v1::Dialog dialog_;
  uint32_t written_cseq_ = 0;
};

}  // namespace adieu::sip
