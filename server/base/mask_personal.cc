#include <google/protobuf/descriptor.h>
#include <google/protobuf/reflection.h>

#include <vector>

#include "adieu/v1/sensitivity.pb.h"
#include "adieu/v1/treatment.pb.h"
#include "server/base/mask.h"

namespace adieu::base {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// A text that is not a URI may be a name, so nothing of it stays.
std::string MaskText(const std::string& text) {
  if (text.empty()) return "";
  const bool is_uri = text.rfind("sip:", 0) == 0 || text.rfind("sips:", 0) == 0 || text.rfind("tel:", 0) == 0;
  return is_uri ? MaskUri(text) : "*****";
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

bool IsHeaderName(const FieldDescriptor& field) {
  return field.containing_type() == adieu::v1::Header::descriptor() &&
         field.number() == adieu::v1::Header::kNameFieldNumber;
}

// `personal`: a field above had the option.
void Mask(Message* message, bool personal) {
  const Reflection& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool hide =
        personal || field->options().GetExtension(adieu::v1::sensitivity) == adieu::v1::SENSITIVITY_PERSONAL;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      if (hide && !IsHeaderName(*field)) MaskStrings(reflection, *field, message);
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
