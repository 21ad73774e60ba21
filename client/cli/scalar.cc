#include "client/cli/scalar.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>

#include <charconv>
#include <cstdint>
#include <limits>

namespace adieu::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

template <typename Number>
std::optional<std::string> WrongNumber(const std::string& text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return std::nullopt;
  return "\"" + text + "\" is not a whole number from " + std::to_string(std::numeric_limits<Number>::min()) +
         " to " + std::to_string(std::numeric_limits<Number>::max());
}

bool IsDuration(const Descriptor& type) { return type.full_name() == "google.protobuf.Duration"; }

}  // namespace

std::optional<std::string> WrongScalar(const FieldDescriptor& field, const std::string& text) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return WrongNumber<int32_t>(text);
    case FieldDescriptor::CPPTYPE_INT64:
      return WrongNumber<int64_t>(text);
    case FieldDescriptor::CPPTYPE_UINT32:
      return WrongNumber<uint32_t>(text);
    case FieldDescriptor::CPPTYPE_UINT64:
      return WrongNumber<uint64_t>(text);
    case FieldDescriptor::CPPTYPE_BOOL:
      if (text == "true" || text == "false") return std::nullopt;
      return "\"" + text + "\" is neither true nor false";
    default:
      return std::nullopt;
  }
}

bool IsTextMessage(const Descriptor& type) {
  return IsDuration(type) || type.full_name() == "google.protobuf.Timestamp";
}

std::optional<std::string> WrongTextMessage(const Descriptor& type, const std::string& text) {
  using google::protobuf::util::TimeUtil;
  if (IsDuration(type)) {
    google::protobuf::Duration duration;
    if (TimeUtil::FromString(text, &duration)) return std::nullopt;
    return "\"" + text + "\" is not a duration in seconds (30s, 1.5s)";
  }
  google::protobuf::Timestamp time;
  if (TimeUtil::FromString(text, &time)) return std::nullopt;
  return "\"" + text + "\" is not a time (2025-03-01T12:00:00Z)";
}

}  // namespace adieu::cli
