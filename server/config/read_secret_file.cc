#include "server/config/read_secret_file.h"

#include "server/base/utf8.h"
#include "server/config/problems.h"
#include "server/config/read_file.h"

namespace adieu::config {
namespace {

constexpr size_t kMaxBytes = 4096;

base::Error Refuse(const std::string& path, const std::string& why) {
  return base::Error{.code = absl::StatusCode::kInvalidArgument,
                     .reason = "SECRET_INVALID",
                     .message = "the file " + Quote(path) + " " + why};
}

}  // namespace

base::Result<std::string> ReadSecretFile(const std::string& path) {
  base::Result<std::string> read = ReadFile(path, kMaxBytes);
  if (!read.ok()) return read.error();
  std::string& secret = *read;
  if (secret.ends_with('\n')) secret.pop_back();
  if (secret.empty()) return Refuse(path, "is empty");
  if (!base::IsUtf8(secret)) return Refuse(path, "is not UTF-8 text");
  if (base::HasControl(secret)) {
    return Refuse(path, "must be one line without control characters");
  }
  // Where the SIP stack divides what it is given.
  if (secret.find_first_of("\"\\:") != std::string::npos) {
    return Refuse(path, "must not have `\"`, `\\` or `:`");
  }
  return read;
}

}  // namespace adieu::config
