#include "client/cli/message_file.h"

#include <google/protobuf/util/json_util.h>
#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "client/cli/yaml_to_json.h"

namespace adieu::cli {
namespace {

constexpr size_t kMostBytes = 1024 * 1024;

}  // namespace

std::optional<std::string> ReadMessageFile(const std::string& path, google::protobuf::Message& message) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(kMostBytes + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    return path + ": cannot be read: " + std::strerror(errno != 0 ? errno : EIO);
  }
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kMostBytes) return path + ": more than 1 MiB";
  try {
    const auto documents = YAML::LoadAll(text);
    if (documents.size() != 1) {
      return path + ": must hold one YAML document, not " + std::to_string(documents.size());
    }
    const std::string json = YamlToJson(documents[0], *message.GetDescriptor());
    const auto status = google::protobuf::util::JsonStringToMessage(json, &message);
    if (!status.ok()) return path + ": " + std::string(status.message().data(), status.message().size());
  } catch (const YAML::Exception& wrong) {
    return path + ": " + wrong.what();
  } catch (const BadYaml& wrong) {
    return path + ": " + wrong.what();
  }
  return std::nullopt;
}

}  // namespace adieu::cli
