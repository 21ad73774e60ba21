#include "client/cli/machine_output.h"

#include <google/protobuf/util/json_util.h>

#include "client/cli/json_to_yaml.h"

namespace adieu::cli {

std::string ToJson(const google::protobuf::Message& message, bool line) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.add_whitespace = !line;
  std::string json;
  // Fails only for timestamps and durations out of their range, which the server does not send.
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok()) return "{}";
  while (!json.empty() && json.back() == '\n') json.pop_back();
  return json;
}

std::string ToYaml(const google::protobuf::Message& message) { return JsonToYaml(ToJson(message, true)); }

void PrintMachine(const Session& session, const google::protobuf::Message& message, bool stream) {
  if (session.output == Output::kYaml) {
    session.out << (stream ? "---\n" : "") << ToYaml(message);
  } else {
    session.out << ToJson(message, stream) << '\n';
  }
  if (stream) session.out.flush();
}

}  // namespace adieu::cli
