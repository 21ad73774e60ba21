// Sends mutated configurations and tokens files through the checks that adieud makes of them.
//
//   config_fuzz SECONDS [SEED]
//
// Without a seed it draws one and prints it; the inputs depend on the seed alone. The corpus is in
// tests/fuzz/corpus/config and tokens, and in deploy. What is refused must be refused in clean lines that
// name the file; what is accepted stays accepted, and is one that the SIP agent can be made from or that it
// refuses by a clean line too. No file is read and no socket opened. Exit 0: nothing was found. 1: something
// was; the input is printed. A crash, a leak or a hang is for the shell, the sanitizers and ctest to tell.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/base/utf8.h"
#include "server/config/check.h"
#include "server/config/check_access.h"
#include "server/config/complete.h"
#include "server/config/from_yaml.h"
#include "server/config/settings.h"
#include "server/config/yaml_tree.h"
#include "server/sip/agent_options.h"
#include "tests/fuzz/mutator.h"
#include "tests/fuzz/run_fuzzer.h"
#include "tests/unit/base/source_file.h"

namespace adieu::config {
namespace {

constexpr char kName[] = "fuzz.yaml";

// Parts of the grammar, and what breaks parsers.
const std::vector<std::string> kWords = {"{",
                                         "}",
                                         "[",
                                         "]",
                                         ":",
                                         ": ",
                                         ",",
                                         "-",
                                         "\n",
                                         "\n  ",
                                         "\n- ",
                                         "\"",
                                         "'",
                                         "\\",
                                         "#",
                                         "&a ",
                                         "*a",
                                         "!!int ",
                                         "|\n",
                                         ">-\n",
                                         "---\n",
                                         "...\n",
                                         "? ",
                                         "<<: ",
                                         "~",
                                         "null",
                                         "true",
                                         "0",
                                         "-1",
                                         "1e309",
                                         "nan",
                                         "0x7f",
                                         "65536",
                                         "4294967296",
                                         "9223372036854775808",
                                         "1.5s",
                                         "1h",
                                         "-1s",
                                         "999999999999h",
                                         "1970-01-01T00:00:00Z",
                                         "127.0.0.1:0",
                                         "[::1]:5060",
                                         "0.0.0.0/0",
                                         "::ffff:1.2.3.4/120",
                                         "sip:a@b",
                                         "sip:[::1]:0;transport=tcp",
                                         "unix:/",
                                         "tls: {certificate_dir: x}",
                                         "redis: {url: x}",
                                         "routes: [",
                                         "forward: {targets: [",
                                         "match: {all_of: {matches: [",
                                         "park: {}",
                                         "memory: {}",
                                         "role: ADMIN",
                                         "regex: \"((a{100}){100}){100}\"",
                                         "\r\nVia: x",
                                         std::string(1, '\0'),
                                         "\x1b[2J",
                                         "\xff",
                                         "\xc3\xa9",
                                         "\xed\xa0\x80",
                                         "\xe2\x80\xa8",
                                         "\xef\xbb\xbf"};

bool IsCleanLine(const std::string& line, bool names_file) {
  constexpr size_t kMaxLine = 4'096;
  if (line.empty() || line.size() > kMaxLine || !base::IsUtf8(line)) return false;
  for (const char c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  }
  return !names_file || line.starts_with(kName) || line.starts_with("and ");
}

// What is wrong with an error; empty: nothing.
std::string WrongWith(const base::Error& error, bool names_file) {
  if (error.code != absl::StatusCode::kInvalidArgument || error.reason.empty()) return "not INVALID_ARGUMENT";
  std::string rest = error.message + '\n';
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    const std::string line = rest.substr(0, end);
    if (!IsCleanLine(line, names_file)) return "no clean line: " + line;
    rest.erase(0, end + 1);
  }
  return {};
}

class Fuzz {
 public:
  explicit Fuzz(uint32_t seed) : mutator_(kWords, seed) {
    Read("tests/fuzz/corpus/config", &configs_);
    Read("deploy/config", &configs_);
    Read("tests/fuzz/corpus/tokens", &tokens_);
  }

  // False: something was found, and told.
  bool Round() {
    ++rounds_;
    const bool is_config = mutator_.Upto(4) != 0;
    const auto& seeds = is_config ? configs_ : tokens_;
    const std::string text = mutator_.Mutate(mutator_.Of(seeds), mutator_.Of(seeds));
    const std::string wrong = is_config ? TryConfig(text) : TryTokens(text);
    if (wrong.empty()) return true;
    std::fprintf(stderr, "config_fuzz: FOUND: %s\nthe file:\n%s\n", wrong.c_str(), text.c_str());
    return false;
  }

  void Report(double seconds) const {
    std::printf("config_fuzz: %llu files in %.0f s, %llu could be read, %llu are good; nothing found\n",
                rounds_, seconds, read_, good_);
  }

 private:
  static void Read(const std::string& folder, std::vector<std::string>* seeds) {
    // In an order that does not depend on the file system.
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(base::SourceRoot() / folder)) {
      if (file.path().extension() == ".yaml") names.push_back(folder + "/" + file.path().filename().string());
    }
    if (names.empty()) std::abort();
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) seeds->push_back(base::SourceFile(name));
  }

  std::string TryConfig(const std::string& text) {
    auto settings = ParseConfig(text, kName);
    if (!settings.ok()) return WrongWith(settings.error(), true);
    ++read_;
    CompleteConfig(&settings->config);
    if (const auto error = CheckConfig(settings->config, settings->origins)) {
      return WrongWith(*error, false);
    }
    ++good_;
    const std::string first = settings->config.SerializeAsString();
    CompleteConfig(&settings->config);
    if (settings->config.SerializeAsString() != first) return "completed twice it is another one";
    const auto options = sip::AgentOptions::From(settings->config);
    return options.ok() ? "" : WrongWith(options.error(), false);
  }

  std::string TryTokens(const std::string& text) {
    const auto tree = ParseYaml(text, kName);
    if (!tree.ok()) return WrongWith(tree.error(), true);
    Origins origins;
    Problems problems(origins);
    v1::Access access;
    FromYaml(*tree, kName, &access, &origins, &problems);
    if (!problems.empty()) return WrongWith(problems.ToError(), true);
    ++read_;
    CheckAccess(access, mutator_.Upto(2) == 0, &problems);
    if (!problems.empty()) return WrongWith(problems.ToError(), false);
    ++good_;
    return {};
  }

  fuzz::Mutator mutator_;
  std::vector<std::string> configs_;
  std::vector<std::string> tokens_;
  unsigned long long rounds_ = 0;
  unsigned long long read_ = 0;
  unsigned long long good_ = 0;
};

}  // namespace
}  // namespace adieu::config

int main(int argc, char** argv) {
  return adieu::fuzz::RunFuzzer<adieu::config::Fuzz>("config_fuzz", argc, argv);
}
