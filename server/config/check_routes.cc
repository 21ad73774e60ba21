#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "server/config/check.h"

namespace adieu::config {
namespace {

constexpr int kMaxRoutes = 1000;
constexpr size_t kMaxLabels = 32;
constexpr size_t kMaxLabelKey = 63;
constexpr size_t kMaxLabelValue = 256;
constexpr size_t kMaxHeaderName = 64;

void CheckLabelKey(const std::string& key, const std::string& path, Problems* problems) {
  const bool valid = !key.empty() && key.size() <= kMaxLabelKey &&
                     key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos;
  if (!valid) problems->Add(path, "the key must be 1 to 63 characters of a-z, 0-9, `_` and `-`");
}

// RFC 3261 25.1.
bool IsToken(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-.!%*_+`'~").find(c) != std::string_view::npos;
  });
}

// What proves who somebody is never leaves the server.
bool IsSecret(std::string name) {
  constexpr std::array<std::string_view, 4> kSecret = {"authorization", "proxy-authorization", "identity",
                                                       "y"};
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(kSecret.begin(), kSecret.end(), name) != kSecret.end();
}

void CheckLabels(const v1::Route& route, const std::string& path, Problems* problems) {
  const size_t count = route.labels().size() + route.label_headers().size();
  if (count > kMaxLabels) {
    problems->Add(path + ".labels", "must be at most " + std::to_string(kMaxLabels) +
                                        " together with label_headers, are " + std::to_string(count));
  }
  // In the order of their keys, so that the problems are always in the same order.
  const std::map<std::string, std::string> labels(route.labels().begin(), route.labels().end());
  for (const auto& [key, value] : labels) {
    const std::string label_path = path + ".labels." + key;
    CheckLabelKey(key, label_path, problems);
    if (value.size() > kMaxLabelValue) {
      problems->Add(label_path, "must be at most " + std::to_string(kMaxLabelValue) + " bytes, is " +
                                    std::to_string(value.size()));
    }
  }
  const std::map<std::string, std::string> headers(route.label_headers().begin(),
                                                   route.label_headers().end());
  for (const auto& [key, header] : headers) {
    const std::string label_path = path + ".label_headers." + key;
    CheckLabelKey(key, label_path, problems);
    if (!IsToken(header) || header.size() > kMaxHeaderName) {
      problems->Add(label_path, "must be the name of a header, at most 64 bytes, is " + Quote(header));
    } else if (IsSecret(header)) {
      problems->Add(label_path, "must not be " + header + ", which never leaves the server");
    }
    if (labels.count(key) > 0) problems->Add(label_path, "is also in labels");
  }
}

}  // namespace

void CheckRoutes(const v1::Config& config, Problems* problems) {
  if (config.routes_size() > kMaxRoutes) {
    problems->Add("routes", "must be at most " + std::to_string(kMaxRoutes));
    return;
  }
  std::map<std::string, int> names;
  for (int i = 0; i < config.routes_size(); ++i) {
    const v1::Route& route = config.routes(i);
    const std::string path = "routes[" + std::to_string(i) + "]";
    CheckName(route.name(), path + ".name", problems);
    const auto [same, is_new] = names.emplace(route.name(), i);
    if (!is_new && !route.name().empty()) {
      problems->Add(path + ".name", "is also the name of routes[" + std::to_string(same->second) + "]");
    }
    CheckLabels(route, path, problems);
    if (route.has_park()) {
      CheckDuration(route.park().timeout(), std::chrono::seconds(1), std::chrono::hours(1),
                    path + ".park.timeout", problems);
    }
    if (route.has_forward()) CheckForward(route.forward(), config.sip(), path + ".forward", problems);
  }
}

}  // namespace adieu::config
