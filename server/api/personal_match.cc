#include "server/api/personal_match.h"

#include <google/protobuf/descriptor.h>

#include <vector>

#include "adieu/v1/cancel_policy_service.pb.h"
#include "adieu/v1/match.pb.h"
#include "adieu/v1/sensitivity.pb.h"

namespace adieu::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool IsPersonal(const FieldDescriptor& field) {
  return field.options().GetExtension(v1::sensitivity) == v1::SENSITIVITY_PERSONAL;
}

// `personal`: a field above had the option.
std::optional<std::string> Find(const Message& message, const std::string& path, bool personal) {
  if (personal && message.GetDescriptor() == v1::StringMatch::descriptor()) {
    const auto& match = static_cast<const v1::StringMatch&>(message);
    const bool may_be = match.pattern_case() == v1::StringMatch::kExact ||
                        match.pattern_case() == v1::StringMatch::PATTERN_NOT_SET;
    return may_be ? std::nullopt : std::optional(path);
  }
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const bool inner = personal || IsPersonal(*field);
    const std::string name = (path.empty() ? "" : path + ".") + field->name();
    if (!field->is_repeated()) {
      if (auto found = Find(reflection.GetMessage(message, field), name, inner)) return found;
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      const std::string item = name + "[" + std::to_string(i) + "]";
      if (auto found = Find(reflection.GetRepeatedMessage(message, field, i), item, inner)) return found;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> FindPersonalMatch(const Message& request) {
  if (request.GetDescriptor() == v1::ExplainCancelPolicyRequest::descriptor() &&
      !static_cast<const v1::ExplainCancelPolicyRequest&>(request).has_call()) {
    return std::nullopt;
  }
  return Find(request, "", false);
}

}  // namespace adieu::api
