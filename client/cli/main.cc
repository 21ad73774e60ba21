#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string_view>

#include "client/cli/run.h"

namespace {

bool IsTerminal(int file) {
  const char* term = std::getenv("TERM");
  return isatty(file) == 1 && (term == nullptr || std::string_view(term) != "dumb");
}

// https://no-color.org: present and not empty switches colours off.
bool WantsColour() {
  const char* no_color = std::getenv("NO_COLOR");
  return IsTerminal(STDOUT_FILENO) && (no_color == nullptr || *no_color == '\0');
}

}  // namespace

int main(int argc, char** argv) {
  return adieu::cli::Run({argv + 1, argv + argc}, std::cout, std::cerr, WantsColour(), std::cin,
                         IsTerminal(STDERR_FILENO));
}
