#include "server/config/read_secret_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "server/base/utf8.h"
#include "server/config/problems.h"

namespace adieu::config {
namespace {

constexpr size_t kMaxBytes = 4096;

base::Error Refuse(const char* reason, const std::string& path, const std::string& why) {
  return base::Error{.code = absl::StatusCode::kInvalidArgument,
                     .reason = reason,
                     .message = "the file " + Quote(path) + " " + why};
}

base::Error Unreadable(const std::string& path, int error) {
  return Refuse("SECRET_UNREADABLE", path, std::string("cannot be read: ") + std::strerror(error));
}

}  // namespace

base::Result<std::string> ReadSecretFile(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), &std::fclose);
  if (file == nullptr) return Unreadable(path, errno);
  // One byte more than allowed, so that a larger file is seen to be one.
  std::string secret(kMaxBytes + 1, '\0');
  secret.resize(std::fread(secret.data(), 1, secret.size(), file.get()));
  if (std::ferror(file.get()) != 0) return Unreadable(path, errno);
  if (secret.size() > kMaxBytes) return Refuse("SECRET_INVALID", path, "is larger than 4096 bytes");
  if (secret.ends_with('\n')) secret.pop_back();
  if (secret.empty()) return Refuse("SECRET_INVALID", path, "is empty");
  if (!base::IsUtf8(secret)) return Refuse("SECRET_INVALID", path, "is not UTF-8 text");
  if (base::HasControl(secret)) {
    return Refuse("SECRET_INVALID", path, "must be one line without control characters");
  }
  // Where the SIP stack divides what it is given.
  if (secret.find_first_of("\"\\:") != std::string::npos) {
    return Refuse("SECRET_INVALID", path, "must not have `\"`, `\\` or `:`");
  }
  return secret;
}

}  // namespace adieu::config
