#pragma once

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>

#include <stdexcept>
#include <string>

namespace adieu {

// A message from its text form.
template <typename Message>
Message FromText(const std::string& text) {
  Message message;
  if (!google::protobuf::TextFormat::ParseFromString(text, &message)) throw std::invalid_argument(text);
  return message;
}

// The message is the one of this text form.
MATCHER_P(EqualsText, text, "") {
  return google::protobuf::util::MessageDifferencer::Equals(
      arg, FromText<std::remove_cv_t<std::remove_reference_t<decltype(arg)>>>(text));
}

}  // namespace adieu
