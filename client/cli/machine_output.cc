#include "client/cli/machine_output.h"

#include <google/protobuf/util/json_util.h>

#include <string>

#include "client/cli/escape.h"
#include "client/cli/json_to_yaml.h"

namespace adieu::cli {

int PrintMachine(const Session& session, const google::protobuf::Message& message, bool stream) {
  const bool yaml = session.output == Output::kYaml;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.add_whitespace = !stream && !yaml;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok()) {
    session.err << "adieu: the answer does not fit into JSON: " << Escape(status.ToString()) << '\n';
    return kRefused;
  }
  while (!json.empty() && json.back() == '\n') json.pop_back();
  if (yaml) {
    session.out << (stream ? "---\n" : "") << JsonToYaml(json);
  } else {
    session.out << json << '\n';
  }
  if (stream) session.out.flush();
  return kOk;
}

}  // namespace adieu::cli
