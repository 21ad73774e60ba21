#include "server/policy/header_check.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "server/policy/ascii.h"
#include "server/policy/text_check.h"

namespace adieu::policy {
namespace {

constexpr int kMaxHeaders = 16;
constexpr size_t kMaxNameBytes = 64;
constexpr size_t kMaxValueBytes = 512;

// With their compact forms (RFC 3261 7.3.3). Content-* and its compact forms as well.
constexpr std::array<std::string_view, 27> kRefused = {"via",
                                                       "v",
                                                       "from",
                                                       "f",
                                                       "to",
                                                       "t",
                                                       "call-id",
                                                       "i",
                                                       "cseq",
                                                       "contact",
                                                       "m",
                                                       "route",
                                                       "record-route",
                                                       "max-forwards",
                                                       "require",
                                                       "rseq",
                                                       "rack",
                                                       "supported",
                                                       "k",
                                                       "allow",
                                                       "reason",
                                                       "retry-after",
                                                       "warning",
                                                       "error-info",
                                                       "c",
                                                       "e",
                                                       "l"};

// What a value of a mandatory header looks like.
enum class Form { kTokens, kSeconds, kChallenge, kAny };

struct Mandatory {
  int status_code;
  std::string_view header;
  Form form;
};

constexpr std::array kMandatory = {
    Mandatory{401, "WWW-Authenticate", Form::kChallenge},
    Mandatory{405, "Allow", Form::kTokens},
    Mandatory{407, "Proxy-Authenticate", Form::kChallenge},
    Mandatory{420, "Unsupported", Form::kTokens},
    Mandatory{421, "Require", Form::kTokens},
    Mandatory{422, "Min-SE", Form::kSeconds},
    Mandatory{423, "Min-Expires", Form::kSeconds},
    Mandatory{608, "Call-Info", Form::kAny},
};

const Mandatory* MandatoryFor(int status_code) {
  const auto found = std::find_if(kMandatory.begin(), kMandatory.end(),
                                  [&](const Mandatory& m) { return m.status_code == status_code; });
  return found == kMandatory.end() ? nullptr : &*found;
}

bool IsRefused(std::string_view name, const Mandatory* mandatory) {
  if (mandatory != nullptr && EqualIgnoringCase(name, mandatory->header)) return false;
  const std::string lower = Lower(name);
  return lower.starts_with("content-") ||
         std::find(kRefused.begin(), kRefused.end(), lower) != kRefused.end();
}

std::string_view Trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool AreTokens(std::string_view text) {
  for (;;) {
    const size_t comma = text.find(',');
    if (!IsToken(Trimmed(text.substr(0, comma)))) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

bool IsSeconds(std::string_view text) {
  text = Trimmed(text.substr(0, text.find(';')));
  return !text.empty() && text.size() <= 9 && std::all_of(text.begin(), text.end(), IsDigit);
}

// A scheme, then parameters: `Digest realm="example.com", nonce="..."`.
bool IsChallenge(std::string_view text) {
  text = Trimmed(text);
  const size_t space = text.find(' ');
  return space != std::string_view::npos && IsToken(text.substr(0, space)) &&
         text.find('=') != std::string_view::npos;
}

bool HasForm(std::string_view value, Form form) {
  switch (form) {
    case Form::kTokens:
      return AreTokens(value);
    case Form::kSeconds:
      return IsSeconds(value);
    case Form::kChallenge:
      return IsChallenge(value);
    case Form::kAny:
      break;
  }
  return !Trimmed(value).empty();
}

std::optional<base::Error> CheckHeader(const v1::Header& header, const Mandatory* mandatory,
                                       const std::string& path) {
  const std::string name = Join(path, "name");
  if (header.name().size() > kMaxNameBytes || !IsToken(header.name())) {
    return base::InvalidField(
        name, "must be a token of 1 to " + std::to_string(kMaxNameBytes) + " bytes (RFC 3261 25.1)");
  }
  if (IsRefused(header.name(), mandatory)) {
    return base::InvalidField(name, header.name() + " may not be given here");
  }
  if (auto error = CheckText(header.value(), kMaxValueBytes, Join(path, "value"))) return error;
  if (mandatory != nullptr && EqualIgnoringCase(header.name(), mandatory->header) &&
      !HasForm(header.value(), mandatory->form)) {
    return base::InvalidField(Join(path, "value"),
                              "is not a value of " + std::string(mandatory->header) + " (RFC 3261 20)");
  }
  return std::nullopt;
}

}  // namespace

std::optional<base::Error> CheckHeaders(const v1::FinalResponse& response, const std::string& path) {
  const std::string headers = Join(path, "headers");
  if (response.headers_size() > kMaxHeaders) {
    return base::InvalidField(headers, "must have at most " + std::to_string(kMaxHeaders) + " headers, has " +
                                           std::to_string(response.headers_size()));
  }
  const Mandatory* mandatory = MandatoryFor(response.status_code());
  bool found = false;
  for (int i = 0; i < response.headers_size(); ++i) {
    if (auto error = CheckHeader(response.headers(i), mandatory, At(headers, i))) return error;
    found =
        found || (mandatory != nullptr && EqualIgnoringCase(response.headers(i).name(), mandatory->header));
  }
  if (mandatory != nullptr && !found) {
    return base::InvalidField(headers, "a " + std::to_string(response.status_code()) + " needs a " +
                                           std::string(mandatory->header) + " header");
  }
  return std::nullopt;
}

}  // namespace adieu::policy
