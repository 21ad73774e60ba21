#include "server/config/read_yaml_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "server/config/yaml_tree.h"

namespace adieu::config {
namespace {

base::Error Unreadable(const std::string& path, int error) {
  return base::Error{.code = absl::StatusCode::kInvalidArgument,
                     .reason = "CONFIG_UNREADABLE",
                     .message = path + ": cannot be read: " + std::strerror(error)};
}

}  // namespace

base::Result<std::string> ReadYamlFile(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), &std::fclose);
  if (file == nullptr) return Unreadable(path, errno);
  // One byte more than allowed, so that a larger file is seen to be one.
  std::string text(kMaxYamlBytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return Unreadable(path, errno);
  return text;
}

}  // namespace adieu::config
