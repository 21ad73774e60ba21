#include "server/sip/hops.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/su_alloc.h>
#include <sofia-sip/url.h>

#include <algorithm>
#include <array>
#include <vector>

#include "server/policy/ascii.h"
#include "server/sip/header_text.h"
#include "server/sip/hop_header.h"

namespace adieu::sip {
namespace {

// RFC 3261 8.1.1.6 and 20.22.
constexpr int kInitialMaxForwards = 70;
constexpr unsigned long kMostMaxForwards = 255;

// Octets of the hash in a token, which has two hexadecimal digits for each.
constexpr size_t kTokenBytes = 8;

bool IsToken(std::string_view text) {
  return text.size() == 2 * kTokenBytes && std::all_of(text.begin(), text.end(), [](char c) {
           return policy::IsDigit(c) || (c >= 'a' && c <= 'f');
         });
}

// What tells a loop from a spiral. No URI has a line feed.
std::string Way(const sip_t& invite) {
  su_home_t home[1] = {SU_HOME_INIT(home)};
  su_home_init(home);
  std::string way;
  const auto add = [&](const url_t* url) {
    const char* text = url != nullptr ? url_as_string(home, url) : nullptr;
    way.append(text != nullptr ? text : "").append("\n");
  };
  add(invite.sip_request != nullptr ? invite.sip_request->rq_url : nullptr);
  add(invite.sip_from != nullptr ? invite.sip_from->a_url : nullptr);
  add(invite.sip_to != nullptr ? invite.sip_to->a_url : nullptr);
  for (const sip_route_t* route = invite.sip_route; route != nullptr; route = route->r_next)
    add(route->r_url);
  su_home_deinit(home);
  return way;
}

// HMAC-SHA-256, cut. Empty: the library has none; then Max-Forwards alone stops a loop.
std::string Token(std::string_view secret, const std::string& way) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash;
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(way.data()), way.size(), hash.data(), &size) == nullptr) {
    return "";
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::string token;
  for (size_t i = 0; i < kTokenBytes; ++i) {
    token.push_back(digits[hash[i] >> 4]);
    token.push_back(digits[hash[i] & 0xF]);
  }
  return token;
}

std::vector<std::string> TokensOf(const sip_t& invite) {
  std::vector<std::string> tokens;
  VisitHeaders(invite, [&](const HeaderText& header) {
    if (!policy::EqualIgnoringCase(header.name, kHopHeader)) return;
    constexpr std::string_view between = ", \t\r\n";
    for (std::string_view rest = header.value; !rest.empty() && tokens.size() <= kMaxHops;) {
      const std::string_view token = rest.substr(0, rest.find_first_of(between));
      if (IsToken(token)) tokens.emplace_back(token);
      rest.remove_prefix(token.empty() ? 1 : token.size());
    }
  });
  return tokens;
}

}  // namespace

HopCheck CheckHops(const sip_t& invite, std::string_view secret) {
  HopCheck check{.verdict = HopCheck::Verdict::kTooManyHops};
  const sip_max_forwards_t* left = invite.sip_max_forwards;
  if (left != nullptr && left->mf_count == 0) return check;
  std::vector<std::string> tokens = TokensOf(invite);
  if (std::string own = Token(secret, Way(invite)); !own.empty()) {
    if (std::find(tokens.begin(), tokens.end(), own) != tokens.end()) {
      check.verdict = HopCheck::Verdict::kLoop;
      return check;
    }
    tokens.push_back(std::move(own));
  }
  if (tokens.size() > kMaxHops) return check;
  check.verdict = HopCheck::Verdict::kPass;
  check.max_forwards = left != nullptr ? static_cast<int>(std::min(left->mf_count, kMostMaxForwards)) - 1
                                       : kInitialMaxForwards;
  for (const std::string& token : tokens) {
    check.header.append(check.header.empty() ? std::string(kHopHeader) + ": " : ", ").append(token);
  }
  if (!check.header.empty()) check.header += "\r\n";
  return check;
}

}  // namespace adieu::sip
