#include "client/cli/json_to_yaml.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <vector>

namespace adieu::cli {
namespace {

bool IsPlain(std::string_view text) {
  static constexpr std::array<std::string_view, 9> kReserved = {"true", "false", "null", "yes", "no",
                                                                "on",   "off",   "y",    "n"};
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (lower.empty() || lower[0] < 'a' || lower[0] > 'z') return false;
  if (std::find(kReserved.begin(), kReserved.end(), lower) != kReserved.end()) return false;
  return std::all_of(lower.begin(), lower.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '/' || c == '-' || c == '.';
  });
}

// JSON writes a character beyond U+FFFF as two \u escapes, YAML as one \U; protobuf escapes < and > for HTML.
std::string Unescape(std::string_view token) {
  std::string joined;
  for (size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '\\') {
      joined += token[i];
      continue;
    }
    unsigned high = 0, low = 0;
    const std::string escapes(token.substr(i, 12));
    const int read = std::sscanf(escapes.c_str(), "\\u%4x\\u%4x", &high, &low);
    if (read == 2 && (high & 0xfc00) == 0xd800) {
      char text[16];
      std::snprintf(text, sizeof text, "\\U%08x", 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff));
      joined += text;
      i += 11;
    } else if (high == '<' || high == '>') {
      joined += static_cast<char>(high);
      i += 5;
    } else {
      joined += token.substr(i, 2);
      ++i;
    }
  }
  return joined;
}

// The lines of a text of several lines that can stand as they are. Empty: it must be quoted.
std::vector<std::string> Lines(std::string_view inner) {
  std::vector<std::string> lines(1);
  for (size_t i = 0; i < inner.size(); ++i) {
    if (inner[i] != '\\') {
      lines.back() += inner[i];
    } else if (const char escaped = inner[++i]; escaped == 'n') {
      lines.emplace_back();
    } else if (escaped == '"' || escaped == '\\') {
      lines.back() += escaped;
    } else {
      return {};
    }
  }
  // `|` keeps one line break at the end, `|-` none.
  const bool blank_end = lines.size() > 1 && lines[lines.size() - 2].empty();
  const bool several = lines.size() > 2 || (lines.size() == 2 && !lines[1].empty());
  const bool indented = lines[0].empty() || lines[0][0] == ' ';
  return several && !indented && !(lines.back().empty() && blank_end) ? lines : std::vector<std::string>();
}

// Reads JSON from the front and writes YAML at an indentation.
class Converter {
 public:
  explicit Converter(std::string_view json) : json_(json) {}

  std::string Convert() {
    Value(0, "");
    return std::move(yaml_);
  }

 private:
  char Peek() {
    while (!json_.empty() && std::isspace(static_cast<unsigned char>(json_[0]))) json_.remove_prefix(1);
    return json_.empty() ? '\0' : json_[0];
  }
  bool Take(char c) {
    if (Peek() != c) return false;
    json_.remove_prefix(1);
    return true;
  }

  // A text, number, true, false or null, as YAML writes it.
  std::string Scalar() {
    size_t size = 1;
    if (Peek() == '"') {
      while (size < json_.size() && json_[size] != '"') size += json_[size] == '\\' ? 2 : 1;
      const std::string_view token = json_.substr(0, size + 1);
      json_.remove_prefix(std::min(json_.size(), size + 1));
      const std::string_view inner = token.substr(1, token.size() - 2);
      return IsPlain(inner) ? std::string(inner) : Unescape(token);
    }
    size = std::min(json_.find_first_of(",]} \t\r\n"), json_.size());
    const std::string token(json_.substr(0, size));
    json_.remove_prefix(size);
    return token;
  }

  // The text that comes next as a block of lines. False: it is not one.
  bool Block(size_t indent, std::string_view lead) {
    size_t size = 1;
    while (size < json_.size() && json_[size] != '"') size += json_[size] == '\\' ? 2 : 1;
    auto lines = Lines(Unescape(json_.substr(1, size - 1)));
    if (lines.empty()) return false;
    json_.remove_prefix(std::min(json_.size(), size + 1));
    yaml_.append(lead) += lines.back().empty() ? "|\n" : "|-\n";
    if (lines.back().empty()) lines.pop_back();
    for (const auto& line : lines) yaml_.append(line.empty() ? 0 : indent, ' ').append(line) += '\n';
    return true;
  }

  // `lead` goes before a scalar on the same line; a block that is not empty begins on the next line, or after
  // a dash on the same one.
  void Value(size_t indent, std::string_view lead, bool after_dash = false) {
    const char open = Peek();
    if (open == '"' && Block(indent, lead)) return;
    if (open != '{' && open != '[') {
      yaml_.append(lead).append(Scalar()) += '\n';
      return;
    }
    Take(open);
    const char close = open == '{' ? '}' : ']';
    if (Take(close)) {
      yaml_.append(lead).append({open, close}) += '\n';
      return;
    }
    if (after_dash) {
      yaml_ += ' ';
    } else if (!lead.empty()) {
      yaml_ += '\n';
    }
    bool first = true;
    do {
      if (!(first && after_dash)) yaml_.append(indent, ' ');
      first = false;
      if (open == '{') {
        yaml_.append(Scalar()) += ':';
        Take(':');
        Value(indent + 2, " ");
      } else {
        yaml_ += '-';
        Value(indent + 2, " ", true);
      }
    } while (Take(','));
    Take(close);
  }

  std::string_view json_;
  std::string yaml_;
};

}  // namespace

std::string JsonToYaml(std::string_view json) { return Converter(json).Convert(); }

}  // namespace adieu::cli
