#include "server/sip/scanner.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace adieu::sip {
namespace {

// SIPVicious and its copies, and what else the block lists of proxies have that no phone calls itself.
constexpr std::array<std::string_view, 6> kNames = {"friendly-scanner", "friendly-request", "sipvicious",
                                                    "sundayddr",        "pplsip",           "sip-scan"};

char Lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

}  // namespace

bool IsScanner(std::string_view user_agent) {
  return std::any_of(kNames.begin(), kNames.end(), [&](std::string_view name) {
    return std::search(user_agent.begin(), user_agent.end(), name.begin(), name.end(),
                       [](char a, char b) { return Lower(a) == b; }) != user_agent.end();
  });
}

}  // namespace adieu::sip
