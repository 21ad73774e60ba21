#include <google/protobuf/descriptor.h>
#include <google/protobuf/reflection.h>

#include <algorithm>
#include <cctype>
#include <string_view>
#include <vector>

#include "adieu/v1/cancel_policy_service.pb.h"
#include "adieu/v1/match.pb.h"
#include "adieu/v1/sensitivity.pb.h"
#include "adieu/v1/treatment.pb.h"
#include "server/base/mask.h"

namespace adieu::base {
namespace {

using adieu::v1::CallMatch;
using adieu::v1::Header;
using adieu::v1::HeaderMatch;
using adieu::v1::LabelMatch;
using adieu::v1::MatchExplanation;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// A text that is not a URI may be a name, so nothing of it stays.
std::string MaskText(const std::string& text) {
  if (text.empty()) return "";
  const bool is_uri = text.rfind("sip:", 0) == 0 || text.rfind("sips:", 0) == 0 || text.rfind("tel:", 0) == 0;
  return is_uri ? MaskUri(text) : "*****";
}

bool IsSame(const std::string& name, std::string_view other) {
  return std::equal(name.begin(), name.end(), other.begin(), other.end(), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  });
}

void MaskStrings(const Reflection& reflection, const FieldDescriptor& field, Message* message) {
  if (!field.is_repeated()) {
    reflection.SetString(message, &field, MaskText(reflection.GetString(*message, &field)));
    return;
  }
  for (int i = 0; i < reflection.FieldSize(*message, &field); ++i) {
    reflection.SetRepeatedString(message, &field, i,
                                 MaskText(reflection.GetRepeatedString(*message, &field, i)));
  }
}

// What a header or a label is called, which tells about nobody.
bool IsName(const FieldDescriptor& field) {
  const auto* type = field.containing_type();
  if (type->options().map_entry()) return field.number() == type->map_key()->number();
  return (type == Header::descriptor() && field.number() == Header::kNameFieldNumber) ||
         (type == HeaderMatch::descriptor() && field.number() == HeaderMatch::kNameFieldNumber) ||
         (type == LabelMatch::descriptor() && field.number() == LabelMatch::kKeyFieldNumber);
}

bool IsPersonal(const FieldDescriptor& field) {
  return field.options().GetExtension(adieu::v1::sensitivity) == adieu::v1::SENSITIVITY_PERSONAL;
}

// A message that tells about nobody, whatever the options of its fields are.
bool IsHarmless(const Message& message) {
  if (message.GetDescriptor() == Header::descriptor()) {
    const auto& header = static_cast<const Header&>(message);
    return IsSame(header.name(), "Reason") || IsSame(header.name(), "Retry-After");
  }
  if (message.GetDescriptor() == MatchExplanation::descriptor()) {
    const auto& node = static_cast<const MatchExplanation&>(message);
    const FieldDescriptor* field = CallMatch::descriptor()->FindFieldByName(node.node());
    return field != nullptr && !IsPersonal(*field);
  }
  return false;
}

// `personal`: a field above had the option.
void Mask(Message* message, bool personal) {
  const bool harmless = IsHarmless(*message);
  const Reflection& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool hide = !harmless && (personal || IsPersonal(*field));
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      if (hide && !IsName(*field)) MaskStrings(reflection, *field, message);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (!field->is_repeated()) {
        Mask(reflection.MutableMessage(message, field), hide);
        continue;
      }
      for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
        Mask(reflection.MutableRepeatedMessage(message, field, i), hide);
      }
    }
  }
}

}  // namespace

void MaskPersonal(Message* message) { Mask(message, false); }

}  // namespace adieu::base
