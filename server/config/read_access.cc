#include "server/config/read_access.h"

#include <optional>
#include <utility>

#include "server/config/check_access.h"
#include "server/config/from_yaml.h"
#include "server/config/pem.h"
#include "server/config/problems.h"
#include "server/config/read_file.h"
#include "server/config/read_yaml_file.h"
#include "server/config/yaml_tree.h"

namespace adieu::config {
namespace {

constexpr size_t kMinSecret = 32;
constexpr size_t kMaxSecret = 4'096;
constexpr size_t kMaxPem = 64 * 1024;

base::Error Refuse(const std::string& why) {
  return base::Error{.code = absl::StatusCode::kInvalidArgument, .reason = "KEY_INVALID", .message = why};
}

std::optional<base::Error> CheckSecret(const std::string& secret) {
  // Everybody has a public key, and so could sign with it.
  if (secret.starts_with("-----BEGIN")) return Refuse("must be a secret, not PEM");
  if (secret.size() < kMinSecret || secret.size() > kMaxSecret) return Refuse("must have 32 to 4096 bytes");
  return std::nullopt;
}

std::optional<base::Error> CheckKey(v1::TokenAlgorithm algorithm, const std::string& key) {
  switch (algorithm) {
    case v1::TOKEN_ALGORITHM_HS256:
      return CheckSecret(key);
    case v1::TOKEN_ALGORITHM_RS256:
      return CheckRsaPublicKey(key);
    case v1::TOKEN_ALGORITHM_ES256:
      return CheckP256PublicKey(key);
    default:
      return Refuse("has no algorithm");
  }
}

void ReadKey(const std::string& path, v1::TokenKey* key, Problems* problems) {
  const bool is_secret = key->algorithm() == v1::TOKEN_ALGORITHM_HS256;
  // The newline at the end is not counted.
  auto text = ReadFile(key->file(), is_secret ? kMaxSecret + 1 : kMaxPem);
  if (!text.ok()) return problems->Add(path, text.error().message);
  if (is_secret && text->ends_with('\n')) text->pop_back();
  if (const auto wrong = CheckKey(key->algorithm(), *text)) {
    return problems->Add(path, "the file " + Quote(key->file()) + " " + wrong->message);
  }
  key->set_key(*std::move(text));
}

void ReadKeys(v1::Access* access, Problems* problems) {
  for (int i = 0; i < access->issuers_size(); ++i) {
    v1::TokenIssuer& issuer = *access->mutable_issuers(i);
    for (int j = 0; j < issuer.keys_size(); ++j) {
      ReadKey("issuers[" + std::to_string(i) + "].keys[" + std::to_string(j) + "].file",
              issuer.mutable_keys(j), problems);
    }
  }
}

}  // namespace

base::Result<v1::Access> ReadAccess(const std::string& path, bool client_cas) {
  const auto text = ReadYamlFile(path);
  if (!text.ok()) return text.error();
  const auto tree = ParseYaml(*text, path);
  if (!tree.ok()) return tree.error();
  v1::Access access;
  Origins origins;
  Problems problems(origins);
  FromYaml(*tree, path, &access, &origins, &problems);
  if (!problems.empty()) return problems.ToError();
  for (v1::TokenIssuer& issuer : *access.mutable_issuers()) {
    if (issuer.role_claim().empty()) issuer.set_role_claim("roles");
  }
  CheckAccess(access, client_cas, &problems);
  if (!problems.empty()) return problems.ToError();
  ReadKeys(&access, &problems);
  if (!problems.empty()) return problems.ToError();
  return access;
}

}  // namespace adieu::config
