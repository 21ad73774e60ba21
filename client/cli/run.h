#pragma once

#include <iostream>
#include <string>
#include <vector>

namespace adieu::cli {

// The program `adieu` without its process: `args` are those after the program's name. Blocks until the
// command is done; returns the exit code (session.h: Exit). `colour`: `out` is a terminal that wants colours;
// `progress`: `err` is a terminal. `in` is read where a file's name is `-`. Reads ADIEU_SERVER from the
// environment. Any thread, several at once.
int Run(const std::vector<std::string>& args, std::ostream& out, std::ostream& err, bool colour = false,
        std::istream& in = std::cin, bool progress = false);

}  // namespace adieu::cli
