#include "server/config/read_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "server/config/problems.h"

namespace adieu::config {
namespace {

base::Error Refuse(const char* reason, const std::string& path, const std::string& why) {
  return base::Error{.code = absl::StatusCode::kInvalidArgument,
                     .reason = reason,
                     .message = "the file " + Quote(path) + " " + why};
}

base::Error Unreadable(const std::string& path, int error) {
  return Refuse("FILE_UNREADABLE", path, std::string("cannot be read: ") + std::strerror(error));
}

}  // namespace

base::Result<std::string> ReadFile(const std::string& path, size_t max_bytes) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), &std::fclose);
  if (file == nullptr) return Unreadable(path, errno);
  // One byte more than allowed, so that a larger file is seen to be one.
  std::string text(max_bytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return Unreadable(path, errno);
  if (text.size() > max_bytes) {
    return Refuse("FILE_TOO_LARGE", path, "is larger than " + std::to_string(max_bytes) + " bytes");
  }
  return text;
}

}  // namespace adieu::config
