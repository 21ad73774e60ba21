#include "server/api/audit.h"

#include <google/protobuf/descriptor.h>

#include "server/base/log.h"
#include "server/base/status_name.h"

namespace adieu::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The field with this name and type, when it is set. Null: it is not.
const FieldDescriptor* Field(const Message& message, const char* name, FieldDescriptor::CppType type) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || field->is_repeated() || field->cpp_type() != type) return nullptr;
  return message.GetReflection()->HasField(message, field) ? field : nullptr;
}

std::string Text(const Message& message, const char* name) {
  const FieldDescriptor* field = Field(message, name, FieldDescriptor::CPPTYPE_STRING);
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

std::string TextWithin(const Message& message, const char* within, const char* name) {
  const FieldDescriptor* field = Field(message, within, FieldDescriptor::CPPTYPE_MESSAGE);
  return field == nullptr ? "" : Text(message.GetReflection()->GetMessage(message, field), name);
}

const char* RoleText(v1::Role role) {
  switch (role) {
    case v1::ROLE_VIEWER:
      return "viewer";
    case v1::ROLE_OPERATOR:
      return "operator";
    case v1::ROLE_ADMIN:
      return "admin";
    default:
      return "none";
  }
}

std::string ResourceOf(const Message& request) {
  if (std::string name = Text(request, "name"); !name.empty()) return name;
  if (std::string call_id = Text(request, "sip_call_id"); !call_id.empty()) return call_id;
  if (std::string name = TextWithin(request, "cancel_policy", "name"); !name.empty()) return name;
  const std::string id = Text(request, "cancel_policy_id");
  return id.empty() ? "" : "cancelPolicies/" + id;
}

}  // namespace

Change ChangeOf(const Message& request) {
  const bool inlined = Field(request, "inline_policy", FieldDescriptor::CPPTYPE_MESSAGE) != nullptr;
  return {.resource = ResourceOf(request),
          .policy = inlined ? "cancelPolicies/inline" : Text(request, "policy"),
          .request_id = Text(request, "request_id"),
          .validate_only = Field(request, "validate_only", FieldDescriptor::CPPTYPE_BOOL) != nullptr};
}

std::string ResultOf(const Message& response) {
  const std::string name = Text(response, "name");
  return name.empty() ? Text(response, "sweep") : name;
}

void Audit(const std::string& method, const access::Caller& caller, const std::string& address,
           const Change& change, const std::string& result, const base::Error* error) {
  base::LogAudit({{"principal", caller.principal},
                  {"role", RoleText(caller.role)},
                  {"address", address},
                  {"method", method},
                  {"resource", change.resource},
                  {"policy", change.policy},
                  {"request_id", change.request_id},
                  {"validate_only", change.validate_only},
                  {"code", error == nullptr ? "OK" : base::StatusName(error->code)},
                  {"reason", error == nullptr ? "" : error->reason},
                  {"result", result}});
}

}  // namespace adieu::api
