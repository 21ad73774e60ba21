#include "server/engine/ladder.h"

#include <google/protobuf/io/coded_stream.h>

namespace adieu::engine {
namespace {

using google::protobuf::io::CodedInputStream;

// Cuts between characters of UTF-8.
void Cut(std::string* text) {
  if (text->size() <= Ladder::kMaxText) return;
  size_t size = Ladder::kMaxText;
  while (size > 0 && (static_cast<unsigned char>((*text)[size]) & 0xC0) == 0x80) --size;
  text->resize(size);
}

void DropFirst(std::string* bytes) {
  CodedInputStream input(reinterpret_cast<const uint8_t*>(bytes->data()), static_cast<int>(bytes->size()));
  uint32_t size = 0;
  input.ReadTag();
  input.ReadVarint32(&size);
  bytes->erase(0, static_cast<size_t>(input.CurrentPosition()) + size);
}

}  // namespace

void Ladder::Append(const v1::SipMessage& message) {
  v1::Call one;
  v1::SipMessage* copy = one.add_messages();
  *copy = message;
  Cut(copy->mutable_reason_phrase());
  Cut(copy->mutable_reason());
  if (first_count_ < kFirst) {
    one.AppendToString(&first_);
    ++first_count_;
    return;
  }
  if (last_count_ == kLast) {
    DropFirst(&last_);
    --last_count_;
  }
  one.AppendToString(&last_);
  ++last_count_;
}

void Ladder::CopyTo(v1::Call* call) const {
  call->MergeFromString(first_);
  call->MergeFromString(last_);
}

}  // namespace adieu::engine
