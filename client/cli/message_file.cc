#include "client/cli/message_file.h"

#include <google/protobuf/util/json_util.h>
#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <variant>

#include "client/cli/yaml_to_json.h"

namespace adieu::cli {
namespace {

constexpr size_t kMostBytes = 1024 * 1024;

// The name of the file before what is wrong with it.
std::string At(const std::string& file, int line, const std::string& wrong) {
  return file + (line > 0 ? ":" + std::to_string(line) : "") + ": " + wrong;
}

// Reads all of `in`. Nothing: more than kMostBytes.
std::optional<std::string> ReadText(std::istream& in) {
  std::string text(kMostBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  if (text.size() > kMostBytes) return std::nullopt;
  return text;
}

// The documents of a file, or what is wrong with it.
std::variant<std::vector<YAML::Node>, std::string> ReadDocuments(const std::string& name, std::istream& in) {
  const bool open = in.good();
  if (open) errno = 0;
  const auto text = open ? ReadText(in) : std::string();
  if (!open || in.bad()) return name + ": cannot be read: " + std::strerror(errno != 0 ? errno : EIO);
  if (!text) return name + ": more than 1 MiB";
  try {
    return YAML::LoadAll(*text);
  } catch (const YAML::Exception& wrong) {
    return At(name, wrong.mark.is_null() ? 0 : wrong.mark.line + 1, wrong.msg);
  }
}

std::optional<std::string> Fill(const std::string& name, const YAML::Node& document,
                                google::protobuf::Message& message, FieldLines& lines) {
  try {
    const std::string json = YamlToJson(document, *message.GetDescriptor(), lines);
    const auto status = google::protobuf::util::JsonStringToMessage(json, &message);
    if (status.ok()) return std::nullopt;
    return At(name, lines.Find(""), std::string(status.message().data(), status.message().size()));
  } catch (const BadYaml& wrong) {
    return At(name, wrong.line(), wrong.what());
  }
}

}  // namespace

std::optional<std::string> ReadMessageFile(const std::string& path, google::protobuf::Message& message,
                                           FieldLines* lines) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  const auto documents = ReadDocuments(path, file);
  if (const auto* wrong = std::get_if<std::string>(&documents)) return *wrong;
  const auto& read = std::get<std::vector<YAML::Node>>(documents);
  if (read.size() != 1) return path + ": must hold one YAML document, not " + std::to_string(read.size());
  FieldLines unused;
  return Fill(path, read[0], message, lines != nullptr ? *lines : unused);
}

std::optional<std::string> ReadMessagesFile(const std::string& path, std::istream& in,
                                            const std::function<MessageSlot()>& next) {
  const bool standard = path == "-";
  const std::string name = standard ? "stdin" : path;
  errno = 0;
  std::ifstream file;
  if (!standard) file.open(path, std::ios::binary);
  const auto documents = ReadDocuments(name, standard ? in : file);
  if (const auto* wrong = std::get_if<std::string>(&documents)) return *wrong;
  for (const auto& document : std::get<std::vector<YAML::Node>>(documents)) {
    if (document.IsNull()) continue;
    const MessageSlot slot = next();
    if (auto wrong = Fill(name, document, slot.message, slot.lines)) return wrong;
  }
  return std::nullopt;
}

}  // namespace adieu::cli
