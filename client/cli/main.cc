#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string_view>

#include "client/cli/run.h"

namespace {

// https://no-color.org: present and not empty switches colours off.
bool WantsColour() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0') &&
         (term == nullptr || std::string_view(term) != "dumb");
}

}  // namespace

int main(int argc, char** argv) {
  return adieu::cli::Run({argv + 1, argv + argc}, std::cout, std::cerr, WantsColour());
}
