#include "server/engine/ladder.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <array>

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

bool IsTooLong(const v1::SipMessage& message) {
  return message.reason_phrase().size() > Ladder::kMaxText || message.reason().size() > Ladder::kMaxText;
}

// Appends what a v1::Call with nothing but this message would be.
void AppendAsCall(const v1::SipMessage& message, std::string* bytes) {
  using google::protobuf::internal::WireFormatLite;
  using google::protobuf::io::CodedOutputStream;
  std::array<uint8_t, 16> head;
  uint8_t* end = CodedOutputStream::WriteTagToArray(
      WireFormatLite::MakeTag(v1::Call::kMessagesFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED),
      head.data());
  end = CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(message.ByteSizeLong()), end);
  bytes->append(head.data(), end);
  message.AppendToString(bytes);
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
  if (IsTooLong(message)) {
    v1::SipMessage shorter = message;
    Cut(shorter.mutable_reason_phrase());
    Cut(shorter.mutable_reason());
    Append(shorter);
    return;
  }
  if (first_count_ < kFirst) {
    AppendAsCall(message, &first_);
    ++first_count_;
    return;
  }
  if (last_count_ == kLast) {
    DropFirst(&last_);
    --last_count_;
  }
  AppendAsCall(message, &last_);
  ++last_count_;
}

void Ladder::CopyTo(v1::Call* call) const {
  call->MergeFromString(first_);
  call->MergeFromString(last_);
}

}  // namespace adieu::engine
