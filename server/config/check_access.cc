#include "server/config/check_access.h"

#include <map>
#include <string>

#include "server/config/check.h"

namespace adieu::config {
namespace {

constexpr int kMaxTokens = 1'000;
constexpr int kMaxIssuers = 100;
constexpr int kMaxCertificates = 1'000;
constexpr int kMaxAudiences = 16;
constexpr int kMaxKeys = 16;
constexpr int kMaxRoles = 1'000;
constexpr size_t kMaxText = 256;

std::string Item(const std::string& path, int i) { return path + "[" + std::to_string(i) + "]"; }

// False, and a problem, when there are too many.
bool CheckCount(int count, int max, const std::string& path, Problems* problems) {
  if (count <= max) return true;
  problems->Add(path, "must be at most " + std::to_string(max) + ", are " + std::to_string(count));
  return false;
}

void CheckText(const std::string& text, const std::string& path, Problems* problems) {
  if (text.empty()) {
    problems->Add(path, "is required");
  } else if (text.size() > kMaxText) {
    problems->Add(
        path, "must be at most " + std::to_string(kMaxText) + " bytes, is " + std::to_string(text.size()));
  }
}

void CheckRole(adieu::v1::Role role, const std::string& path, Problems* problems) {
  if (role == adieu::v1::ROLE_UNSPECIFIED) problems->Add(path, "is required");
}

// Finds values that are there twice.
class Unique {
 public:
  // `item.field` has this value.
  void Check(const std::string& value, const std::string& item, const std::string& field,
             Problems* problems) {
    const auto [same, is_new] = items_.emplace(value, item);
    if (!is_new && !value.empty()) {
      problems->Add(item + "." + field, "is also the " + field + " of " + same->second);
    }
  }

 private:
  std::map<std::string, std::string> items_;
};

void CheckTokens(const v1::Access& access, Problems* problems) {
  if (!CheckCount(access.tokens_size(), kMaxTokens, "tokens", problems)) return;
  Unique names;
  Unique hashes;
  for (int i = 0; i < access.tokens_size(); ++i) {
    const v1::StaticToken& token = access.tokens(i);
    const std::string item = Item("tokens", i);
    CheckName(token.name(), item + ".name", problems);
    CheckRole(token.role(), item + ".role", problems);
    if (token.sha256().size() != 64 ||
        token.sha256().find_first_not_of("0123456789abcdef") != std::string::npos) {
      problems->Add(item + ".sha256", token.sha256().empty()
                                          ? "is required"
                                          : "must be the SHA-256 of the token, 64 characters of 0-9 and a-f");
    }
    names.Check(token.name(), item, "name", problems);
    hashes.Check(token.sha256(), item, "sha256", problems);
  }
}

void CheckKeys(const v1::TokenIssuer& issuer, const std::string& path, Problems* problems) {
  if (issuer.keys().empty()) problems->Add(path, "is required");
  if (!CheckCount(issuer.keys_size(), kMaxKeys, path, problems)) return;
  for (int i = 0; i < issuer.keys_size(); ++i) {
    if (issuer.keys(i).algorithm() == v1::TOKEN_ALGORITHM_UNSPECIFIED) {
      problems->Add(Item(path, i) + ".algorithm", "is required");
    }
    if (issuer.keys(i).file().empty()) problems->Add(Item(path, i) + ".file", "is required");
  }
}

void CheckRoles(const v1::TokenIssuer& issuer, const std::string& path, Problems* problems) {
  if (issuer.roles().empty()) problems->Add(path, "is required");
  if (!CheckCount(issuer.roles_size(), kMaxRoles, path, problems)) return;
  Unique values;
  for (int i = 0; i < issuer.roles_size(); ++i) {
    CheckText(issuer.roles(i).value(), Item(path, i) + ".value", problems);
    CheckRole(issuer.roles(i).role(), Item(path, i) + ".role", problems);
    values.Check(issuer.roles(i).value(), Item(path, i), "value", problems);
  }
}

void CheckIssuers(const v1::Access& access, Problems* problems) {
  if (!CheckCount(access.issuers_size(), kMaxIssuers, "issuers", problems)) return;
  Unique names;
  Unique issuers;
  for (int i = 0; i < access.issuers_size(); ++i) {
    const v1::TokenIssuer& issuer = access.issuers(i);
    const std::string item = Item("issuers", i);
    CheckName(issuer.name(), item + ".name", problems);
    CheckText(issuer.issuer(), item + ".issuer", problems);
    if (issuer.audiences().empty()) problems->Add(item + ".audiences", "is required");
    if (CheckCount(issuer.audiences_size(), kMaxAudiences, item + ".audiences", problems)) {
      for (int j = 0; j < issuer.audiences_size(); ++j) {
        CheckText(issuer.audiences(j), Item(item + ".audiences", j), problems);
      }
    }
    CheckKeys(issuer, item + ".keys", problems);
    if (!issuer.role_claim().empty()) CheckText(issuer.role_claim(), item + ".role_claim", problems);
    CheckRoles(issuer, item + ".roles", problems);
    names.Check(issuer.name(), item, "name", problems);
    issuers.Check(issuer.issuer(), item, "issuer", problems);
  }
}

void CheckCertificates(const v1::Access& access, bool client_cas, Problems* problems) {
  if (!CheckCount(access.certificates_size(), kMaxCertificates, "certificates", problems)) return;
  if (!access.certificates().empty() && !client_cas) {
    problems->Add("certificates", "need api.tls.client_ca_file: without it no client shows a certificate");
  }
  Unique names;
  for (int i = 0; i < access.certificates_size(); ++i) {
    const std::string item = Item("certificates", i);
    CheckText(access.certificates(i).name(), item + ".name", problems);
    CheckRole(access.certificates(i).role(), item + ".role", problems);
    names.Check(access.certificates(i).name(), item, "name", problems);
  }
}

}  // namespace

void CheckAccess(const v1::Access& access, bool client_cas, Problems* problems) {
  if (access.tokens().empty() && access.issuers().empty() && access.certificates().empty()) {
    problems->Add("", "must have tokens, issuers or certificates");
  }
  CheckTokens(access, problems);
  CheckIssuers(access, problems);
  CheckCertificates(access, client_cas, problems);
}

}  // namespace adieu::config
