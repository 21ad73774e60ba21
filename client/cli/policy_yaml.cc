#include "client/cli/policy_yaml.h"

#include <google/protobuf/util/json_util.h>

#include "client/cli/json_to_yaml.h"

namespace adieu::cli {

v1::CancelPolicy Essence(v1::CancelPolicy policy) {
  policy.clear_etag();
  policy.clear_create_time();
  policy.clear_update_time();
  policy.clear_origin();
  if (policy.mode() == v1::CANCEL_POLICY_MODE_UNSPECIFIED) policy.set_mode(v1::CANCEL_POLICY_MODE_DISABLED);
  return policy;
}

std::string ToYaml(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  return status.ok() ? JsonToYaml(json) : "";
}

}  // namespace adieu::cli
